"""The golden sets: questions with the sentences that answer them, and questions that must be refused."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from assistant.answer import Answer
from assistant.app import Assistant, open_assistant
from assistant.conversation import Turn
from assistant.settings import Settings

GOLDEN = Path(__file__).parent / "golden"
SOURCES = {"hertfordshire": Path(__file__).parents[1] / "sources", "northshire": GOLDEN / "northshire" / "sources"}
QUESTIONS = {"hertfordshire": GOLDEN / "hertfordshire.jsonl", "northshire": GOLDEN / "northshire" / "questions.jsonl"}


def cases() -> list[Any]:
    found = []
    for name, path in QUESTIONS.items():
        for line in path.read_text(encoding="utf-8").splitlines():
            question = json.loads(line)
            found.append(pytest.param(name, question, id=f"{name}-{question['id']}"))
    return found


@cache
def assistant(name: str) -> Assistant:
    return open_assistant(Settings(sources=SOURCES[name], index=Path(mkdtemp(prefix=f"golden-{name}-"))))


def ask(name: str, question: dict[str, Any]) -> Answer:
    history = [Turn(turn["role"], turn["text"]) for turn in question.get("history", ())]
    return assistant(name).ask(question["question"], history)
