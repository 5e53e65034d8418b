"""The routes for the turns that the page keeps: shown again, exported as a file, and judged.

Each request brings the tokens of the turns it is about, so any process with the same key answers it. Their questions
are asked again of the index as it is now. An answer that is not the one first given says so, and takes no feedback.
"""

from __future__ import annotations

import base64
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Scope

from assistant.answer import Answer, IndexInfo, Searched, Status
from assistant.answer_layout import Frozen
from assistant.errors import FilterError
from assistant.evaluation.feedback import Feedback, save_feedback
from assistant.export.answer_blocks import is_laid_out
from assistant.export.formats import ExportFormat, file_name
from assistant.export.spreadsheet import TABLES
from assistant.export.turn_html import to_html
from assistant.filter import EVERYTHING, Filter
from assistant.messages import Messages
from assistant.question.conversation import Turn
from assistant.web.asker import Asker
from assistant.web.chat.conversation import (
    MAX_KEPT_TURNS,
    Conversation,
    KeptTurn,
    TurnSigner,
    history_digest,
    with_unread,
)
from assistant.web.layout import site_address
from assistant.web.security.identity import client_of
from assistant.web.security.rate_limit import TokenBuckets
from assistant.web.security.workload import Pool, in_thread
from index.errors import AppError
from index.published.generation import IndexedTranscript

PREFIX = "/conversation"
MAX_FEEDBACK_BYTES_PER_MINUTE = 10 * 1024  # of one person's cases: two or three; a long answer's are paid off in time
MAX_REMEMBERED_ANSWERS = 256
MAX_SHOWN_AT_ONCE = 5
UNSETTLED = frozenset({Status.OUT_OF_TIME, Status.WITHHELD})  # while the machine is busy, or the index damaged


class KeptTurns(BaseModel):
    """The tokens of successive turns, in order. The last of them, or all, are meant; the others are their history."""

    model_config = ConfigDict(extra="forbid", strict=True)

    turns: Annotated[list[str], Field(min_length=1, max_length=MAX_KEPT_TURNS)]


class ShowRequest(KeptTurns):
    """Asks to show the `last` turns again."""

    last: int = Field(default=1, ge=1, le=MAX_SHOWN_AT_ONCE)


class ExportRequest(KeptTurns):
    """Asks for all the turns as a file."""

    kind: str


class FeedbackRequest(KeptTurns):
    """A judgement of the answer of the last turn."""

    helpful: bool
    comment: str


class ShownTurn(Frozen):
    """A turn shown again as HTML; of one that cannot be read, only the `problem`."""

    html: str = ""
    problem: str = ""


class ShowReply(Frozen):
    """The turns that were asked for, in order."""

    turns: tuple[ShownTurn, ...]


class FeedbackReply(Frozen):
    """What is said to feedback, and whether it was stored."""

    said: str
    stored: bool


class ExportReply(Frozen):
    """A file: its name, its media type, its bytes in Base64. Without one, `said` is the reason."""

    name: str = ""
    media_type: str = ""
    data: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """The answer to a kept turn now, what it was asked with, and whether it is the one first given."""

    answer: Answer
    history: tuple[Turn, ...] = ()
    within: Filter = EVERYTHING
    is_first: bool = False


class EarlierAnswers:
    """Answers the questions of kept turns again. Remembers answers for as long as the index is the same.

    Safe to use from several threads.
    """

    def __init__(self, asker: Asker, messages: Messages, limit: int = MAX_REMEMBERED_ANSWERS) -> None:
        self._asker = asker
        self._messages = messages
        self._limit = limit
        self._remembered: OrderedDict[KeptTurn, tuple[tuple[IndexedTranscript, ...], Answer]] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, conversation: Conversation, position: int) -> EarlierAnswer:
        """Answers the turn at a position of the conversation, which counts from 0.

        Raises `IndexingError` as asking does. A turn that cannot be read, or whose filter names what the collection no
        longer has, gets an answer that is withheld.
        """
        turn = conversation.kept[position]
        if turn is None:
            return EarlierAnswer(
                self._withheld(self._messages.say("kept.unknown"), self._messages.say("kept.unreadable"))
            )
        history = conversation.before(position).history if turn.history else ()
        if turn.history and history_digest(history) != turn.history:  # then it is asked as it was understood
            turn, history = replace(turn, question=turn.understood, history=""), ()
        try:
            answer = self._answer(turn, history)
        except FilterError as error:
            reason = self._messages.say("kept.not_held", error=str(error))
            return EarlierAnswer(self._withheld(turn.question, reason))
        is_first = turn.is_answer(answer)
        if not is_first and answer.status is not Status.OUT_OF_TIME:
            answer = self._with_change(turn, answer)
        return EarlierAnswer(with_unread(answer, turn.unread, self._messages), history, turn.within, is_first)

    def _answer(self, turn: KeptTurn, history: Sequence[Turn]) -> Answer:
        transcripts = self._asker.sources.transcripts()
        with self._lock:
            remembered = self._remembered.get(turn)
        if remembered is not None and remembered[0] == transcripts:
            return remembered[1]
        answer = self._asker.ask(turn.question, history, within=turn.within)
        self.remember(turn, transcripts, answer)
        return answer

    def remember(self, turn: KeptTurn, transcripts: tuple[IndexedTranscript, ...], answer: Answer) -> None:
        """Remembers the answer that a turn had when these transcripts were indexed, unless it may have another soon."""
        if answer.status in UNSETTLED:
            return
        with self._lock:
            self._remembered[turn] = (transcripts, answer)
            self._remembered.move_to_end(turn)
            if len(self._remembered) > self._limit:
                self._remembered.popitem(last=False)

    def _with_change(self, turn: KeptTurn, answer: Answer) -> Answer:
        """The answer with a note that it is not the one first given."""
        missing = turn.missing_from(answer)
        note = self._messages.say("kept.changed")
        if missing:
            note = f"{note} {self._messages.say('kept.missing', sentences=self._messages.count('sentences', missing))}"
        return answer.model_copy(update={"notes": (note, *answer.notes)})

    def _withheld(self, question: str, reason: str) -> Answer:
        """Stands for an answer that cannot be given again."""
        return Answer(
            id="",
            question=question,
            standalone_question=question,
            status=Status.WITHHELD,
            reason=reason,
            searched=Searched(transcripts=0, sentences=0, scope=self._messages.say("scope.stopped")),
            index=IndexInfo(version="", embedding_model="", digest=""),
            mode="extractive",
            seconds=0,
        )

    def __len__(self) -> int:
        """The number of answers remembered."""
        return len(self._remembered)


@dataclass(frozen=True, slots=True)
class KeptTurnPages:
    """What the routes reply. Safe to use from several threads."""

    asker: Asker
    earlier: EarlierAnswers
    exports: Mapping[str, ExportFormat]
    cases: Path
    messages: Messages
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    judge_of: Callable[[str, str], str] = lambda _client, _answer_id: ""  # what stands for a client and an answer
    # so that nobody fills the file by themselves, in which everybody's feedback is kept
    stored_bytes: TokenBuckets = field(
        default_factory=lambda: TokenBuckets(MAX_FEEDBACK_BYTES_PER_MINUTE, burst=MAX_FEEDBACK_BYTES_PER_MINUTE)
    )

    def show(self, conversation: Conversation, last: int, *, site: str = "") -> ShowReply:
        """Returns the last turns as the chat shows them. `site` is the origin of the links."""
        positions = range(max(0, len(conversation.kept) - last), len(conversation.kept))
        return ShowReply(turns=tuple(self._shown(conversation, position, site) for position in positions))

    def _shown(self, conversation: Conversation, position: int, site: str) -> ShownTurn:
        turn = conversation.kept[position]
        if turn is None:
            return ShownTurn(problem=self.messages.say("kept.unreadable"))
        answer = self.earlier.answer(conversation, position).answer
        html = to_html(answer, self.asker.sources, site=site, within=turn.within, messages=self.messages)
        return ShownTurn(html=html)

    def export(self, kind: str, conversation: Conversation, *, site: str = "") -> ExportReply:
        """Returns the conversation as a file. When a table is requested and no answer has one, says so instead."""
        export = self.exports.get(kind)
        if export is None:
            return ExportReply(said=self.messages.say("plain.no_format"))
        day = self.clock().date()
        answers = [self.earlier.answer(conversation, position).answer for position in range(len(conversation.kept))]
        if kind in TABLES and not any(map(is_laid_out, answers)):
            return ExportReply(said=self.messages.say("export.no_table"))
        data = export.render(answers, day, site=site, messages=self.messages)
        name = file_name(answers, day, export.extension, self.messages)
        return ExportReply(name=name, media_type=export.media_type, data=base64.b64encode(data).decode())

    def feedback(self, conversation: Conversation, *, helpful: bool, comment: str, client: str = "") -> FeedbackReply:
        """Adds feedback on the last turn to the file of cases, unless its answer is another now."""
        position = len(conversation.kept) - 1
        if conversation.kept[position] is None:
            return FeedbackReply(said=self.messages.say("kept.unreadable"), stored=False)
        earlier = self.earlier.answer(conversation, position)
        if not earlier.is_first:
            return FeedbackReply(said=self.messages.say("feedback.changed"), stored=False)
        wait = self.stored_bytes.wait(client)
        if wait:
            seconds = self.messages.count("seconds", math.ceil(wait))
            return FeedbackReply(said=self.messages.say("feedback.too_much", wait=seconds), stored=False)
        judge = self.judge_of(client, earlier.answer.id)
        feedback = Feedback(earlier.answer, earlier.history, helpful, comment, self.clock(), earlier.within, judge)
        try:
            case = save_feedback(feedback, self.cases, self.messages)
        except AppError as error:
            return FeedbackReply(said=str(error), stored=False)
        self.stored_bytes.spend(client, len(case.model_dump_json()))
        return FeedbackReply(said=self.messages.say("feedback.thanks"), stored=True)


def kept_turn_routes(pages: KeptTurnPages, signer: TurnSigner, person_of: Callable[[Scope], str]) -> APIRouter:
    """Returns the routes. `person_of` names the person who sent a request, where people are known by name."""
    router = APIRouter(include_in_schema=False)

    def conversation_of(kept: KeptTurns, request: Request) -> Conversation:
        return Conversation.read(kept.turns, signer, person_of(request.scope))

    @router.post(f"{PREFIX}/turns")
    @in_thread(Pool.ASKING)
    def show(request: Request, asked: ShowRequest) -> ShowReply:
        return pages.show(conversation_of(asked, request), asked.last, site=site_address(request))

    @router.post(f"{PREFIX}/export")
    @in_thread(Pool.ASKING)
    def export(request: Request, asked: ExportRequest) -> ExportReply:
        return pages.export(asked.kind, conversation_of(asked, request), site=site_address(request))

    @router.post(f"{PREFIX}/feedback")
    @in_thread(Pool.ASKING)
    def feedback(request: Request, given: FeedbackRequest) -> FeedbackReply:
        conversation, client = conversation_of(given, request), client_of(request.scope)
        return pages.feedback(conversation, helpful=given.helpful, comment=given.comment, client=client)

    return router
