"""The JSON interface, under `/api/v1`: plain requests and replies, so that it works through any proxy."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import Answer
from assistant.conversation import Turn
from assistant.desk import Asker

LONGEST_QUESTION = 10_000  # characters let in; the assistant's own limit is lower and is an answer, not an error
LONGEST_HISTORY = 50  # turns


class Said(BaseModel):
    """One earlier turn of the conversation."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant"]
    text: str = Field(max_length=LONGEST_QUESTION)


class Asked(BaseModel):
    """A question put to the JSON interface."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=LONGEST_QUESTION)
    history: list[Said] = Field(default_factory=list, max_length=LONGEST_HISTORY)


def interface(assistant: Asker) -> APIRouter:
    """The routes of the JSON interface."""
    router = APIRouter()

    @router.post("/api/v1/ask")
    def ask(asked: Asked) -> Answer:
        return assistant.ask(asked.question, [Turn(said.role, said.text) for said in asked.history])

    @router.get("/health")
    def health() -> dict[str, str | int]:
        return {"status": "ok", "transcripts": len(assistant.sources.held())}

    return router
