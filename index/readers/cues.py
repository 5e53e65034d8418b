"""Parses WebVTT (W3C) and SubRip, which has no standard, into cues: times, speaker and lines of words.

A cue lasts from its timing to the next, whatever blank lines are within it or missing after it. What a tool writes
several times is read once: rolling captions, highlighted words, and the loops of a recogniser.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise

from index.readers.extracted import excerpt, left_out_notes

_TIMESTAMP = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMING = re.compile(rf"\s*{_TIMESTAMP}\s*--?>\s*{_TIMESTAMP}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^<>]*)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_NUMBER = re.compile(r"\s*(\d{1,9})\s*")
_UNIQUE_ID = re.compile(r"\s*[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-\S+\s*")
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
    are_counted = _are_counted(lines, timings)
    words_start = 0
    timing: int | None = None
    for following in [*timings, len(lines)]:
        words_end = _without_identifier(lines, words_start, following, are_counted=are_counted)
        words = _words(lines[words_start:words_end], subtitles.comments, is_webvtt=is_webvtt)
        if timing is not None:
            subtitles.cues += _cues(lines[timing], words, timing + 1, subtitles.faults)
        elif words := [word for word in words if not _HEADER_FIELD.match(word)]:
            number = next(number for number, line in enumerate(lines) if line.strip() == words[0]) + 1
            subtitles.faults.append(f"Line {number}: not a cue, left out: {excerpt(' '.join(words))}.")
        timing, words_start = following, following + 1
    return subtitles


def _are_counted(lines: Sequence[str], timings: Sequence[int]) -> bool:
    """Returns whether the numbers directly before the timings count the cues, at least every second time."""
    before = [_NUMBER.fullmatch(lines[timing - 1]) if timing else None for timing in timings]
    steps = sum(
        1 for number, following in pairwise(before) if number and following and int(following[1]) == int(number[1]) + 1
    )
    return len(timings) > 1 and steps * 2 >= len(timings) - 1


def _without_identifier(lines: Sequence[str], start: int, timing: int, *, are_counted: bool) -> int:
    """Returns where the words before a timing end: before its number, or its name on a line after a blank one.

    A number that follows words directly is one of them, unless the cues are counted.
    """
    before = timing - 1
    if timing == len(lines) or before < start or not lines[before].strip():
        return timing
    is_named = before == start or not lines[before - 1].strip()
    is_first = before > 0 and _TIMING.match(lines[before - 1])
    if _UNIQUE_ID.fullmatch(lines[before]) or (_NUMBER.fullmatch(lines[before]) and (are_counted or is_named)):
        return before
    return before if is_named and not is_first and len(lines[before].split()) == 1 else timing


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


MIN_ROLLING = 0.4  # share of cues that repeat lines of the cue before, in rolling captions
MIN_LOOPS = 3  # times in a row, above which words are taken to be a loop
MAX_LOOP_CUES = 4  # in one round of a loop
MAX_ROLLING_LINES = 20  # that a cue repeats from the one before
MAX_LOOP_WORDS = 20  # in one round of a loop within a cue
MIN_LOOP_ROUNDS = 4  # within a cue: people say a word three times
MIN_LOOPED_WORDS = 12  # in all rounds together
_AROUND_WORD = ".,;:!?…"


def said_once(cues: Sequence[Cue]) -> tuple[list[Cue], list[str]]:
    """Returns the cues without repeated words, and a note on each loop with how often and when it was said."""
    once = _without_highlights(cues)
    once = _without_growth(_without_rolling(once))
    once, notes = _without_loops(once)
    within = [_without_loops_within(cue) for cue in once]
    return [cue for cue, _ in within], [*notes, *chain.from_iterable(found for _, found in within)]


def _without_highlights(cues: Sequence[Cue]) -> list[Cue]:
    """Joins cues with the same words, in which tags mark one word after another."""
    kept: list[Cue] = []
    for cue in cues:
        before = kept[-1] if kept else None
        if before and (cue.lines, cue.speaker) == (before.lines, before.speaker) and cue.raw != before.raw:
            kept[-1] = replace(before, end=cue.end, raw=cue.raw)
        else:
            kept.append(cue)
    return kept


def _without_rolling(cues: Sequence[Cue]) -> list[Cue]:
    """Removes the lines of the cue before from the beginning of each cue, in captions that roll."""
    repeated = [_repeated_lines(before.lines, cue.lines) for before, cue in pairwise(cues)]
    rolls = sum(1 for count, cue in zip(repeated, cues[1:], strict=True) if 0 < count < len(cue.lines))
    if not rolls or sum(map(bool, repeated)) < MIN_ROLLING * len(repeated):
        return list(cues)
    kept = [cues[0]]
    for count, cue in zip(repeated, cues[1:], strict=True):
        if count < len(cue.lines):
            kept.append(replace(cue, lines=cue.lines[count:]))
        else:
            kept[-1] = replace(kept[-1], end=cue.end)
    return kept


def _repeated_lines(before: Sequence[str], lines: Sequence[str]) -> int:
    """Returns how many lines at the beginning are those at the end of the cue before."""
    longest = min(len(before), len(lines), MAX_ROLLING_LINES)
    return next((count for count in range(longest, 0, -1) if before[-count:] == lines[:count]), 0)


def _without_growth(cues: Sequence[Cue]) -> list[Cue]:
    """Keeps the last of cues that begin with all the words of the one before, in captions that grow word by word."""
    grows = [_grows(before, cue) for before, cue in pairwise(cues)]
    if not grows or sum(grows) < MIN_ROLLING * len(grows):
        return list(cues)
    kept = [cues[0]]
    for is_grown, cue in zip(grows, cues[1:], strict=True):
        if is_grown:
            kept[-1] = replace(cue, start=kept[-1].start)
        else:
            kept.append(cue)
    return kept


def _grows(before: Cue, cue: Cue) -> bool:
    return cue.speaker == before.speaker and cue.text.startswith(f"{before.text} ")


def _without_loops(cues: Sequence[Cue]) -> tuple[list[Cue], list[str]]:
    kept: list[Cue] = []
    notes: list[str] = []
    number = 0
    while number < len(cues):
        length, rounds = _loop_at(cues, number)
        loop = cues[number : number + length * rounds]
        if rounds >= MIN_LOOPS:
            words = excerpt(" ".join(cue.text for cue in loop[:length]))
            times = f"{clock(loop[0].start)} to {clock(loop[-1].end)}"
            notes.append(f"Said {rounds} times in a row, {times}, kept once: {words}.")
            loop = loop[:length]
        kept += loop
        number += length * rounds
    return kept, notes


def _loop_at(cues: Sequence[Cue], first: int) -> tuple[int, int]:
    """Returns how many cues from `first` on form a round of a loop, and how many rounds there are; 1 and 1 for none."""
    for length in range(1, MAX_LOOP_CUES + 1):
        rounds = 1
        while _is_round(cues, first, first + length * rounds, length):
            rounds += 1
        if rounds >= MIN_LOOPS:
            return length, rounds
    return 1, 1


def _is_round(cues: Sequence[Cue], first: int, again: int, length: int) -> bool:
    if again + length > len(cues):
        return False
    return all(
        (cues[first + offset].text, cues[first + offset].speaker)
        == (cues[again + offset].text, cues[again + offset].speaker)
        for offset in range(length)
    )


def _without_loops_within(cue: Cue) -> tuple[Cue, list[str]]:
    """Keeps once what a cue says many times in a row, and returns a note on each such loop."""
    words, notes = cue.text.split(), []
    for length in range(1, MAX_LOOP_WORDS + 1 if len(words) >= MIN_LOOPED_WORDS else 1):
        keys = [word.strip(_AROUND_WORD).lower() for word in words]
        kept: list[str] = []
        number = 0
        while number < len(words):
            rounds = _rounds_at(keys, number, length)
            kept += words[number : number + (length if rounds > 1 else 1)]
            if rounds > 1:
                said = excerpt(" ".join(words[number : number + length]))
                notes.append(
                    f"Said {rounds} times in a row, {clock(cue.start)} to {clock(cue.end)}, kept once: {said}."
                )
            number += rounds * length if rounds > 1 else 1
        words = kept
    return (replace(cue, lines=(" ".join(words),)) if notes else cue), notes


def _rounds_at(keys: Sequence[str], first: int, length: int) -> int:
    """Returns how often the words from `first` on are said in a row, if that is often enough for a loop; else 1."""
    end = first + length
    while end < len(keys) and keys[end] == keys[end - length]:
        end += 1
    rounds = (end - first) // length
    return rounds if rounds >= MIN_LOOP_ROUNDS and rounds * length >= MIN_LOOPED_WORDS else 1


def clock(seconds: float) -> str:
    """Returns seconds as hours, minutes and seconds: "00:03:21"."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
