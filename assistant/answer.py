"""The Answer: what leaves the assistant, whoever asked and whichever way it was composed.

An answer is made of statements, every statement of citations, every citation a slice of a source. Not answering is
an Answer too, with a status of its own; `Answer` refuses to be built when its status and its citations disagree.

How a chat model took part in an answer: which, by which prompts, how it ended, and what of it was left out.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from assistant.answer_layout import Coverage, Frozen, Sides, Table, check_groups, check_rows, check_sides


class Ending(StrEnum):
    """How the model's part in an answer ended. In all but the first, the answer is the one made without it."""

    SUMMARISED = "summarised"
    NOT_ASKED = "not_asked"  # nothing was found, or the answer is a list or a table
    NOT_BORNE_OUT = "not_borne_out"  # nothing it said stood up to the quotations
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    DENIED = "denied"  # its server refused the key, the model's name or the request
    DECLINED = "declined"  # it said nothing
    UNREADABLE = "unreadable"  # what it said is not in the form asked for, or breaks off
    TOO_LONG = "too_long"
    BUSY = "busy"  # too many questions are with the model already, or it has failed several times in a row

    @property
    def failed(self) -> bool:
        return self not in (Ending.SUMMARISED, Ending.NOT_ASKED)


class ModelFault(StrEnum):
    """Why something the model said was left out."""

    UNKNOWN_LABEL = "unknown_label"  # a label that stands for no sentence; the rest of the statement may stay
    UNCITED = "uncited"  # a statement without any label that stands for a sentence
    MALFORMED = "malformed"  # a statement that is not in the form asked for
    REPEATED = "repeated"
    FORM = "form"  # an address, markup, another script, or "I" and "you"
    SHORTENED = "shortened"  # it leaves out a word that changes what the sentence says
    WORDS = "words"  # it has words that no one quotation has, in that order


class LeftOut(Frozen):
    """How many labels or statements of the model were left out for one reason."""

    fault: ModelFault
    count: int = Field(ge=1)


class ModelUse(Frozen):
    """The chat model's part in an answer."""

    name: str = Field(description="Provider and model, as the setting `chat_model` names them.")
    prompts: str = Field(description="Version of the prompts: a number, and the start of the SHA-256 of their text.")
    ending: Ending
    rewritten: bool = Field(description="Whether the model, and not the rules, made a follow-up stand alone.")
    left_out: tuple[LeftOut, ...] = Field(default=(), description="What it said and was not shown, by reason.")


EXTRACTIVE = "extractive"
SUMMARISED = "summarised"


class Status(StrEnum):
    """How a question ended. The closed set: nothing outside it is ever returned."""

    ANSWERED = "answered"
    PARTLY_ANSWERED = "partly_answered"
    NOT_IN_ASSESSMENTS = "not_in_assessments"
    DETAIL_NOT_GIVEN = "detail_not_given"
    FORCE_NOT_HELD = "force_not_held"
    PERIOD_NOT_HELD = "period_not_held"
    OUTSIDE_FILTER = "outside_filter"
    AMBIGUOUS = "ambiguous"
    NOT_ABOUT_ASSESSMENTS = "not_about_assessments"
    OPINION_OR_PREDICTION = "opinion_or_prediction"
    EMPTY_QUESTION = "empty_question"
    QUESTION_TOO_LONG = "question_too_long"
    OUT_OF_TIME = "out_of_time"
    WITHHELD = "withheld"

    @property
    def answered(self) -> bool:
        return self in (Status.ANSWERED, Status.PARTLY_ANSWERED)


class AskedPart(Frozen):
    """One of several questions in a turn, with the citations that answer it."""

    question: str
    status: Status
    reason: str
    citations: tuple[int, ...] = Field(description="Numbers of its citations; none where it was not answered.")


class Citation(Frozen):
    """One sentence of one source, by its place: `decoded_text[start:end] == quote`."""

    number: int = Field(ge=1, description="The citation's number in this answer, from 1. 0 is never used.")
    source: str = Field(description="The file's name within the sources folder.")
    transcript_id: str
    title: str
    force: str = Field(description="The force's name; empty when the source does not name one.")
    period: str = Field(description="The inspection period, e.g. 2018/19; empty when the source does not name one.")
    sentence: str = Field(description="The sentence's id.")
    locator: str = Field(
        default="", description="Where people find it: page, time, speaker, section; empty when the source has none."
    )
    start: int = Field(ge=0, description="First character of the quotation in the decoded or extracted text.")
    end: int = Field(gt=0, description="One past the last character.")
    quote: str = Field(min_length=1)
    sha256: str = Field(description="SHA-256 of the source file's bytes.")
    url: str = Field(default="", description="Where the source was published; empty when that is not known.")
    licence: str = Field(default="", description="The licence it was published under; empty when that is not known.")
    context: bool = Field(description="True for a sentence shown only so that its neighbour is not misread.")


class Statement(Frozen):
    """One thing the answer says: quoted text, and the numbers of the citations it is made of.

    A summary is a chat model's sentence that was checked against those citations; it is shown with them, and as such.
    """

    text: str = Field(min_length=1)
    citations: tuple[int, ...] = Field(min_length=1)
    kind: Literal["quotation", "summary"] = Field(
        default="quotation", description="Whether the text is quoted, or a chat model's summary of what is cited."
    )


class Searched(Frozen):
    """What was looked through before the answer was given."""

    transcripts: int = Field(ge=0)
    sentences: int = Field(ge=0)
    scope: str = Field(description="In words: every force and period held, or what the search was limited to.")


class IndexInfo(Frozen):
    """Which index answered."""

    version: str = Field(description="Id of the published generation.")
    embedding_model: str
    digest: str = Field(description="Digest of everything that made the index: model, splitter, schema.")


class Answer(Frozen):
    """What the assistant says to one question."""

    id: str
    question: str = Field(description="As asked.")
    standalone_question: str = Field(description="As understood, once a follow-up is made to stand alone.")
    status: Status
    reason: str = Field(description="Why the status is what it is, in one or two plain sentences.")
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Citation, ...] = Field(
        default=(), description="When not answered: the nearest sentences. They are not an answer."
    )
    choices: tuple[str, ...] = Field(
        default=(), description="To an ambiguous question: the complete questions it may mean, where they are few."
    )
    coverage: Coverage | None = Field(
        default=None, description="To a question that asks for all: the quotations by force and period, and the rest."
    )
    table: Table | None = Field(default=None, description="To a comparison of forces or periods: quotations by row.")
    asked: tuple[AskedPart, ...] = Field(
        default=(), description="To several questions at once: each of them, in order, with its own citations."
    )
    sides: Sides | None = Field(
        default=None, description="To a question for what is good and what is not: quotations by theme and side."
    )
    notes: tuple[str, ...] = Field(default=(), description="Fixed sentences without which the quotations mislead.")
    note_sources: tuple[Citation, ...] = Field(
        default=(),
        description="Sentences held that say what a note says; numbered by themselves, and no part of the answer.",
    )
    about_documents: bool = Field(
        default=False,
        description="Whether the reason answers the question, from what is known of the documents; the quotations, if "
        "any, state the same.",
    )
    searched: Searched
    index: IndexInfo
    mode: str = Field(
        description="How the answer was composed: extractive, or summarised where some statements are a model's."
    )
    model: ModelUse | None = Field(default=None, description="The chat model's part; null where none is set.")
    seconds: float = Field(ge=0, description="Wall-clock time from question to answer.")

    @model_validator(mode="after")
    def _status_and_citations_agree(self) -> Self:
        numbers = [citation.number for citation in self.citations]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"citations must be numbered from 1 without a gap, not {numbers}")
        stated = {number for statement in self.statements for number in statement.citations}
        if stated != set(numbers):
            raise ValueError("every citation belongs to a statement and every statement to a citation")
        found = any(not citation.context for citation in self.citations)
        if self.status.answered != (found or self.about_documents):
            raise ValueError(f"status {self.status.value!r} with {len(numbers)} citations: answered means cited")
        if self.status.answered and self.nearest:
            raise ValueError("an answered question has no nearest sentences")
        if self.note_sources and not self.notes:
            raise ValueError("where no note is said none has a source")
        if self.choices and self.status is not Status.AMBIGUOUS:
            raise ValueError("only an ambiguous question has choices")
        return self

    @property
    def quoted(self) -> tuple[Citation, ...]:
        """Every citation: of the answer, of the nearest sentences, and of what notes say."""
        return (*self.citations, *self.nearest, *self.note_sources)

    @property
    def rest(self) -> int:
        """The place of the first statement that no summary speaks of; one past the last where there is no summary."""
        summaries = sum(statement.kind == "summary" for statement in self.statements)
        return summaries or len(self.statements)

    @model_validator(mode="after")
    def _summaries_are_a_models(self) -> Self:
        summarised = any(statement.kind == "summary" for statement in self.statements)
        said = self.model is not None and self.model.ending is Ending.SUMMARISED
        if summarised != said or said != (self.mode == SUMMARISED):
            raise ValueError("an answer is summarised when it holds a summary, by a model that is named")
        kinds = [statement.kind for statement in self.statements]
        if kinds != sorted(kinds, reverse=True):
            raise ValueError("summaries stand before what no summary speaks of")
        context = {citation.number for citation in self.citations if citation.context}
        if any(one.kind == "summary" and context.issuperset(one.citations) for one in self.statements):
            raise ValueError("a summary rests on more than context")
        return self

    @model_validator(mode="after")
    def _arranged_as_cited(self) -> Self:
        cited = {citation.number: (citation.force, citation.period) for citation in self.citations}
        if self.coverage is not None:
            check_groups(self.coverage, cited)
        if self.table is not None:
            check_rows(self.table, cited)
        if self.sides is not None:
            check_sides(self.sides, cited)
        return self
