"""How a chat model took part in an answer: which, by which prompts, how it ended, and what of it was left out."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from assistant.arrangement import Frozen


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


class Fault(StrEnum):
    """Why something the model said was left out."""

    UNKNOWN_LABEL = "unknown_label"  # a label that stands for no sentence; the rest of the statement may stay
    UNCITED = "uncited"  # a statement without any label that stands for a sentence
    MALFORMED = "malformed"  # a statement that is not in the form asked for
    REPEATED = "repeated"
    FORM = "form"  # an address, markup, another script, or more than a sentence or two
    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    FORCE = "force"
    GRADE = "grade"
    NEGATION = "negation"
    MODALITY = "modality"
    QUANTITY = "quantity"  # all, most, few, none
    DIRECTION = "direction"  # better or worse, more or fewer, before or after
    WORDS = "words"  # what it says is not in the quotations


class LeftOut(Frozen):
    """How many labels or statements of the model were left out for one reason."""

    fault: Fault
    count: int = Field(ge=1)


class ModelUse(Frozen):
    """The chat model's part in an answer."""

    name: str = Field(description="Provider and model, as the setting `chat_model` names them.")
    prompts: str = Field(description="Version of the prompts: a number, and the start of the SHA-256 of their text.")
    ending: Ending
    rewritten: bool = Field(description="Whether the model, and not the rules, made a follow-up stand alone.")
    left_out: tuple[LeftOut, ...] = Field(default=(), description="What it said and was not shown, by reason.")
