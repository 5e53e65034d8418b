"""Groups the sentences of a transcript into passages: short runs of sentences about one subject."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from index.text.sentences import Sentence
from index.text.transcript import Role

MAX_PASSAGE_SENTENCES = 8
MAX_PASSAGE_CHARACTERS = 1200  # approximate: a single longer sentence stays whole

# A marker of a list or a table. The text before and after it belongs together.
_MARKER = re.compile(r"[-*+•◦▪‣●○■□➢✓>|\s]+|\(?(?:[0-9]{1,3}|[a-zA-Z]|[ivx]{2,5})[.)]|\|?[\s|:-]*\|?")


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences `first` to `last` (ordinals, inclusive) of one transcript. Its passages tile the transcript."""

    transcript_id: str
    ordinal: int
    first: int
    last: int


def group_passages(sentences: Sequence[Sentence]) -> tuple[Passage, ...]:
    """Returns the passages of one transcript's sentences, in order; each sentence is in exactly one.

    A paragraph is a passage, and so is a list or a table together with the line that introduces it. One that exceeds
    `MAX_PASSAGE_SENTENCES` or `MAX_PASSAGE_CHARACTERS` is divided evenly. A title, strapline or heading is a passage,
    with its marker.
    """
    runs = [part for run in _runs(sentences) for part in _divided(run)]
    return tuple(
        Passage(run[0].transcript_id, ordinal, run[0].ordinal, run[-1].ordinal) for ordinal, run in enumerate(runs)
    )


def _runs(sentences: Sequence[Sentence]) -> Iterator[list[Sentence]]:
    """Yields the sentences of each block, or of several blocks that only list or table markers separate."""
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


def _divided(run: list[Sentence]) -> Iterator[list[Sentence]]:
    """Yields the run in as few parts as the limits allow; their numbers of sentences differ by at most one."""
    characters = run[-1].end - run[0].start
    needed = max(ceil(len(run) / MAX_PASSAGE_SENTENCES), ceil(characters / MAX_PASSAGE_CHARACTERS))
    parts = min(len(run), needed)
    cuts = [len(run) * part // parts for part in range(parts + 1)]
    for start, end in pairwise(cuts):
        yield run[start:end]
