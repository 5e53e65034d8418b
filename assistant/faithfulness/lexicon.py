"""The words by which a summary is held against its sentence: `data/compression.toml`, validated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import BeforeValidator, Field

from assistant.answer_layout import Frozen
from assistant.question.vocabulary_files import data_folder, read_toml, read_words


def _listed(value: object) -> object:
    """The entries of a list written with commas; anything else stays, for the validation to refuse."""
    return [" ".join(entry.split()) for entry in value.split(",")] if isinstance(value, str) else value


_Entry = Annotated[str, Field(pattern=r"^[a-z][a-z' -]*$")]
_Entries = Annotated[frozenset[_Entry], BeforeValidator(_listed), Field(min_length=1)]


class _Idle(Frozen):
    fillers: _Entries
    connectives: _Entries
    openings: _Entries
    findings: _Entries
    evident: _Entries


class _Prepositions(Frozen):
    free: _Entries
    scope: _Entries


class _CompressionFile(Frozen):
    addressed: tuple[str, ...] = Field(min_length=1)
    content: _Entries
    fixing: _Entries
    limiting: _Entries
    spreading: _Entries
    protected: dict[str, _Entries] = Field(min_length=1)
    judging: dict[str, _Entries] = Field(min_length=1)
    idle: _Idle
    prepositions: _Prepositions


Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CompressionWords:
    """All classes of words. A phrase is a tuple of words in lower case."""

    addressed: re.Pattern[str]  # words that address a machine or its user
    function: frozenset[str]  # words without content
    protected: frozenset[str]  # no summary may leave one out
    judging: frozenset[str]  # no aside or phrase with one of them may be left out
    limiting: frozenset[str]  # no aside with one of them may be left out
    negators: frozenset[str]
    spreading: frozenset[str]  # of a clause next to the one that is kept, words that may be said of both
    fixing: frozenset[str]  # what they are said of may not be widened
    fillers: frozenset[Phrase]
    connectives: frozenset[Phrase]
    openings: frozenset[Phrase]
    findings: frozenset[Phrase]
    evident: frozenset[Phrase]
    free_prepositions: frozenset[Phrase]
    scope_prepositions: frozenset[Phrase]


@cache
def load_compression_words() -> CompressionWords:
    """The project's own. Raises `VocabularyError` when a data file is malformed."""
    file = read_toml(data_folder() / "compression.toml", _CompressionFile)
    return CompressionWords(
        addressed=re.compile("|".join(file.addressed), re.IGNORECASE),
        function=read_words(data_folder() / "stopwords.txt") - file.content,
        protected=frozenset().union(*file.protected.values()),
        judging=frozenset().union(*file.judging.values()),
        limiting=file.limiting.union(
            *(file.protected[name] for name in ("negation", "hedge", "condition", "exception"))
        )
        - {"where"},
        negators=file.protected["negation"],
        spreading=file.spreading,
        fixing=file.fixing,
        fillers=_phrases(file.idle.fillers),
        connectives=_phrases(file.idle.connectives),
        openings=_phrases(file.idle.openings),
        findings=_phrases(file.idle.findings),
        evident=_phrases(file.idle.evident),
        free_prepositions=_phrases(file.prepositions.free),
        scope_prepositions=_phrases(file.prepositions.scope),
    )


def _phrases(entries: frozenset[str]) -> frozenset[Phrase]:
    return frozenset(tuple(entry.split()) for entry in entries)
