"""Reads subtitles: WebVTT (W3C) and SubRip, which has no standard.

The words of all cues are kept, joined to paragraphs by speaker and pause, with the time of each cue as a locator. A
speaker, named by a voice tag or before a colon ("Ada Marlowe: The force is good."), becomes a heading. Formatting tags
and style and region blocks are dropped; comments, and blocks that are not cues, are left out and noted.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.readers.extracted import (
    LINE,
    PARAGRAPH,
    Extracted,
    ExtractedPart,
    UnreadableFileError,
    excerpt,
    left_out_notes,
)
from index.readers.text import decode_text
from index.text.transcript import Locator, Role

PAUSE_SECONDS = 3.0  # silence after the end of a sentence that begins a new paragraph
MAX_PARAGRAPH_CHARACTERS = 800  # the next end of a sentence ends a longer paragraph

_TIMESTAMP = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIMESTAMP}\s*-->\s*{_TIMESTAMP}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_NAME_WORD = r"[^\W\d_a-z][\w.'’-]*"
_NAME = re.compile(rf"(?:[-–—]\s*|>>\s*)?((?:{_NAME_WORD})(?:[ ](?:{_NAME_WORD}|of|de|van|the)){{0,5}}):\s+(?=\S)")
_DROPPED_BLOCKS = ("STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class Cue:
    """What one speaker says in one cue. `label` is the name as written; both are empty where no speaker is named."""

    start: float  # seconds
    end: float
    text: str
    speaker: str = ""
    label: str = ""


def read_subtitles(data: bytes) -> Extracted:
    """Returns the parts of a WebVTT or SubRip file: what a speaker says without a long pause is one part.

    Raises `UnreadableFileError` for a file without a cue, and `SourceError` for bytes that are not text.
    """
    text = re.sub(r"\r\n|\r", "\n", decode_text(Path("cues"), data))
    notes: list[str] = []
    title, comments = "", []
    cues: list[Cue] = []
    for line_number, block in _blocks(text):
        if line_number == 1 and block[0].startswith("WEBVTT"):
            title = " ".join(" ".join(block)[len("WEBVTT") :].strip(" \t-–:").split())
        elif block[0].split(" ")[0] == "NOTE":
            comments.append(" ".join(block)[len("NOTE") :])
        elif block[0].strip() not in _DROPPED_BLOCKS:
            cues += _cues_of(block, line_number, notes)
    if not cues:
        raise UnreadableFileError("it contains no cue with a time and words.")
    if not _VOICE.search(text):
        cues = _with_named_speakers(cues)
    parts = [ExtractedPart(title, Role.TITLE)] if title else []
    return Extracted((*parts, *_parts(cues)), (*left_out_notes("Comment", comments), *notes))


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yields runs of lines between blank lines, each with the number of its first line, from 1."""
    block: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _cues_of(block: Sequence[str], line_number: int, notes: list[str]) -> Iterator[Cue]:
    """Yields the cues of a block, one for each voice; adds a note when its first two lines have no timing."""
    timings = [(offset, timing) for offset, line in enumerate(block[:2]) if (timing := _TIMING.match(line))]
    if not timings:
        notes.append(f"Line {line_number}: not a cue, left out: {excerpt(' '.join(block))}.")
        return
    offset, timing = timings[0]
    start, end = _seconds(timing.groups()[:4]), _seconds(timing.groups()[4:])
    if end < start:
        notes.append(f"Line {line_number + offset}: the cue ends before it begins.")
    pieces = _VOICE.split("\n".join(block[offset + 1 :]))
    for voice, words in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        name = " ".join(html.unescape(voice).split())
        text = " ".join(html.unescape(_TAG.sub("", words)).split())
        if text:
            yield Cue(start, max(start, end), text, name, name)


def _seconds(timestamp: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in timestamp)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _with_named_speakers(cues: Sequence[Cue]) -> list[Cue]:
    """Moves the name before a colon out of the text of each cue; cues without one continue the speaker before."""
    names = _speaker_names([cue.text for cue in cues])
    named = []
    speaker = ""
    for cue in cues:
        label, text = _split_label(cue.text, names)
        speaker = label.rstrip(": ") or speaker
        named.append(replace(cue, text=text, speaker=speaker, label=label))
    return named


def _speaker_names(texts: Sequence[str]) -> frozenset[str]:
    """Returns the names before a colon that are of two words or more, in capitals, or found at least twice.

    A single capitalised word found once ("Remember: …") is taken to be part of the sentence.
    """
    counts = Counter(name[1] for text in texts if (name := _NAME.match(text)))
    return frozenset(
        name for name, count in counts.items() if count > 1 or " " in name or (name.isupper() and len(name) > 1)
    )


def _split_label(text: str, names: Collection[str]) -> tuple[str, str]:
    """Returns a known speaker's name with its colon, and the words after it; an empty label when there is none."""
    name = _NAME.match(text)
    if name is None or name[1] not in names:
        return "", text
    return text[: name.end()].rstrip(), text[name.end() :]


def _parts(cues: Sequence[Cue]) -> Iterator[ExtractedPart]:
    """Yields a heading for each new speaker, and a part for each paragraph."""
    speaker: str | None = None
    for paragraph in _paragraphs(cues):
        first = paragraph[0]
        separator = PARAGRAPH
        locators: list[Locator] = []
        if first.speaker != speaker or _is_label_before_colon(first):
            locators = [Locator("speaker", first.speaker, 0)] if first.speaker or speaker else []
            speaker = first.speaker
            if first.label:
                time = Locator("time", _clock(first.start), 0)
                yield ExtractedPart(first.label, Role.HEADING, PARAGRAPH, (time, *locators))
                separator, locators = " " if _is_label_before_colon(first) else LINE, []
        yield _paragraph_part(paragraph, separator, locators)


def _paragraphs(cues: Sequence[Cue]) -> Iterator[list[Cue]]:
    """Yields consecutive cues of one speaker, up to the next long pause."""
    paragraph: list[Cue] = []
    for cue in cues:
        if paragraph and (
            cue.speaker != paragraph[-1].speaker or _is_label_before_colon(cue) or _ends_before(paragraph, cue)
        ):
            yield paragraph
            paragraph = []
        paragraph.append(cue)
    yield paragraph


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
        times.append(Locator("time", _clock(cue.start), start))
        start += len(cue.text) + 1
    text = " ".join(cue.text for cue in paragraph)
    return ExtractedPart(text, Role.FINDING, separator, (*locators, *times))


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
