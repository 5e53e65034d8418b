"""Keeps one generation of an index opened, takes up a newer one, and has what is damaged made whole.

What is opened needs no file of its generation any more, and a record that is set aside can still be read by those who
have it open: so it goes on answering while the index is made whole beside it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from assistant.chain import Chain, open_chain
from assistant.chat_model.calls import ModelCaller
from assistant.chat_model.chain import AssistedChain
from assistant.chat_model.prompts import load_prompts
from assistant.chat_model.provider import open_chat_model
from assistant.judgements.by_transcript import Judgements
from assistant.settings import Settings
from assistant.sources import Library
from index.build import build_index
from index.embedding.models import Embedder
from index.errors import CorruptRecordError, GenerationError, IndexingError, NotIndexedError
from index.published.open import OpenIndex, open_current
from index.storage.fingerprint import Fingerprint

AGAIN = 1.0  # seconds before what could not be taken up, or made whole, is tried again

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ServedIndex:
    """One generation, opened: everything an answer is made from."""

    index: OpenIndex
    chain: Chain
    answering: Chain | AssistedChain
    library: Library
    judgements: Judgements


class LiveIndex:
    """Safe to use from several threads. Answers under way keep the generation they began with."""

    def __init__(self, settings: Settings, embedder: Embedder, index: OpenIndex) -> None:
        self._settings = settings
        self._embedder = embedder
        model = open_chat_model(settings)
        self._line = ModelCaller(model) if model else None
        self._lock = threading.Lock()  # held to look at what is opened, and never while the index is built
        self._mending = threading.Lock()  # held by the one who has it built
        self._opened = self._open(index)
        self._trouble = ""
        self._not_before = 0.0  # on the monotonic clock

    def current(self) -> ServedIndex:
        """What answers now: the newest generation there is to open. Raises `IndexingError` when it cannot be read."""
        with self._lock:
            opened = self._opened
            if opened.index.stale():
                self._take_up()
            elif not opened.index.intact():
                self._mend_aside(opened, "files of the generation that answers have been changed")
            return self._opened

    def asked(self, work: Callable[[ServedIndex], T]) -> T:
        """Do something with what answers now. Over what is damaged, have it made whole first, and do it again.

        Nothing damaged is handed out: reading it raises, and that is logged. Raises `IndexingError`.
        """
        opened = self._opened
        try:
            opened = self.current()
            return work(opened)
        except (CorruptRecordError, GenerationError) as error:
            _log.error("withheld: %s", error)
            if isinstance(error, GenerationError) and opened.index.stale():  # superseded twice while it was read
                self._not_before = 0.0
            else:
                self._mend(opened, str(error))
        return work(self.current())

    def degraded(self) -> bool:
        """Whether something is wrong with the index, though it may still answer. The log says what.

        Looks, has what it finds made whole, and does not wait for that.
        """
        self.at_hand()
        return bool(self._trouble)

    def at_hand(self) -> ServedIndex:
        """What answers now; where that cannot be told, what was opened last, and it is made whole aside."""
        try:
            return self.current()
        except IndexingError as error:
            self._mend_aside(self._opened, str(error))
            return self._opened

    def _take_up(self) -> None:
        """Open the newest generation. While a record that was set aside is built again there is none, and what is
        open goes on; while a broken one cannot be rebuilt, because another process writes, the one before it does.
        """
        if time.monotonic() < self._not_before:
            return
        before = self._opened.index.generation.id
        try:
            self._opened = self._open(self._latest())
        except NotIndexedError as error:
            self._noted(str(error))
            return
        index = self._opened.index
        if index.generation.id == before and index.stale():  # another, and stale: a newer one came while it was opened
            self._noted("an earlier generation answers, because the newest is broken")
        else:
            self._trouble = ""

    def _latest(self) -> OpenIndex:
        exact = self._settings.vector_store == "exact"
        return open_current(self._settings.index, Fingerprint.of(self._embedder), exact=exact)

    def _open(self, index: OpenIndex) -> ServedIndex:
        library = Library(index)
        judgements = Judgements(library)
        chain = open_chain(index, self._embedder, length=self._settings.max_question_characters, judgements=judgements)
        answering = AssistedChain(chain, self._line, load_prompts()) if self._line else chain
        return ServedIndex(index, chain, answering, library, judgements)

    def _mend(self, damaged: ServedIndex, why: str) -> None:
        """Have the index built, which checks all of it, unless that was done since `damaged` was opened."""
        with self._mending:
            if self._opened is not damaged:
                return
            self._noted(why)
            build_index(self._settings.sources, self._settings.index, self._embedder)
            with self._lock:
                self._opened = self._open(self._latest())
                self._trouble = ""

    def _mend_aside(self, damaged: ServedIndex, why: str) -> None:
        """The same in a thread of its own, unless one is at it, or was just now."""
        if self._mending.locked() or time.monotonic() < self._not_before:
            return
        self._noted(why)
        threading.Thread(target=self._tried, args=(damaged, why), name="mending", daemon=True).start()

    def _tried(self, damaged: ServedIndex, why: str) -> None:
        try:
            self._mend(damaged, why)
        except IndexingError as error:
            _log.error("not made whole: %s", error)
            self._noted(str(error))

    def _noted(self, trouble: str) -> None:
        """Remember what is wrong, and to leave it for a moment."""
        if trouble != self._trouble:
            _log.warning("degraded: %s", trouble)
        self._trouble = trouble
        self._not_before = time.monotonic() + AGAIN
