"""Keeps the candidates that may answer at all: of the force, the year and the speaker asked about.

In an assessment of the force, only a sentence about another force is left out. In a document of no one force, such as
a thematic report or a podcast, a sentence speaks of the force that it names, or the one named before it in its passage,
or in its heading, or the speaker's own; one of forces in general speaks of none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache

from assistant.question.periods import years_asked
from assistant.question.question import Question
from assistant.question.scope import Corpus, ScopePart
from assistant.question.speakers import AskedSpeaker, Speaker, speakers_of
from assistant.retrieval.evidence import RankedCandidates
from index.published.arrays import ContextColumn
from index.published.open_index import OpenIndex
from index.sources.force_names import forces_named

MAX_JUDGED = 60  # candidates, the most probable first, whose force is found; no less probable one is selected
MAX_SUBJECT_CHARACTERS = 24  # before a name that begins a sentence: "By contrast, Westmere Police …"
_CACHED_TRANSCRIPTS = 4_096
_OWN_FORCE = re.compile(r"\b(?:the (?:force|constabulary)|we|our|us|both)\b", re.IGNORECASE)
_FORCES_IN_GENERAL = re.compile(r"\bforces\b|\b(?:every|each|no|another) (?:police )?force\b", re.IGNORECASE)
_HEADINGS = (ContextColumn.HEADING, ContextColumn.OUTER_HEADING)


class Eligibility:
    """Decides which candidates over one index may answer. Safe to use from several threads."""

    def __init__(self, index: OpenIndex, corpus: Corpus) -> None:
        self._index = index
        self._corpus = corpus
        self._speakers_at = lru_cache(_CACHED_TRANSCRIPTS)(self._read_speakers)

    def kept(self, question: Question, part: ScopePart | None, ranked: RankedCandidates) -> RankedCandidates:
        """The candidates that may answer a question, or one part of it."""
        kept = ranked
        asked = self._forces_asked(question, part)
        if asked:
            named = {*asked, *question.scope.forces, *question.scope.missing_forces}
            kept = kept.taken(self._of_force(kept, asked, named))
        years = [mention.period.first for mention in years_asked(question.standalone)]
        if years and self._corpus.periods:
            kept = kept.taken(self._of_years(kept, years))
        if question.speaker is not None:
            kept = kept.taken(self._said_by(question, question.speaker, kept))
        return kept

    def places_of_speaker(self, question: Question) -> tuple[int, ...]:
        """The transcripts in scope in which the speaker asked for speaks; none if no speaker is asked for."""
        return tuple(self._speaking(question, question.speaker)) if question.speaker is not None else ()

    def _forces_asked(self, question: Question, part: ScopePart | None) -> frozenset[str]:
        if part is not None and part.force:
            return frozenset({part.force})
        scope = question.scope
        return frozenset(scope.missing_forces if scope.is_of_naming else scope.forces)

    def _of_force(self, ranked: RankedCandidates, asked: Collection[str], named: Collection[str]) -> list[int]:
        """The positions of the candidates that speak of a force asked about."""
        judged = range(min(MAX_JUDGED, len(ranked)))
        elsewhere = [position for position in judged if not ranked.forces[position]]
        spoken_of = dict(zip(elsewhere, self._spoken_of(ranked, elsewhere), strict=True))
        kept = []
        for position, force in enumerate(ranked.forces):
            if not force:
                speaks = not spoken_of.get(position, frozenset()).isdisjoint(asked)
            else:
                speaks = position not in judged or not self._is_about_other(ranked.texts[position], named)
            if speaks:
                kept.append(position)
        return kept

    def _of_years(self, ranked: RankedCandidates, years: Sequence[int]) -> list[int]:
        """The positions of the candidates that name a year asked about, or are from an inspection of it."""
        return [
            position
            for position, (place, text) in enumerate(zip(ranked.places.tolist(), ranked.texts, strict=True))
            if any(str(year) in text for year in years) or self._is_of_any(place, years)
        ]

    def _is_of_any(self, place: int, years: Sequence[int]) -> bool:
        """Whether a transcript is of an inspection of any of the years, or bears no date at all."""
        period, day = self._corpus.transcripts[place].period, int(self._corpus.days[place])
        if period is not None:
            return any(period.covers(year) for year in years)
        return not day or any(date.fromordinal(day).year in (year, year + 1) for year in years)

    def _is_about_other(self, text: str, named: Collection[str]) -> bool:
        """Whether a sentence of a force's own assessment begins with another force, and does not name its own."""
        found = forces_named(text, self._corpus.gazetteer, misspelt=False)
        if not found or any(name.name in named for name in found):
            return False
        return found[0].start <= MAX_SUBJECT_CHARACTERS and _OWN_FORCE.search(text, found[0].end) is None

    def _spoken_of(self, ranked: RankedCandidates, positions: Sequence[int]) -> list[frozenset[str]]:
        """The forces that sentences in documents of no one force speak of, at some positions."""
        generation = self._index.generation
        before: dict[int, list[int]] = {}
        for position in positions:
            row = int(ranked.rows[position])
            first = int(generation.passage_rows[generation.passage_of[row], 0])
            headings = [int(generation.context_rows[row, column]) for column in _HEADINGS]
            before[position] = [*range(row, first - 1, -1), *(heading for heading in headings if heading >= 0)]
        rows = sorted({row for read in before.values() for row in read})
        texts = self._texts(rows)
        named = {row: self._named_in(text) for row, text in texts.items()}
        return [
            self._focus(ranked, position, [(texts[row], named[row]) for row in before[position]])
            for position in positions
        ]

    def _focus(
        self, ranked: RankedCandidates, position: int, before: Sequence[tuple[str, frozenset[str]]]
    ) -> frozenset[str]:
        """The forces of the first text that names any; a text is the sentence, those before it, then its headings."""
        for text, named in before:
            if named:
                return named
            if _FORCES_IN_GENERAL.search(text):
                return frozenset()
        place = int(ranked.places[position])
        discussed = self._corpus.transcripts[place].forces_discussed
        if len(discussed) == 1:
            return frozenset(discussed)
        label = ranked.speakers[position]
        spoken = [speaker for speaker in self._speakers_at(place) if speaker.label == label] if label else []
        return frozenset(force for speaker in spoken for force in self._named_in(speaker.described))

    def _named_in(self, text: str) -> frozenset[str]:
        return frozenset(name.name for name in forces_named(text, self._corpus.gazetteer, misspelt=False))

    def _texts(self, rows: Sequence[int]) -> dict[int, str]:
        keys = self._index.generation.keys
        stored = self._index.sentences([int(keys[row]) for row in rows])
        return {row: found.sentence.text for row, found in zip(rows, stored, strict=True)}

    def _read_speakers(self, place: int) -> tuple[Speaker, ...]:
        transcript = self._index.transcript(self._index.generation.transcripts[place].id)
        return speakers_of(transcript) if transcript is not None else ()

    def _speaking(self, question: Question, asked: AskedSpeaker) -> Mapping[int, frozenset[str]]:
        """The labels of the speaker asked for, by transcript in scope; only transcripts in which the speaker speaks."""
        found = {}
        for place in question.scope.places or self._corpus.every_place:
            labels = frozenset(one.label for one in self._speakers_at(place) if one.is_meant_by(asked))
            if labels:
                found[place] = labels
        return found

    def _said_by(self, question: Question, asked: AskedSpeaker, ranked: RankedCandidates) -> list[int]:
        """The positions of the candidates that the speaker asked for says, or that report what the person said."""
        speaking = self._speaking(question, asked)
        if not speaking and (asked.may_be_any or not asked.is_certain):
            return list(range(len(ranked)))
        return [
            position
            for position, (place, label) in enumerate(zip(ranked.places.tolist(), ranked.speakers, strict=True))
            if label in speaking.get(place, ())
            or (not label and self._is_written_by(asked, place, ranked.texts[position]))
        ]

    def _is_written_by(self, asked: AskedSpeaker, place: int, text: str) -> bool:
        """Whether a sentence that is nobody's turn is the inspector's own, or reports what the person said."""
        if asked.is_named_in(text):
            return True
        inspector = self._corpus.transcripts[place].inspector
        return not self._speakers_at(place) and asked.is_inspector(inspector)
