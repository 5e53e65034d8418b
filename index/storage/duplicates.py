"""Finds sources of nearly the same words, such as the subtitles and the text of one recording."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from index.text.transcript import Role

if TYPE_CHECKING:
    from index.storage.database import IndexDatabase

MIN_SHARED = 0.7  # share of the runs of words of the shorter source that the other has too
MIN_RUNS = 5  # compared, below which nothing can be said
RUN_WORDS = 6
SAMPLED_RUNS = 4  # one run in so many is compared

_WORD = re.compile(r"[^\W_]+")


def near_identical(database: IndexDatabase, versions: Mapping[str, int]) -> list[tuple[str, str]]:
    """Returns each source of nearly the same words as an earlier one, by name, with that one. Takes linear time."""
    first_source: dict[int, str] = {}
    counts: dict[str, int] = {}
    found = []
    for source in sorted(versions):
        runs = set(_runs(database, versions[source]))
        counts[source] = len(runs)
        shared = Counter(first_source[run] for run in runs if run in first_source)
        if shared:
            other, count = min(shared.items(), key=lambda item: (-item[1], item[0]))
            shorter = min(counts[other], len(runs))
            if shorter >= MIN_RUNS and count >= MIN_SHARED * shorter and max(counts[other], len(runs)) <= 2 * shorter:
                found.append((source, other))
        for run in runs:
            first_source.setdefault(run, source)
    return found


def _runs(database: IndexDatabase, version: int) -> Iterator[int]:
    """Yields numbers for a sample of the runs of words in the findings of a version, wherever its sentences end."""
    rows = database.query(
        "SELECT text FROM sentence WHERE version = ? AND role IN (?, ?) ORDER BY ordinal",
        version,
        Role.FINDING,
        Role.QUESTION,
    )
    words = [word for (text,) in rows for word in _WORD.findall(str(text).casefold())]
    for start in range(len(words) - RUN_WORDS + 1):
        if zlib.crc32(words[start].encode()) % SAMPLED_RUNS == 0:
            yield zlib.crc32(" ".join(words[start : start + RUN_WORDS]).encode())
