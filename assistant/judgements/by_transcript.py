"""Works out what each sentence of a transcript states, and about which themes, once for each transcript.

Whole transcripts are read as they were indexed, so every sentence is a slice of its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from assistant.compose import depends_on_previous
from assistant.filter import Filter
from assistant.judgements.praise_and_concern import CONCERNS, Side, StatedJudgement, StatementRules
from assistant.judgements.themes import Themes
from assistant.sources import SourcePage, SourceReader
from assistant.work import checked
from index.published.generation import IndexedTranscript
from index.records.grades import Grade
from index.records.record import FormalRecord, RecordStatus, label_of
from index.text.sentences import Sentence
from index.text.transcript import Role
from index.text.words import HIGH_GRADES, LOW_GRADES


class JudgedSentence:
    """A finding of a transcript: the themes it is about, and what it states, which is worked out when first asked for.

    `before` is the sentence before it if it would be misread alone. `themes` are keys: first those that its own words
    name, or the sentence it depends on, then those of its heading. `state` works out what it states.
    """

    __slots__ = ("_state", "_stated", "before", "sentence", "themes")

    def __init__(
        self,
        sentence: Sentence,
        before: Sentence | None,
        themes: tuple[str, ...],
        state: Callable[[], StatedJudgement],
    ) -> None:
        self.sentence = sentence
        self.before = before
        self.themes = themes
        self._state = state
        self._stated: StatedJudgement | None = None

    @property
    def stated(self) -> StatedJudgement:
        """What it states. Two threads may work it out at once, with the same result."""
        if self._stated is None:
            self._stated = self._state()
        return self._stated

    @property
    def text_before(self) -> str:
        """The text of the sentence before it if it would be misread alone; else empty."""
        return self.before.text if self.before is not None else ""


@dataclass(frozen=True, slots=True)
class _Heading:
    """The themes that apply under the heading above a sentence."""

    themes: tuple[str, ...] = ()


class Judgements:
    """What the sentences of the searched transcripts state. Safe to use from several threads."""

    def __init__(self, sources: SourceReader, rules: StatementRules, themes: Themes) -> None:
        self._sources = sources
        self._rules = rules
        self._themes = themes
        self._by_transcript: dict[str, tuple[JudgedSentence, ...]] = {}
        self._records: dict[str, tuple[FormalRecord, ...]] = {}

    @property
    def sources(self) -> SourceReader:
        """The reader of the transcripts."""
        return self._sources

    @property
    def themes(self) -> Themes:
        """The themes that sentences are sorted by."""
        return self._themes

    def of(self, transcript_id: str) -> tuple[JudgedSentence, ...]:
        """The findings of a transcript, in order; none for an unknown id."""
        judged = self._by_transcript.get(transcript_id)
        if judged is None:
            page = self._sources.transcript_page(transcript_id)
            judged = tuple(self._read(page)) if page else ()
            self._records[transcript_id] = tuple(page.records) if page else ()
            self._by_transcript[transcript_id] = judged  # two threads may work out the same, with the same result
        return judged

    def records_of(self, transcript_id: str) -> tuple[FormalRecord, ...]:
        """The formal records of a transcript, in order; none for an unknown id."""
        self.of(transcript_id)
        return self._records[transcript_id]

    def transcripts(self, within: Filter) -> tuple[IndexedTranscript, ...]:
        """The transcripts that a filter allows, by force, then by time. Raises `FilterError` for an unknown name."""
        searched = self._sources.transcripts()
        within.check(searched)
        allowed = [transcript for transcript in searched if within.allows(transcript)]
        return tuple(sorted(allowed, key=_listing_order))

    def side_on(self, judged: JudgedSentence, theme: str) -> Side | None:
        """Which way a sentence judges a theme; of a sentence with several grades, by those it gives to this theme."""
        stated = judged.stated
        given = {grade.grade for grade in stated.grades if theme in self._themes.named(grade.of)}
        if not given or len(stated.grades) < 2:
            return stated.side
        high, low = HIGH_GRADES & given, LOW_GRADES & given
        if high:
            return Side.BOTH if low else Side.PRAISE
        return Side.CONCERN if low else None

    def _read(self, page: SourcePage) -> Iterator[JudgedSentence]:
        """Every finding of a transcript, in order."""
        heading, records = _Heading(), _records_by_sentence(page)
        last: JudgedSentence | None = None
        for sentence in checked(page.sentences):
            if sentence.role is Role.HEADING:
                heading = self._heading(sentence, heading)
            if sentence.role is not Role.FINDING:
                continue
            above = last if last is not None and last.sentence.block == sentence.block else None
            last = self._judged(sentence, above, heading, records.get(sentence.ordinal, ()))
            yield last

    def _heading(self, sentence: Sentence, above: _Heading) -> _Heading:
        """A heading; "Area for improvement" keeps the themes of the heading above it, which says of what."""
        themes = self._themes.named(sentence.text)
        return _Heading(themes if themes or label_of(sentence.text) is None else above.themes)

    def _judged(
        self,
        sentence: Sentence,
        above: JudgedSentence | None,
        heading: _Heading,
        records: Sequence[FormalRecord],
    ) -> JudgedSentence:
        """A finding, and the records that it is part of; `above` is the one before it in its paragraph."""
        state = partial(self._stated, sentence, records)
        own = self._themes.named(sentence.text)
        if above is None:
            return JudgedSentence(sentence, None, _joined(own, heading.themes), state)
        depends = depends_on_previous(sentence.text)
        themes = own or (above.themes if depends else ())
        return JudgedSentence(sentence, above.sentence if depends else None, _joined(themes, heading.themes), state)

    def _stated(self, sentence: Sentence, records: Sequence[FormalRecord]) -> StatedJudgement:
        """What a sentence states: its term and its grades are those of its records."""
        made = [record for record in records if record.status is RecordStatus.MADE]
        term = next((kind for kind in CONCERNS if any(record.kind is kind for record in made)), None)
        grades = tuple(Grade(record.grade, record.subject) for record in made if record.grade)
        return self._rules.read(sentence.text, term, grades)


def _joined(themes: tuple[str, ...], of_heading: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*themes, *of_heading)))


def _listing_order(transcript: IndexedTranscript) -> tuple[str, str, str, str]:
    return transcript.force, transcript.period, transcript.title, transcript.source


def _records_by_sentence(page: SourcePage) -> dict[int, list[FormalRecord]]:
    """The records that each sentence is part of, by its ordinal."""
    found: dict[int, list[FormalRecord]] = {}
    for record in page.records:
        for ordinal in record.ordinals:
            found.setdefault(ordinal, []).append(record)
    return found
