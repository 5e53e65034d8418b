"""Passages: runs of consecutive sentences of one transcript, small enough to be about one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from index.text.sentences import Sentence
from index.text.transcript import Role

MOST_SENTENCES = 8
LONGEST = 1200  # characters, about; a single longer sentence stays whole

# A marker of a list or a table: what stands on both sides of it is about one thing.
_MARKER = re.compile(r"[-*+•◦▪‣●○■□➢✓>|\s]+|[0-9]{1,3}[.)]|\|?[\s|:-]*\|?")


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences `first` to `last` (ordinals, inclusive) of one transcript. Passages of a transcript tile it."""

    transcript_id: str
    ordinal: int
    first: int
    last: int


def group(sentences: Sequence[Sentence]) -> tuple[Passage, ...]:
    """Passages of one transcript's sentences: each sentence is in exactly one, in order.

    A paragraph is a passage, and so is a list or a table with the line that introduces it; one of more than 8 sentences
    or about 1,200 characters is shared out evenly. A title, strapline or heading is a passage, with its marker.
    """
    runs = [part for run in _runs(sentences) for part in _evenly(run)]
    return tuple(Passage(run[0].transcript_id, n, run[0].ordinal, run[-1].ordinal) for n, run in enumerate(runs))


def _runs(sentences: Sequence[Sentence]) -> Iterator[list[Sentence]]:
    """Sentences of one block, or of blocks that only markers of a list or table stand between."""
    run: list[Sentence] = []
    for sentence in sentences:
        if run and not _continues(run[-1], sentence):
            yield run
            run = []
        run.append(sentence)
    if run:
        yield run


def _continues(before: Sentence, after: Sentence) -> bool:
    if before.block == after.block:
        return True
    if before.role is Role.MARKUP:
        return after.role is not Role.STRAPLINE
    return before.role is Role.FINDING and after.role is Role.MARKUP and _MARKER.fullmatch(after.text) is not None


def _evenly(run: list[Sentence]) -> Iterator[list[Sentence]]:
    """The run, or as few parts as the limits ask for, whose numbers of sentences differ by one at most."""
    characters = run[-1].end - run[0].start
    parts = min(len(run), max(ceil(len(run) / MOST_SENTENCES), ceil(characters / LONGEST)))
    cuts = [len(run) * part // parts for part in range(parts + 1)]
    for start, end in pairwise(cuts):
        yield run[start:end]
