"""What goes into the JSON interface and what comes out of it, beside the Answer itself."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.answer import Citation
from assistant.filter import Filter
from assistant.question.conversation import Turn
from assistant.sources import Held, SourcePage, transcript_address
from index.text.sentences import Sentence
from index.text.transcript import Metadata, Role

LONGEST_QUESTION = 10_000  # characters let in; the assistant's own limit is lower and is an answer, not an error
LONGEST_HISTORY = 50  # turns
LONGEST_LIST = 100  # names in one list of a filter
MOST_RESULTS = 50
USUAL_RESULTS = 10

Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Names = Annotated[list[Name], Field(max_length=LONGEST_LIST)]


class Given(BaseModel):
    """What is sent: a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid")


class Limits(Given):
    """What to look at: of one of the forces, one of the periods and one of the transcripts. Empty: no limit."""

    forces: Names = Field(
        default_factory=list, description="Names of forces, as held.", examples=[["Northshire Constabulary"]]
    )
    periods: Names = Field(default_factory=list, description="Inspection periods, as held.", examples=[["2018/19"]])
    transcripts: Names = Field(default_factory=list, description="Ids of transcripts.", examples=[["northshire-2018"]])

    def within(self) -> Filter:
        """The same as a filter."""
        return Filter(tuple(self.forces), tuple(self.periods), tuple(self.transcripts))


class HistoryTurn(Given):
    """One earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    text: str = Field(max_length=LONGEST_QUESTION)


class AskRequest(Limits):
    """A question, the conversation it stands in, and what to look at."""

    question: str = Field(
        max_length=LONGEST_QUESTION,
        description="The question.",
        examples=["How well does the force investigate crime?"],
    )
    history: list[HistoryTurn] = Field(
        default_factory=list,
        max_length=LONGEST_HISTORY,
        description="Earlier turns, the oldest first: a follow-up is read with them.",
        examples=[[]],
    )

    def turns(self) -> list[Turn]:
        """The history as the assistant takes it."""
        return [Turn(said.role, said.text) for said in self.history]


class SearchRequest(Limits):
    """A text to find sentences near to, and what to look at."""

    q: str = Field(
        min_length=1,
        max_length=LONGEST_QUESTION,
        description="The text. Of one longer than the longest question, only the beginning counts.",
        examples=["supervision of investigations"],
    )
    count: int = Field(default=USUAL_RESULTS, ge=1, le=MOST_RESULTS, description="The most sentences wanted.")


class Results(BaseModel):
    """The sentences nearest to a text, the best first. They are near: they need not answer anything."""

    query: str = Field(description="As sent.")
    results: list[Citation]


class Listed(BaseModel):
    """One transcript held."""

    id: str = Field(examples=["northshire-2018"])
    source: str = Field(description="The file's name within the sources folder.", examples=["northshire-2018.txt"])
    title: str
    force: str = Field(description="Empty when the source does not name one.", examples=["Northshire Constabulary"])
    period: str = Field(description="Empty when the source does not name one.", examples=["2018/19"])
    sentences: int = Field(ge=0, description="Sentences that can be quoted.")
    address: str = Field(
        description="Its page, as a path from the root of this site.", examples=["/sources/northshire-2018"]
    )
    superseded_by: str = Field(
        default="", description="Id of the later one that is searched in its place; empty for one that is searched."
    )

    @classmethod
    def of(cls, held: Held) -> Self:
        return cls(
            id=held.transcript_id,
            source=held.source,
            title=held.title,
            force=held.force,
            period=held.period,
            sentences=held.sentences,
            address=transcript_address(held.transcript_id),
            superseded_by=held.superseded_by,
        )


class Transcripts(BaseModel):
    """What is held, in a fixed order."""

    transcripts: list[Listed]
    superseded: list[Listed] = Field(description="Earlier snapshots of these: kept to be read, and not searched.")


class Span(BaseModel):
    """A sentence by its place: `text[start:end]` of its transcript is the sentence's text."""

    id: str
    start: int = Field(ge=0, description="First character, counted in Unicode code points from 0.")
    end: int = Field(gt=0, description="One past the last character.")
    text: str
    role: Role = Field(description="What it is. Only findings answer questions about what an inspector found.")

    @classmethod
    def of(cls, sentence: Sentence) -> Self:
        return cls(id=sentence.id, start=sentence.start, end=sentence.end, text=sentence.text, role=sentence.role)


class SaidOfItself(BaseModel):
    """What a transcript says of itself, or the catalogue of it. What neither gives is empty or null: never guessed."""

    force: str
    period: str
    first_year: int | None
    last_year: int | None
    programme: str
    kind: str
    inspector: str
    updated: str = Field(description="Last-updated date, in the text's own words.")
    published: str = Field(description="Publication date, in the text's own words; as 2019-05-02 from the catalogue.")
    url: str = Field(description="Where it was published.")
    licence: str
    catalogued: list[str] = Field(description="Names of the fields, and `title`, that the catalogue gave.")

    @classmethod
    def of(cls, said: Metadata) -> Self:
        return cls(
            force=said.force,
            period=said.period.label if said.period else "",
            first_year=said.period.first if said.period else None,
            last_year=said.period.last if said.period else None,
            programme=said.programme,
            kind=said.kind,
            inspector=said.inspector,
            updated=said.updated,
            published=said.published,
            url=said.url,
            licence=said.licence,
            catalogued=list(said.catalogued),
        )


class Whole(Listed):
    """One transcript with its whole text. Its sentences tile the text: between them is white space, nothing else."""

    sha256: str = Field(description="SHA-256 of the source file's bytes.")
    metadata: SaidOfItself
    text: str = Field(description="The decoded text, final: every offset counts in it.")
    spans: list[Span] = Field(description="Every sentence, headings and markup included, in the order of the text.")

    @classmethod
    def of_page(cls, held: Held, page: SourcePage) -> Self:
        return cls(
            **Listed.of(held).model_dump(),
            sha256=page.transcript.sha256,
            metadata=SaidOfItself.of(page.transcript.metadata),
            text=page.transcript.text,
            spans=[Span.of(sentence) for sentence in page.sentences],
        )


class Health(BaseModel):
    """Whether the service answers, and how much it holds."""

    status: Literal["ok", "degraded", "closed"] = Field(
        description="`degraded`: it answers, and something is wrong with its index, which it tries to make whole; the "
        "server's log says what. `closed`: it is well, and whoever runs it has closed it."
    )
    transcripts: int = Field(default=0, ge=0, description="How many are held; not given while closed.")


class Fault(BaseModel):
    """Why a request was not served."""

    status: str = Field(description="A word that does not change, for programs.", examples=["not_found"])
    error: str = Field(description="What is wrong and what to do, in plain words, for people.")


class Problem(BaseModel):
    """One thing wrong with what was sent. What was sent is not repeated."""

    at: str = Field(description="Where: parts of a path joined by full stops.", examples=["body.question"])
    problem: str = Field(examples=["Field required"])


class Refused(Fault):
    """Why what was sent cannot be served: it is malformed, or its filter names what is not held."""

    problems: list[Problem] = Field(default_factory=list, description="When malformed: each thing wrong.")
