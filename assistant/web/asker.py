"""The interface of an assistant, as the web pages, the chat and the JSON interface use it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assistant.answer import Answer, Citation
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.by_transcript import Judgements
from assistant.question.conversation import Turn
from assistant.sources import SourceReader


class Asker(Protocol):
    """Answers questions and searches. All methods are called from several threads.

    `within` limits the transcripts that are searched. Methods that take it raise `FilterError` if it names a force, a
    period or a transcript that is not in the index.
    """

    @property
    def sources(self) -> SourceReader: ...

    @property
    def judgements(self) -> Judgements: ...

    def degraded(self) -> bool:
        """Whether the index has a fault. It may still answer."""
        ...

    def ask(self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING) -> Answer: ...

    def search(self, text: str, count: int, *, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        """Returns at most `count` sentences nearest to a text, the nearest first, numbered from 1."""
        ...
