"""Reads once what a tool writes several times: rolling captions, highlighted words, and the loops of a recogniser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from index.readers.cues import Cue
from index.readers.extracted import excerpt

MIN_ROLLING = 0.4  # share of cues that repeat lines of the cue before, in rolling captions
MIN_LOOPS = 3  # times in a row, above which words are taken to be a loop
MAX_LOOP_CUES = 4  # in one round of a loop


def said_once(cues: Sequence[Cue]) -> tuple[list[Cue], list[str]]:
    """Returns the cues without repeated words, and a note on each loop with how often and when it was said."""
    once = _without_highlights(cues)
    once = _without_growth(_without_rolling(once))
    return _without_loops(once)


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
    longest = min(len(before), len(lines))
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


def clock(seconds: float) -> str:
    """Returns seconds as hours, minutes and seconds: "00:03:21"."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
