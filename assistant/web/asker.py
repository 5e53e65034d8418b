"""The interface that the pages, the chat and the JSON interface need of an assistant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assistant.answer import Answer, Citation
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.by_transcript import Judgements
from assistant.question.conversation import Turn
from assistant.sources import SourceReader


class Asker(Protocol):
    """What the pages and the JSON interface need of an assistant. Everything is called from several threads.

    `within` limits what is looked at. Raises `FilterError` when it names what is not held.
    """

    @property
    def sources(self) -> SourceReader: ...

    @property
    def judgements(self) -> Judgements: ...

    def degraded(self) -> bool:
        """Whether something is wrong with the index, though it may still answer."""
        ...

    def ask(self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING) -> Answer: ...

    def search(self, text: str, count: int, *, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        """The sentences nearest to a text, at most `count`, the best first, numbered from 1."""
        ...
