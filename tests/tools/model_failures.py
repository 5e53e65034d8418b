"""`python -m tests.tools.model_failures`: seconds until the answer without a model is there, for each way in which a
server fails.
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
from tests.fixtures.model_failures import ENDLESS, FAILING
from tests.fixtures.model_server import KEY, running

TIMEOUT = 2.0
QUESTION = "What concerns does the inspector have about Northshire in 2018/19?"

logging.disable(logging.WARNING)
with tempfile.TemporaryDirectory() as folder:
    for name, reply in ({name: reply for name, (reply, _) in FAILING.items()} | ENDLESS).items():
        with running(lambda _request, reply=reply: reply) as server:  # type: ignore[misc]
            settings = Settings(
                sources=SOURCES, index=Path(folder), embedding_model="hashed-words", vector_store="exact",
                chat_model="openai:llama3", chat_model_url=server.url, chat_model_timeout=TIMEOUT,
                chat_model_key=SecretStr(KEY),
            )  # fmt: skip
            assistant = Assistant.over(settings)
            began = time.monotonic()
            answer = assistant.ask(QUESTION)
            taken = time.monotonic() - began
            assert answer.model is not None
            sys.stdout.write(f"{name}: {answer.model.ending.value}, {taken:.2f} s of {TIMEOUT:.0f} s and one\n")
            assistant.index.close()
