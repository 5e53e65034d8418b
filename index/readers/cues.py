"""Parses WebVTT (W3C) and SubRip, which has no standard, into cues: times, speaker and lines of words.

A cue lasts from its timing to the next, whatever blank lines are within it or missing after it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from index.readers.extracted import excerpt, left_out_notes

_TIMESTAMP = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMING = re.compile(rf"\s*{_TIMESTAMP}\s*--?>\s*{_TIMESTAMP}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^<>]*)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_IDENTIFIER = re.compile(r"\s*(?:\d+|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-\S+)\s*")
_HEADER_FIELD = re.compile(r"[A-Za-z][\w-]*\s*[:=]")
_TITLE_FIELDS = re.compile(r"\b(?:kind|language)\s*:.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """What one speaker says in one cue, and the same with its tags, `raw`.

    `label` is the name as written; both are empty where no speaker is named.
    """

    start: float  # seconds
    end: float
    lines: tuple[str, ...]
    speaker: str = ""
    label: str = ""
    raw: str = ""

    @property
    def text(self) -> str:
        return " ".join(self.lines)


@dataclass(slots=True)
class Subtitles:
    """The title and cues of a file, and what was left out of it."""

    title: str = ""
    cues: list[Cue] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def notes(self) -> tuple[str, ...]:
        return (*left_out_notes("Comment", self.comments), *self.faults)


def parse_cues(text: str) -> Subtitles:
    """Returns the cues of a file with line feeds. Style and region blocks, header fields and cue ids are dropped."""
    lines = text.split("\n")
    subtitles = Subtitles()
    is_webvtt = lines[0].startswith("WEBVTT")
    if is_webvtt:
        title = _TITLE_FIELDS.sub("", lines[0][len("WEBVTT") :])
        subtitles.title = " ".join(title.strip(" \t-–:;").split())
        lines[0] = ""
    timings = [number for number, line in enumerate(lines) if _TIMING.match(line)]
    words_start = 0
    timing: int | None = None
    for following in [*timings, len(lines)]:
        words_end = _without_identifier(lines, words_start, following)
        words = _words(lines[words_start:words_end], subtitles.comments, is_webvtt=is_webvtt)
        if timing is not None:
            subtitles.cues += _cues(lines[timing], words, timing + 1, subtitles.faults)
        elif words := [word for word in words if not _HEADER_FIELD.match(word)]:
            number = next(number for number, line in enumerate(lines) if line.strip() == words[0]) + 1
            subtitles.faults.append(f"Line {number}: not a cue, left out: {excerpt(' '.join(words))}.")
        timing, words_start = following, following + 1
    return subtitles


def _without_identifier(lines: Sequence[str], start: int, timing: int) -> int:
    """Returns where the words before a timing end: before its number, or its name on a line after a blank one."""
    before = timing - 1
    if timing == len(lines) or before < start or not lines[before].strip():
        return timing
    is_named = before == start or not lines[before - 1].strip()
    is_first = before > 0 and _TIMING.match(lines[before - 1])
    if _IDENTIFIER.fullmatch(lines[before]) or (is_named and not is_first and len(lines[before].split()) == 1):
        return before
    return timing


def _words(lines: Sequence[str], comments: list[str], *, is_webvtt: bool) -> list[str]:
    """Returns the lines with words. Comments, and blocks of style and region, end at a blank line."""
    words: list[str] = []
    dropped: list[str] | None = None
    after_blank = not lines or not lines[0].strip()
    for line in lines:
        stripped = line.strip()
        if is_webvtt and after_blank and stripped.split(" ")[0] in ("NOTE", "STYLE", "REGION"):
            dropped = [stripped.removeprefix("NOTE")] if stripped.startswith("NOTE") else []
            if stripped.startswith("NOTE"):
                comments.append(stripped.removeprefix("NOTE"))
        elif not stripped:
            dropped = None
        elif dropped is None:
            words.append(stripped)
        elif dropped:
            comments[-1] += f" {stripped}"
        after_blank = not stripped
    return words


def _cues(timing: str, lines: Sequence[str], line_number: int, faults: list[str]) -> Iterator[Cue]:
    """Yields a cue for each voice in some lines of words."""
    match = _TIMING.match(timing)
    if match is None:
        return
    start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
    if end < start:
        faults.append(f"Line {line_number}: the cue ends before it begins.")
    pieces = _VOICE.split("\n".join(lines))
    for voice, words in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        name = " ".join(html.unescape(voice).split())
        plain = (" ".join(html.unescape(_TAG.sub("", line)).split()) for line in words.split("\n"))
        kept = tuple(line for line in plain if line)
        if kept:
            yield Cue(start, max(start, end), kept, name, name, words)


def _seconds(timestamp: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in timestamp)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")
