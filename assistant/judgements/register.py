"""Lists the causes of concern, areas for improvement and recommendations, each with its full text."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from assistant.answer import Citation
from assistant.compose import depends_on_previous
from assistant.filter import Filter
from assistant.judgements.by_transcript import Judgements
from assistant.messages import Messages
from assistant.sources import SourcePage, citation_of
from assistant.work import checked
from index.published.generation import IndexedTranscript
from index.records.record import FormalRecord, RecordKind, RecordStatus

LISTED = (RecordKind.CAUSE_OF_CONCERN, RecordKind.AREA_FOR_IMPROVEMENT, RecordKind.RECOMMENDATION)


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One formal record, and the citations of its full text, which all have the entry's number, from 1.

    `heading` is the heading that names its kind, as printed; else empty. `lines` are its paragraphs and list items,
    each a slice of the source. `before` is the sentence before it if it would be misread alone; else empty.
    """

    record: FormalRecord
    citations: tuple[Citation, ...]
    heading: str
    lines: tuple[str, ...]
    before: str

    @property
    def citation(self) -> Citation:
        """The citation of its first sentence."""
        return self.citations[0]

    @property
    def end(self) -> int:
        """One past the last character of its full text."""
        return self.citations[-1].end

    def term_in_words(self, words: Messages) -> str:
        """Its kind, and its number in the source; or that the source says it is closed."""
        if self.record.status is RecordStatus.CLOSED:
            return words.say("term.closed")
        return " ".join(filter(None, (words.say(f"term.{self.record.kind.value}"), self.record.number)))


@dataclass(frozen=True, slots=True)
class Register:
    """The entries by force, then by time, and the transcripts they were looked for in, in the same order."""

    entries: tuple[RegisterEntry, ...]
    transcripts: tuple[IndexedTranscript, ...]

    @property
    def forces(self) -> tuple[str, ...]:
        """The forces of the transcripts; an empty name stands for sources that name none."""
        return tuple(dict.fromkeys(transcript.force for transcript in self.transcripts))


def register_of(judgements: Judgements, within: Filter, kinds: Collection[RecordKind] = LISTED) -> Register:
    """The register of the transcripts a filter allows. Raises `FilterError` when it names one that is not there."""
    transcripts = judgements.transcripts(within)
    pages = (judgements.sources.transcript_page(transcript.id) for transcript in checked(transcripts))
    found = ((page, record) for page in pages if page is not None for record in _listed(page, kinds))
    entries = tuple(_entry(page, record, number) for number, (page, record) in enumerate(found, 1))
    return Register(entries, transcripts)


def _listed(page: SourcePage, kinds: Collection[RecordKind]) -> Iterator[FormalRecord]:
    yield from (record for record in page.records if record.kind in kinds and record.status is not RecordStatus.NONE)


def _entry(page: SourcePage, record: FormalRecord, number: int) -> RegisterEntry:
    sentences = [page.sentences[ordinal] for ordinal in record.ordinals]
    text = page.transcript.text
    numbered = enumerate(sentences)
    runs = [list(run) for _, run in groupby(numbered, lambda item: (item[1].block, item[1].ordinal - item[0]))]
    first = sentences[0]
    before = page.sentences[first.ordinal - 1] if first.ordinal and depends_on_previous(first.text) else None
    return RegisterEntry(
        record,
        tuple(citation_of(page, sentence, number) for sentence in sentences),
        " ".join(page.sentences[ordinal].text for ordinal in record.headings),
        tuple(text[run[0][1].start : run[-1][1].end] for run in runs),
        before.text if before is not None and before.block == first.block else "",
    )
