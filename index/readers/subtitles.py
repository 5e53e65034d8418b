"""Reads subtitles: WebVTT and SubRip.

The words of all cues are kept, joined to paragraphs by speaker and pause, with the time of each cue as a locator. A
speaker, named by a voice tag or before a colon ("Ada Marlowe: The force is good."), becomes markup and a locator. What
a tool repeats is read once. Speech without punctuation is cut at pauses. Formatting tags, and style and region blocks,
are dropped; comments are left out and noted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from index.readers.cues import Cue, clock, parse_cues, said_once
from index.readers.extracted import LINE, PARAGRAPH, Extracted, ExtractedPart, UnreadableFileError
from index.readers.speaker_labels import introduces_other
from index.readers.text import decode_text
from index.text.transcript import Locator, Role

PAUSE_SECONDS = 3.0  # silence after the end of a sentence that begins a new paragraph
MAX_PARAGRAPH_CHARACTERS = 800  # the next end of a sentence ends a longer paragraph
MAX_UNPUNCTUATED_CHARACTERS = 300  # of a paragraph, in speech without punctuation
MIN_UNPUNCTUATED_CHARACTERS = 120  # before which it is not cut
MAX_SENTENCE_CHARACTERS = 1_000  # without an end, after which speech with punctuation is cut too
MIN_ENDS_IN_CHARACTERS = 500  # a sentence ends so often in speech with punctuation

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_END_WITHIN = re.compile(r"[.!?…](?=[\"'”’)\]]*(?:\s|$))")
_NAME_WORD = r"[^\W\d_a-z][\w.'’-]*"
_NAME = re.compile(
    rf"(?:[-–—]\s*|>>\s*)?\[?((?:{_NAME_WORD})(?:[ ](?:{_NAME_WORD}|of|de|van|the|\d{{1,3}}\b)){{0,5}})\]?"
    r"(?:[ ]\([^()]{1,60}\))?:\s+(?=\S)"
)


def read_subtitles(data: bytes) -> Extracted:
    """Returns the parts of a WebVTT or SubRip file: what a speaker says without a long pause is one part.

    Raises `UnreadableFileError` for a file without a cue, and `SourceError` for bytes that are not text.
    """
    text = re.sub(r"\r\n|\r", "\n", decode_text(Path("cues"), data))
    subtitles = parse_cues(text)
    if not subtitles.cues:
        raise UnreadableFileError("it contains no cue with a time and words.")
    cues = subtitles.cues
    if not any(cue.label for cue in cues):
        cues = _with_named_speakers(cues)
    cues, loops = said_once(cues)
    parts = [ExtractedPart(subtitles.title, Role.TITLE)] if subtitles.title else []
    return Extracted((*parts, *_parts(cues)), (*subtitles.notes(), *loops))


def _with_named_speakers(cues: Sequence[Cue]) -> list[Cue]:
    """Moves the name before a colon out of the text of each cue; cues without one continue the speaker before.

    A name that a tool repeats in every cue is written once, unless the speaker pauses.
    """
    names = _speaker_names([cue.text for cue in cues])
    named: list[Cue] = []
    speaker = ""
    for cue in cues:
        label, first_line = _split_label(cue.lines[0], names)
        lines = (first_line, *cue.lines[1:]) if label else cue.lines
        name = label.strip(":->[]–— ") or speaker
        if named and name == speaker and cue.start - named[-1].end < PAUSE_SECONDS:
            label = ""
        speaker = name
        named.append(replace(cue, lines=lines, speaker=speaker, label=label))
    return named


def _speaker_names(texts: Sequence[str]) -> frozenset[str]:
    """Returns the names before a colon that are of two words or more, in capitals, or found at least twice.

    A single capitalised word found once ("Remember: …") is taken to be part of the sentence.
    """
    counts = Counter(name[1] for text in texts if (name := _NAME.match(text)))
    return frozenset(
        name
        for name, count in counts.items()
        if (count > 1 or " " in name or (name.isupper() and len(name) > 1)) and not introduces_other(name.casefold())
    )


def _split_label(text: str, names: Collection[str]) -> tuple[str, str]:
    """Returns a known speaker's name with its colon, and the words after it; an empty label when there is none."""
    name = _NAME.match(text)
    if name is None or name[1] not in names:
        return "", text
    return text[: name.end()].rstrip(), text[name.end() :]


def _parts(cues: Sequence[Cue]) -> Iterator[ExtractedPart]:
    """Yields the label of each new speaker as markup, and a part for each paragraph."""
    speaker: str | None = None
    for paragraph in _paragraphs(cues):
        first = paragraph[0]
        separator = PARAGRAPH
        locators: list[Locator] = []
        if first.speaker != speaker or _is_label_before_colon(first):
            locators = [Locator("speaker", first.speaker, 0)] if first.speaker or speaker else []
            speaker = first.speaker
            if first.label:
                time = Locator("time", clock(first.start), 0)
                yield ExtractedPart(first.label, Role.MARKUP, PARAGRAPH, (time, *locators))
                separator, locators = " " if _is_label_before_colon(first) else LINE, []
        yield _paragraph_part(paragraph, separator, locators)


def _paragraphs(cues: Sequence[Cue]) -> Iterator[list[Cue]]:
    """Yields consecutive cues of one speaker, up to the next long pause or cut."""
    characters = sum(len(cue.text) for cue in cues)
    ends = sum(len(_END_WITHIN.findall(cue.text)) for cue in cues)
    longest = MAX_SENTENCE_CHARACTERS if ends * MIN_ENDS_IN_CHARACTERS >= characters else MAX_UNPUNCTUATED_CHARACTERS
    paragraph: list[Cue] = []
    for cue in cues:
        if paragraph and (
            cue.speaker != paragraph[-1].speaker or _is_label_before_colon(cue) or _ends_before(paragraph, cue)
        ):
            yield from _cut(paragraph, longest)
            paragraph = []
        paragraph.append(cue)
    yield from _cut(paragraph, longest)


def _cut(paragraph: Sequence[Cue], longest: int) -> Iterator[list[Cue]]:
    """Yields a paragraph; in pieces, cut at the longest pauses, where more than `longest` characters have no end."""
    piece: list[Cue] = []
    for is_long, run in _runs(paragraph, longest):
        if not is_long:
            piece += run
            continue
        if piece:
            yield piece
        *cut, piece = _cut_at_pauses(run)
        yield from cut
    if piece:
        yield piece


def _runs(paragraph: Sequence[Cue], longest: int) -> Iterator[tuple[bool, list[Cue]]]:
    """Yields the cues up to each that has the end of a sentence, and whether they are too long without one."""
    run: list[Cue] = []
    for cue in paragraph:
        run.append(cue)
        if _END_WITHIN.search(cue.text):
            yield _length(run) > longest, run
            run = []
    if run:
        yield _length(run) > longest, run


def _length(cues: Sequence[Cue]) -> int:
    return sum(len(cue.text) + 1 for cue in cues)


def _cut_at_pauses(run: Sequence[Cue]) -> list[list[Cue]]:
    """Returns the pieces of a long run of cues, each cut at its longest pause."""
    pieces: list[list[Cue]] = []
    start, left = 0, _length(run)
    while left > MAX_UNPUNCTUATED_CHARACTERS and start < len(run) - 1:
        piece = list(run[start : start + _before_longest_pause(run, start)])
        pieces.append(piece)
        start += len(piece)
        left -= _length(piece)
    return [*pieces, list(run[start:])]


def _before_longest_pause(run: Sequence[Cue], start: int) -> int:
    """Returns how many cues precede the longest pause that leaves neither too few nor too many characters before it."""
    length = 0
    best, longest_pause = 1, -1.0
    for number in range(start, len(run) - 1):
        length += len(run[number].text) + 1
        if length > MAX_UNPUNCTUATED_CHARACTERS and number > start:
            break
        pause = run[number + 1].start - run[number].end
        if length >= MIN_UNPUNCTUATED_CHARACTERS and pause >= longest_pause:
            best, longest_pause = number - start + 1, pause
        elif longest_pause < 0:
            best = number - start + 1
    return best


def _is_label_before_colon(cue: Cue) -> bool:
    return cue.label.endswith(":")


def _ends_before(paragraph: Sequence[Cue], cue: Cue) -> bool:
    """Returns whether a sentence ends before a cue, and a pause or the paragraph's length ends the paragraph there."""
    last = paragraph[-1]
    length = sum(len(earlier.text) for earlier in paragraph)
    is_break = cue.start - last.end >= PAUSE_SECONDS or length >= MAX_PARAGRAPH_CHARACTERS
    return is_break and _SENTENCE_END.search(last.text) is not None


def _paragraph_part(paragraph: Sequence[Cue], separator: str, locators: Sequence[Locator]) -> ExtractedPart:
    """Returns the cues joined by spaces, with the time of each."""
    times: list[Locator] = []
    start = 0
    for cue in paragraph:
        times.append(Locator("time", clock(cue.start), start))
        start += len(cue.text) + 1
    text = " ".join(cue.text for cue in paragraph)
    return ExtractedPart(text, Role.FINDING, separator, (*locators, *times))
