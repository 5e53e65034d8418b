"""Finds the sentences of a turn that put a question to somebody else."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from index.readers.speaker_labels import Form
from index.text.sentences import sentence_spans

MIN_ASKED = 0.3  # share of a speaker's turns with a question at the end that makes an interviewer
MAX_GAP_CHARACTERS = 3  # between sentences next to each other
MIN_MARKED = 0.05  # share of turns with a question mark, below which a transcript has no punctuation

Span = tuple[int, int]

_MARK = re.compile(r"\?[\"'”’)\]*_]*$")
_FILLER = re.compile(
    r"(?:and|so|but|then|or|okay|ok|right|well|um|uh|er|now|yeah|yes|no|oh|sorry|thanks|thank you|great|brilliant|"
    r"lovely|good|because|also|finally|first|\[\w{1,20}\])[, ]+",
    re.IGNORECASE,
)
_AUXILIARY = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|isn't|aren't|don't|didn't)"
_SUBJECT = (
    r"(?:i|you|he|she|it|we|they|there|that|this|these|those|the|a|an|any|anyone|anybody|people|your|my|their|his|her)"
)
_ASKING = "(?:how|what|why|where|when|who|whose)"
# A question by the order of its words: "how many are there", "is that too many", but not "what we want is".
_INTERROGATIVE = re.compile(
    rf"(?:{_ASKING}(?:['’](?:s|re|d|ve))?\b(?! {_SUBJECT}\b)|which (?!is\b|was\b|are\b|were\b)"
    rf"|{_AUXILIARY} (?:not )?{_SUBJECT}\b|what about\b"
    r"|(?:tell|describe|explain|talk|take|walk|remind|give) (?:me|us)\b)",
    re.IGNORECASE,
)
_INVERSION = re.compile(
    rf"\b{_ASKING}(?:['’](?:s|re))?(?: \w+){{0,4}} {_AUXILIARY} (?:you|they|it|there|he|she|we|people)\b"
    r"|\b(?:do|did|can|could|would|are|have|were) you\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A turn: its speaker, how its label is written, and the spans of its paragraphs."""

    speaker: str
    form: Form
    paragraphs: tuple[Span, ...]


def question_spans(text: str, turns: Sequence[SpokenTurn]) -> list[list[Span]]:
    """Returns the spans of the questions in each turn. Questions next to each other are one span."""
    sentences = [[span for paragraph in turn.paragraphs for span in sentence_spans(text, *paragraph)] for turn in turns]
    marked = sum(1 for spans in sentences if any(_has_mark(text[start:end]) for start, end in spans))
    asked = _Asked(text, frozenset(_names(turns)), punctuated=marked >= MIN_MARKED * len(turns))
    askers = asked.interviewers(turns, sentences)
    found = []
    for number, (turn, spans) in enumerate(zip(turns, sentences, strict=True)):
        following = turns[number + 1] if number + 1 < len(turns) else None
        if turn.form in (Form.QUESTION, Form.NUMBERED):
            questions = _lettered(text, turn, spans, following)
        elif turn.form is Form.ANSWER:
            questions = []
        elif turn.speaker in askers:
            questions = asked.by_interviewer(spans, is_last=following is None or following.speaker == turn.speaker)
        elif following is not None and following.speaker != turn.speaker:
            questions = _at_the_end(text, spans)
        else:
            questions = []
        found.append(_joined(questions, turn.paragraphs))
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What counts as a question in a transcript: a sentence with a mark, or one with the words of a question.

    `names` are the words of speakers' names in small letters, which may precede a question. Where the transcript has
    no punctuation, the question may follow other words.
    """

    text: str
    names: frozenset[str]
    punctuated: bool

    def interviewers(self, turns: Sequence[SpokenTurn], sentences: Sequence[Sequence[Span]]) -> frozenset[str]:
        """Returns the speakers of whose turns enough end in a question."""
        asks: dict[str, list[bool]] = {}
        for turn, spans in zip(turns, sentences, strict=True):
            last = self.text[slice(*spans[-1])] if spans else ""
            asks.setdefault(turn.speaker, []).append(_has_mark(last) or (not self.punctuated and self.has_words(last)))
        return frozenset(name for name, asked in asks.items() if sum(asked) >= max(1, MIN_ASKED * len(asked)))

    def by_interviewer(self, spans: Sequence[Span], *, is_last: bool) -> list[Span]:
        """Returns the sentences with a mark, and the last if it is asked in words."""
        questions = [(start, end) for start, end in spans if _has_mark(self.text[start:end])]
        if not is_last and spans and spans[-1] not in questions and self.has_words(self.text[slice(*spans[-1])]):
            questions.append(spans[-1])
        return questions

    def has_words(self, sentence: str) -> bool:
        """Whether a sentence has the words of a question in their order, whatever its mark."""
        rest = " ".join(sentence.lstrip(" \"'“‘*").split())
        while (shorter := self._without_first(rest)) != rest:
            rest = shorter
        return _INTERROGATIVE.match(rest) is not None or (not self.punctuated and _INVERSION.search(rest) is not None)

    def _without_first(self, words: str) -> str:
        """Returns the words without a first word that only leads to a question, or calls somebody."""
        first, _, others = words.partition(" ")
        if first.strip(",").casefold() in self.names:
            return others
        filler = _FILLER.match(words)
        return words[filler.end() :] if filler else words


def _has_mark(sentence: str) -> bool:
    return _MARK.search(sentence) is not None


def _names(turns: Sequence[SpokenTurn]) -> Collection[str]:
    return {word for turn in turns for word in turn.speaker.split() if len(word) > 2}


def _lettered(text: str, turn: SpokenTurn, spans: Sequence[Span], following: SpokenTurn | None) -> list[Span]:
    """Returns the sentences after "Q.", without an answer that has no label of its own."""
    if turn.form is Form.QUESTION and following is not None and following.form not in (turn.form, Form.NUMBERED):
        return list(spans)
    marked = [number for number, (start, end) in enumerate(spans) if _has_mark(text[start:end])]
    if marked:
        return list(spans[: (marked[0] if turn.form is Form.NUMBERED else marked[-1]) + 1])
    first_end = turn.paragraphs[0][1] if turn.paragraphs else 0
    return [span for span in spans if span[1] <= first_end]


def _at_the_end(text: str, spans: Sequence[Span]) -> list[Span]:
    """Returns the questions with which a turn ends."""
    questions: list[Span] = []
    for start, end in reversed(spans):
        if not _has_mark(text[start:end]):
            break
        questions.insert(0, (start, end))
    return questions


def _joined(questions: Sequence[Span], paragraphs: Sequence[Span]) -> list[Span]:
    """Returns the questions with those next to each other in one paragraph as one span."""
    joined: list[Span] = []
    starts = {start for start, _ in paragraphs}
    for start, end in questions:
        if joined and start not in starts and start - joined[-1][1] <= MAX_GAP_CHARACTERS:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
