"""Gives the turns of a transcript their speakers, times and questions.

A label becomes a block of markup, and its speaker and time locators from there to the next turn. A question that
another speaker answers becomes a block in the role of a question, and the blocks of the answer name it. What an
interviewer states stays a finding.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from index.readers.blocks import trimmed_block
from index.readers.extracted import ComposedText
from index.readers.questions import MIN_ASKED, SpokenTurn, question_spans
from index.readers.speaker_labels import Form, Label
from index.readers.speakers import speaker_labels
from index.text.transcript import Block, Locator, Role

MAX_HEADING_CHARACTERS = 100
MIN_TURNS = 10  # in which to see whether turns have more than one paragraph
MAX_LONGER_TURNS = 0.1  # share of turns with more paragraphs, below which the last has none either

_SENTENCE_END = re.compile(r"[.!?…:;,–—-][\"'”’)\]*_]*$")
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_LETTERED = (Form.QUESTION, Form.NUMBERED, Form.ANSWER)
_OUTSIDE = (Role.HEADING, Role.TITLE, Role.STRAPLINE)


@dataclass(slots=True)
class _Turn:
    """What is said after a label. `pieces` are numbers of blocks; `end` is where words of nobody named begin."""

    label: Label
    pieces: list[int] = field(default_factory=list)
    end: int | None = None

    @property
    def speaker(self) -> str:
        return self.label.form if self.label.form in _LETTERED else self.label.key


def with_turns(composed: ComposedText) -> ComposedText:
    """Returns a text with its turns; unchanged where it has none."""
    declared = any(locator.kind == "speaker" for locator in composed.locators)
    labels = _labels_of_locators(composed) if declared else speaker_labels(composed.text)
    if not labels:
        return composed
    text = composed.text
    pieces = _cut(text, composed.blocks, [point for label in labels for point in (label.start, label.end)])
    pieces = [replace(piece, role=Role.MARKUP) if _is_within(piece, labels) else piece for piece in pieces]
    turns = _turns(text, pieces, [label for label in labels if label.form is not Form.TIME])
    questions = _questions(text, pieces, turns)
    blocks = _cut(text, pieces, [point for question in questions for point in question])
    inside = _Spans(questions)
    blocks = [replace(block, role=Role.QUESTION) if inside.contain(block) else block for block in blocks]
    blocks = _with_relations(_with_answers(blocks, turns), composed.blocks)
    locators = [*composed.locators, *([] if declared else _locators(labels, turns))]
    return replace(
        composed,
        blocks=_with_sections(text, blocks, composed.blocks),
        locators=tuple(sorted(locators, key=lambda locator: locator.start)),
    )


class _Spans:
    """Spans in order that do not overlap."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        self._spans = spans
        self._starts = [start for start, _ in spans]

    def contain(self, block: Block) -> bool:
        number = bisect_right(self._starts, block.start) - 1
        return number >= 0 and block.end <= self._spans[number][1]


def _labels_of_locators(composed: ComposedText) -> list[Label]:
    """Returns the labels that a reader has found: markup where a speaker begins."""
    markup = {block.start: block.end for block in composed.blocks if block.role is Role.MARKUP}
    return [
        Label(Form.COLON, locator.start, markup.get(locator.start, locator.start), locator.label)
        for locator in composed.locators
        if locator.kind == "speaker"
    ]


def _cut(text: str, blocks: Sequence[Block], points: Sequence[int]) -> list[Block]:
    """Returns the blocks, cut at some characters."""
    ordered = sorted(points)
    cut = []
    for block in blocks:
        within = ordered[bisect_right(ordered, block.start) : bisect_left(ordered, block.end)]
        for start, end in pairwise([block.start, *within, block.end]):
            piece = trimmed_block(text, block.role, start, end)
            if piece is not None:
                cut.append(replace(block, role=piece.role, start=piece.start, end=piece.end))
    return cut


def _is_within(piece: Block, labels: Sequence[Label]) -> bool:
    number = bisect_right(labels, piece.start, key=lambda label: label.start) - 1
    return number >= 0 and piece.end <= labels[number].end


def _turns(text: str, pieces: list[Block], labels: Sequence[Label]) -> list[_Turn]:
    """Returns the turns. Changes the role of pieces that begin a turn, or that head the next."""
    turns: list[_Turn] = []
    for number, piece in enumerate(pieces):
        while len(turns) < len(labels) and labels[len(turns)].start <= piece.start:
            turns.append(_Turn(labels[len(turns)]))
        if piece.role is Role.MARKUP or not turns or turns[-1].end is not None:
            continue
        turn = turns[-1]
        if not turn.pieces:
            pieces[number] = replace(piece, role=Role.FINDING) if piece.role in _OUTSIDE else piece
        elif piece.role in _OUTSIDE or _heads_next_turn(text, pieces, number, labels[len(turns) : len(turns) + 1]):
            turn.end = piece.start
            pieces[number] = replace(piece, role=Role.HEADING) if piece.role is Role.FINDING else piece
            continue
        turn.pieces.append(number)
    _end_last_turn(text, pieces, turns)
    return turns


def _heads_next_turn(text: str, pieces: Sequence[Block], number: int, following: Sequence[Label]) -> bool:
    """Whether a short paragraph directly before a label, without the end of a sentence, is a heading."""
    piece, before = pieces[number], pieces[number - 1]
    words = text[piece.start : piece.end]
    return (
        bool(following)
        and number + 1 < len(pieces)
        and pieces[number + 1].start == following[0].start
        and len(words) <= MAX_HEADING_CHARACTERS
        and "\n" not in words
        and (words[0].isupper() or words[0].isdigit())
        and not _SENTENCE_END.search(words)
        and _SENTENCE_END.search(text[before.start : before.end]) is not None
        and _BLANK_LINE.search(text[before.end : piece.start]) is not None
    )


def _end_last_turn(text: str, pieces: Sequence[Block], turns: Sequence[_Turn]) -> None:
    """Ends the last turn after its first paragraph, where hardly any other turn has a second."""
    seconds = [_second_paragraph(text, pieces, turn) for turn in turns]
    longer = sum(1 for second in seconds[:-1] if second is not None)
    if len(turns) < MIN_TURNS or longer > MAX_LONGER_TURNS * len(turns) or seconds[-1] is None:
        return
    last = turns[-1]
    last.end = pieces[last.pieces[seconds[-1]]].start
    last.pieces = last.pieces[: seconds[-1]]


def _second_paragraph(text: str, pieces: Sequence[Block], turn: _Turn) -> int | None:
    for position, (before, after) in enumerate(pairwise(turn.pieces), start=1):
        if _BLANK_LINE.search(text[pieces[before].end : pieces[after].start]):
            return position
    return None


def _questions(text: str, pieces: Sequence[Block], turns: Sequence[_Turn]) -> list[tuple[int, int]]:
    spoken = [
        SpokenTurn(
            turn.speaker, turn.label.form, tuple((pieces[piece].start, pieces[piece].end) for piece in turn.pieces)
        )
        for turn in turns
    ]
    return [span for spans in question_spans(text, spoken) for span in spans]


def _with_answers(blocks: Sequence[Block], turns: Sequence[_Turn]) -> list[Block]:
    """Returns the blocks with the question that each answers.

    A question is answered by the next turn, and by those that follow it, until somebody speaks who mostly asks; or in
    the same turn after "Q.".
    """
    by_turn = list(_by_turn(blocks, turns))
    askers = _askers(turns, {turn for number, turn in by_turn if blocks[number].role is Role.QUESTION})
    answered = list(blocks)
    question: int | None = None
    asked_in = 0
    for number, turn in by_turn:
        block = blocks[number]
        if turn is None:
            question = None
        elif block.role is Role.QUESTION:
            question, asked_in = number, turn
        elif question is not None and block.role is not Role.MARKUP:
            if _may_answer(turns, asked_in, turn, askers):
                answered[number] = replace(block, question=question)
            elif turn != asked_in:
                question = None
    return answered


def _askers(turns: Sequence[_Turn], asking: Collection[int | None]) -> frozenset[str]:
    """Returns the speakers who ask in enough of their turns. `asking` are the numbers of the turns with a question."""
    spoken = Counter(turn.speaker for turn in turns)
    asked = Counter(turns[number].speaker for number in asking if number is not None)
    return frozenset(speaker for speaker, count in asked.items() if count >= MIN_ASKED * spoken[speaker])


def _may_answer(turns: Sequence[_Turn], asked: int, turn: int, askers: Collection[str]) -> bool:
    question, answer = turns[asked], turns[turn]
    if (question.label.form in _LETTERED) is not (answer.label.form in _LETTERED):
        return False
    if turn == asked:
        return question.label.form in (Form.QUESTION, Form.NUMBERED)
    return turn == asked + 1 or answer.speaker not in {question.speaker, *askers}


def _by_turn(blocks: Sequence[Block], turns: Sequence[_Turn]) -> Iterator[tuple[int, int | None]]:
    """Yields the number of each block with that of its turn, or None."""
    starts = [turn.label.start for turn in turns]
    for number, block in enumerate(blocks):
        turn = bisect_right(starts, block.start) - 1
        end = turns[turn].end if turn >= 0 else 0
        yield number, turn if turn >= 0 and (end is None or block.start < end) else None


def _with_relations(blocks: Sequence[Block], old: Sequence[Block]) -> list[Block]:
    """Returns the blocks with the numbers of lead-ins and heads as they are after cutting."""
    starts = [block.start for block in old]
    new_number = {
        bisect_right(starts, block.start) - 1: number
        for number, block in enumerate(blocks)
        if block.role is not Role.MARKUP or old[bisect_right(starts, block.start) - 1].role is Role.MARKUP
    }
    return [
        replace(
            block,
            lead_in=None if block.lead_in is None else new_number.get(block.lead_in),
            heads=tuple(new_number[head] for head in block.heads if head in new_number),
        )
        for block in blocks
    ]


def _locators(labels: Sequence[Label], turns: Sequence[_Turn]) -> list[Locator]:
    """Returns the time and the speaker of each label, and where a turn ends before the next begins."""
    locators = [Locator("time", label.time, label.start) for label in labels if label.time]
    speaker = ""
    for turn in turns:
        name = "" if turn.label.form in _LETTERED else " ".join(turn.label.name.split())
        if name != speaker:
            locators.append(Locator("speaker", name, turn.label.start))
        speaker = name
        if turn.end is not None and speaker:
            locators.append(Locator("speaker", "", turn.end))
            speaker = ""
    return locators


def _with_sections(text: str, blocks: Sequence[Block], old: Sequence[Block]) -> tuple[Block, ...]:
    """Returns the blocks with the headings above them, where some are no headings any more and some are new."""
    before = {block.start: _words(text, block) for block in old if block.role is Role.HEADING}
    after = {block.start: _words(text, block) for block in blocks if block.role is Role.HEADING}
    removed = {words for start, words in before.items() if start not in after} - set(after.values())
    above: tuple[str, ...] = ()
    placed = []
    for block in blocks:
        path = tuple(words for words in block.path if words not in removed)
        if block.role is Role.HEADING:
            above = (after[block.start],) if block.start not in before else ()
            placed.append(replace(block, path=path))
        else:
            placed.append(replace(block, path=path + above))
    return tuple(placed)


def _words(text: str, block: Block) -> str:
    return " ".join(text[block.start : block.end].split())
