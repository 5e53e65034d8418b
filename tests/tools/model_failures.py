"""Measures how long an answer takes when the model's server fails, for each kind of failure.

Run it with `python -m tests.tools.model_failures`.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from pathlib import Path

from pydantic import SecretStr

from assistant.app import Assistant
from assistant.settings import Settings
from tests.assistant.chat_model.conftest import SOURCES
from tests.fixtures.model_failures import FAILURES, NEVER_ENDING
from tests.fixtures.model_server import KEY, running_server

TIMEOUT_SECONDS = 2.0
QUESTION = "What concerns does the inspector have about Northshire in 2018/19?"

logging.disable(logging.WARNING)
with tempfile.TemporaryDirectory() as folder:
    for name, reply in ({name: reply for name, (reply, _) in FAILURES.items()} | NEVER_ENDING).items():
        with running_server(lambda _request, reply=reply: reply) as server:  # type: ignore[misc]
            settings = Settings(
                sources=SOURCES, index=Path(folder), embedding_model="hashed-words", vector_store="exact",
                chat_model="openai:llama3", chat_model_url=server.url, chat_model_timeout=TIMEOUT_SECONDS,
                chat_model_key=SecretStr(KEY),
            )  # fmt: skip
            assistant = Assistant.over(settings)
            started = time.monotonic()
            answer = assistant.ask(QUESTION)
            seconds = time.monotonic() - started
            assert answer.model is not None
            sys.stdout.write(
                f"{name}: {answer.model.ending.value}, {seconds:.2f} s (time-out {TIMEOUT_SECONDS:.0f} s)\n"
            )
            assistant.index.close()
