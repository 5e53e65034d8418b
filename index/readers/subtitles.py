"""Timed text: WebVTT (W3C) and SubRip. Cues are run together into what each speaker said, with the time of each.

Speakers named at the head of what they say, as in "Ada Marlowe: The force is good.", and told from other words.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.readers.extracted import LINE, PARAGRAPH, Extracted, ExtractedPart, UnreadableFileError, excerpt, left_out
from index.readers.text import decode
from index.text.transcript import Locator, Role

_WORD = r"[^\W\d_a-z][\w.'’-]*"
_NAME = re.compile(rf"(?:[-–—]\s*|>>\s*)?((?:{_WORD})(?:[ ](?:{_WORD}|of|de|van|the)){{0,5}}):\s+(?=\S)")


def named_speakers(texts: Sequence[str]) -> frozenset[str]:
    """The names before a colon that are speakers': of two words or more, in capitals, or there at least twice.

    One capitalised word that is there once ("Remember: …") is taken for a word of the sentence.
    """
    names = Counter(found[1] for text in texts if (found := _NAME.match(text)))
    return frozenset(
        name for name, times in names.items() if times > 1 or " " in name or (name.isupper() and len(name) > 1)
    )


def split_name(text: str, speakers: Collection[str]) -> tuple[str, str]:
    """A known speaker's name with its colon, and the words after it; an empty name when there is none."""
    found = _NAME.match(text)
    if found is None or found[1] not in speakers:
        return "", text
    return text[: found.end()].rstrip(), text[found.end() :]


PAUSE = 3.0  # seconds of silence after the end of a sentence that begin a new paragraph
LONG = 800  # characters of a paragraph after which the end of a sentence ends it

_STAMP = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_STAMP}\s*-->\s*{_STAMP}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_ENDS = re.compile(r"[.!?…][\"'”’)\]]*$")
_NOT_CUES = ("STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class Cue:
    """What one speaker said in one cue. `label` is the name as written there; both are empty where it does not say."""

    start: float  # seconds
    end: float
    text: str
    speaker: str = ""
    label: str = ""


def read_cues(data: bytes) -> Extracted:
    """The parts of a WebVTT or SubRip file: what a speaker says without a long pause is one part.

    A speaker's name, from a voice tag or before a colon, stands before it as a heading. Comments and what is no cue are
    noted by line. Raises `UnreadableFileError` for what has no cue, and `SourceError` for bytes that are no text.
    """
    text = re.sub(r"\r\n|\r", "\n", decode(Path("cues"), data))
    notes: list[str] = []
    title, comments = "", []
    cues: list[Cue] = []
    voices = bool(_VOICE.search(text))
    for line, block in _blocks(text):
        if line == 1 and block[0].startswith("WEBVTT"):
            title = " ".join(" ".join(block)[len("WEBVTT") :].strip(" \t-–:").split())
        elif block[0].split(" ")[0] == "NOTE":
            comments.append(" ".join(block)[len("NOTE") :])
        elif block[0].strip() not in _NOT_CUES:
            cues += _cues_of(block, line, notes)
    if not cues:
        raise UnreadableFileError("it holds no cue with a time and words.")
    if not voices:
        cues = list(_with_names(cues))
    parts = [ExtractedPart(title, Role.TITLE)] if title else []
    return Extracted((*parts, *_spoken(cues)), (*left_out("Comment", comments), *notes))


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines between blank lines, each with the number of its first line."""
    run: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            run.append(line)
        elif run:
            yield number - len(run), run
            run = []


def _cues_of(block: Sequence[str], line: int, notes: list[str]) -> Iterator[Cue]:
    at = next((number for number, written in enumerate(block[:2]) if _TIMING.match(written)), None)
    if at is None:
        notes.append(f"Line {line}: no cue, left out: {excerpt(' '.join(block))}.")
        return
    found = _TIMING.match(block[at])
    assert found is not None  # noqa: S101  # it matched just above
    start, end = _seconds(found.groups()[:4]), _seconds(found.groups()[4:])
    if end < start:
        notes.append(f"Line {line + at}: the cue ends before it begins.")
    pieces = _VOICE.split("\n".join(block[at + 1 :]))
    for speaker, said in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        name = " ".join(html.unescape(speaker).split())
        words = " ".join(html.unescape(_TAG.sub("", said)).split())
        if words:
            yield Cue(start, max(start, end), words, name, name)


def _seconds(stamp: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in stamp)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _with_names(cues: Sequence[Cue]) -> Iterator[Cue]:
    """Cues whose words begin with a speaker's name and a colon, the name set apart; those after go on with it."""
    known = named_speakers([cue.text for cue in cues])
    speaker = ""
    for cue in cues:
        label, words = split_name(cue.text, known)
        speaker = label.rstrip(": ") or speaker
        yield Cue(cue.start, cue.end, words, speaker, label)


def _spoken(cues: Sequence[Cue]) -> Iterator[ExtractedPart]:
    """Parts of cues: a heading for a new speaker, and then a part for each paragraph."""
    speaker: str | None = None
    for run in _runs(cues):
        first = run[0]
        before, marks = PARAGRAPH, []
        if first.speaker != speaker or first.label.endswith(":"):
            marks = [Locator("speaker", first.speaker, 0)] if first.speaker or speaker else []
            speaker = first.speaker
            if first.label:
                yield ExtractedPart(
                    first.label, Role.HEADING, PARAGRAPH, (Locator("time", _clock(first.start), 0), *marks)
                )
                before, marks = " " if first.label.endswith(":") else LINE, []
        yield _paragraph(run, before, marks)


def _runs(cues: Sequence[Cue]) -> Iterator[list[Cue]]:
    """Cues of one speaker in a row, as far as the next long pause."""
    run: list[Cue] = []
    for cue in cues:
        if run and (cue.speaker != run[-1].speaker or cue.label.endswith(":") or _pauses(run, cue)):
            yield run
            run = []
        run.append(cue)
    yield run


def _pauses(run: Sequence[Cue], cue: Cue) -> bool:
    length = sum(len(one.text) for one in run)
    return _ENDS.search(run[-1].text) is not None and (cue.start - run[-1].end >= PAUSE or length >= LONG)


def _paragraph(run: Sequence[Cue], before: str, marks: Sequence[Locator]) -> ExtractedPart:
    """Cues run together, a space between them, with the time of each."""
    times: list[Locator] = []
    at = 0
    for cue in run:
        times.append(Locator("time", _clock(cue.start), at))
        at += len(cue.text) + 1
    return ExtractedPart(" ".join(cue.text for cue in run), Role.FINDING, before, (*marks, *times))


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
