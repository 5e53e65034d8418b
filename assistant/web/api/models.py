"""The requests and responses of the JSON interface, except the Answer and its citations."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.answer import Citation
from assistant.filter import Filter
from assistant.judgements.register import Register, RegisterEntry
from assistant.question.conversation import Turn
from assistant.sources import SourceReader, transcript_address
from assistant.state import (
    MAX_FILTER_NAMES,
    MAX_HISTORY_TURNS,
    MAX_NAME_CHARACTERS,
    MAX_QUESTION_CHARACTERS,
    MAX_TURN_CHARACTERS,
)
from index.published.generation import IndexedTranscript
from index.records.record import RecordKind, RecordStatus
from index.text.sentences import Sentence
from index.text.transcript import Metadata, Role

MAX_SENT_TURNS = 50  # of which `ChainInput` reads the last
MAX_RESULTS = 50
DEFAULT_RESULTS = 10

Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME_CHARACTERS)]
Names = Annotated[list[Name], Field(max_length=MAX_FILTER_NAMES)]


class StrictRequest(BaseModel):
    """A request in which a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid")


class FilteredRequest(StrictRequest):
    """A request that is limited to transcripts of one of the forces, one of the periods and one of the ids.

    An empty list is no limit.
    """

    forces: Names = Field(
        default_factory=list,
        description="Names of forces, as `GET /api/v1/transcripts` returns them.",
        examples=[["Northshire Constabulary"]],
    )
    periods: Names = Field(
        default_factory=list,
        description="Inspection periods, as `GET /api/v1/transcripts` returns them.",
        examples=[["2018/19"]],
    )
    transcripts: Names = Field(default_factory=list, description="Ids of transcripts.", examples=[["northshire-2018"]])

    def to_filter(self) -> Filter:
        """Returns the three lists as a filter."""
        return Filter(tuple(self.forces), tuple(self.periods), tuple(self.transcripts))


class HistoryTurn(StrictRequest):
    """One earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    text: str = Field(max_length=MAX_QUESTION_CHARACTERS)


class AskRequest(FilteredRequest):
    """A question, the conversation before it, and the transcripts to search."""

    question: str = Field(
        max_length=MAX_QUESTION_CHARACTERS,
        description="The question.",
        examples=["How well does the force investigate crime?"],
    )
    history: list[HistoryTurn] = Field(
        default_factory=list,
        max_length=MAX_SENT_TURNS,
        description=f"Earlier turns, the oldest first. They give a follow-up question its meaning. The last "
        f"{MAX_HISTORY_TURNS} are read, up to {MAX_TURN_CHARACTERS:,} characters of each.",
        examples=[[]],
    )

    def turns(self) -> list[Turn]:
        """Returns the history in the type that the assistant takes."""
        return [Turn(turn.role, turn.text) for turn in self.history]


class SearchRequest(FilteredRequest):
    """A text to search for, and the transcripts to search."""

    q: str = Field(
        min_length=1,
        max_length=MAX_QUESTION_CHARACTERS,
        description="The text. Only the beginning counts of one that is longer than the longest question.",
        examples=["supervision of investigations"],
    )
    count: int = Field(
        default=DEFAULT_RESULTS, ge=1, le=MAX_RESULTS, description="The maximum number of sentences to return."
    )


class SearchResults(BaseModel):
    """The sentences nearest to a text, the nearest first. They do not necessarily answer a question."""

    query: str = Field(description="The text, as sent.")
    results: list[Citation]


class TranscriptSummary(BaseModel):
    """One transcript in the index."""

    id: str = Field(examples=["northshire-2018"])
    source: str = Field(description="The file name in the sources folder.", examples=["northshire-2018.txt"])
    title: str
    force: str = Field(description="Empty if the source does not name one.", examples=["Northshire Constabulary"])
    period: str = Field(description="Empty if the source does not name one.", examples=["2018/19"])
    sentences: int = Field(ge=0, description="The number of sentences that can be quoted.")
    address: str = Field(
        description="The path of its page, from the root of this site.", examples=["/sources/northshire-2018"]
    )
    superseded_by: str = Field(
        default="", description="The id of the later transcript that is searched instead; empty if this one is."
    )

    @classmethod
    def of(cls, transcript: IndexedTranscript) -> Self:
        return cls(
            id=transcript.id,
            source=transcript.source,
            title=transcript.title,
            force=transcript.force,
            period=transcript.period,
            sentences=transcript.row_count,
            address=transcript_address(transcript.id),
            superseded_by=transcript.superseded_by,
        )


class TranscriptList(BaseModel):
    """The transcripts in the index, in a fixed order."""

    transcripts: list[TranscriptSummary]
    superseded: list[TranscriptSummary] = Field(
        description="Earlier versions of these. They can be read, but are not searched."
    )

    @classmethod
    def of(cls, sources: SourceReader) -> Self:
        return cls(
            transcripts=[TranscriptSummary.of(held) for held in sources.transcripts()],
            superseded=[TranscriptSummary.of(held) for held in sources.superseded()],
        )


class Span(BaseModel):
    """A sentence and its position: `text[start:end]` of its transcript is the text of the sentence."""

    id: str
    start: int = Field(ge=0, description="The position of its first character, in Unicode code points from 0.")
    end: int = Field(gt=0, description="The position after its last character.")
    text: str
    role: Role = Field(description="Its part in the text. Only a `finding` answers a question about findings.")

    @classmethod
    def of(cls, sentence: Sentence) -> Self:
        return cls(id=sentence.id, start=sentence.start, end=sentence.end, text=sentence.text, role=sentence.role)


class TranscriptMetadata(BaseModel):
    """What the transcript or the catalogue states about it. A value that neither states is empty or null."""

    force: str
    period: str
    first_year: int | None
    last_year: int | None
    programme: str
    kind: str
    inspector: str
    updated: str = Field(description="The date of the last update, as written in the text.")
    published: str = Field(
        description="The date of publication, as written in the text; such as 2019-05-02 if the catalogue gives it."
    )
    url: str = Field(description="The address at which it was published.")
    licence: str
    catalogued: list[str] = Field(description="The names of the fields, or `title`, that the catalogue gives.")

    @classmethod
    def of(cls, metadata: Metadata) -> Self:
        return cls(
            force=metadata.force,
            period=metadata.period.label if metadata.period else "",
            first_year=metadata.period.first if metadata.period else None,
            last_year=metadata.period.last if metadata.period else None,
            programme=metadata.programme,
            kind=metadata.kind,
            inspector=metadata.inspector,
            updated=metadata.updated,
            published=metadata.published,
            url=metadata.url,
            licence=metadata.licence,
            catalogued=list(metadata.catalogued),
        )


class TranscriptDetail(TranscriptSummary):
    """One transcript with its text. Its sentences cover the text except for white space between them."""

    sha256: str = Field(description="SHA-256 of the bytes of the source file.")
    metadata: TranscriptMetadata
    text: str = Field(description="The decoded text, in which all positions count.")
    spans: list[Span] = Field(description="Every sentence, including headings and markup, in the order of the text.")

    @classmethod
    def read(cls, sources: SourceReader, transcript_id: str) -> Self | None:
        """Reads a transcript; None where there is none of that id."""
        page = sources.transcript_page(transcript_id)
        listed = {held.id: held for held in (*sources.transcripts(), *sources.superseded())}
        if page is None or transcript_id not in listed:
            return None
        return cls(
            **TranscriptSummary.of(listed[transcript_id]).model_dump(),
            sha256=page.transcript.sha256,
            metadata=TranscriptMetadata.of(page.transcript.metadata),
            text=page.transcript.text,
            spans=[Span.of(sentence) for sentence in page.sentences],
        )


class FormalRecordItem(BaseModel):
    """One cause of concern, area for improvement, recommendation, innovative practice or grade."""

    kind: RecordKind
    status: RecordStatus = Field(description="`made`, or `closed` where the source says so.")
    number: str = Field(description="Its number, as printed; often empty.")
    subject: str = Field(description="Of a grade, what it is given to; of any other kind, the title in its heading.")
    grade: str = Field(description="Of a grade, the grade in lower case; else empty.")
    addressee: str = Field(description="Who should act on it; empty where it does not say.")
    deadline: str = Field(description="By when, as worded; empty where it does not say.")
    due: str = Field(description="The deadline as a date, such as 2024-06-30, where it is one; else empty.")
    citations: list[Citation] = Field(description="The sentences of its full text, in order. All have its number.")

    @classmethod
    def of(cls, entry: RegisterEntry) -> Self:
        record = entry.record
        return cls(
            kind=record.kind,
            status=record.status,
            number=record.number,
            subject=record.subject,
            grade=record.grade,
            addressee=record.addressee,
            deadline=record.deadline,
            due=record.due,
            citations=list(entry.citations),
        )


class FormalRecordList(BaseModel):
    """Formal records by force, then by time."""

    records: list[FormalRecordItem]

    @classmethod
    def of(cls, register: Register) -> Self:
        return cls(records=[FormalRecordItem.of(entry) for entry in register.entries])


class Health(BaseModel):
    """Whether the service can answer, and how many transcripts it searches."""

    status: Literal["ok", "degraded", "closed"] = Field(
        description="`degraded`: it answers, but its index has a fault that it tries to repair; the server's log has "
        "the details. `closed`: it works, but its operator has closed it."
    )
    transcripts: int = Field(default=0, ge=0, description="The number of transcripts; not given while closed.")


class ErrorReply(BaseModel):
    """Why a request was not served."""

    status: str = Field(description="A word that does not change, for programs.", examples=["not_found"])
    error: str = Field(description="What is wrong and what to do about it, for people.")


class Problem(BaseModel):
    """One problem with a request. It does not repeat what was sent."""

    at: str = Field(description="The parts of its path, joined by full stops.", examples=["body.question"])
    problem: str = Field(examples=["Field required"])


class InvalidRequestReply(ErrorReply):
    """Why a request is invalid: it is malformed, or its filter names something that is not in the index."""

    problems: list[Problem] = Field(default_factory=list, description="The problems of a malformed request.")
