"""Exports of the conversation as a file, and feedback on its answers."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.evaluation.feedback import Feedback, save_feedback
from assistant.export.answer_blocks import is_laid_out
from assistant.export.formats import ExportFormat, file_name
from assistant.export.html_builder import element
from assistant.export.spreadsheet import TABLES
from assistant.messages import Messages
from assistant.web.chat.conversation import Conversation
from assistant.web.security.rate_limit import TokenBuckets
from index.errors import AppError

MAX_FEEDBACK_BYTES_PER_MINUTE = 10 * 1024  # of one person's cases: two or three; a long answer's are paid off in time


class _FeedbackMessage(BaseModel):
    """What the page's script sends: feedback on the answer of a turn. The response repeats its `number`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: int
    turn: int
    helpful: bool
    comment: str


@dataclass(frozen=True, slots=True)
class ChatExports:
    """Exports conversations, and appends feedback as cases to a file. Safe to use from several threads."""

    exports: Mapping[str, ExportFormat]
    cases: Path
    messages: Messages
    clock: Callable[[], datetime]
    # returns what stands for the person who sent the event and the answer with an id
    judge_of: Callable[[str], str] = lambda _answer_id: ""
    client: Callable[[], str] = str  # returns who sent the event
    # so that nobody fills the file by themselves, in which everybody's feedback is kept
    stored_bytes: TokenBuckets = field(
        default_factory=lambda: TokenBuckets(MAX_FEEDBACK_BYTES_PER_MINUTE, burst=MAX_FEEDBACK_BYTES_PER_MINUTE)
    )

    def export(self, kind: str, conversation: Conversation, *, site: str = "") -> Markup:
        """Returns the conversation as a file for the page's script: its name, its media type, its bytes in base64.

        `site` is the origin of the links. When a table is requested and no answer has one, returns a message instead.
        """
        export = self.exports[kind]
        day = self.clock().date()
        answers = [exchange.answer for exchange in conversation.exchanges]
        if kind in TABLES and not any(map(is_laid_out, answers)):
            return element("p", self.messages.say("export.no_table"), class_="none")
        data = export.render(answers, day, site=site, messages=self.messages)
        name = file_name(answers, day, export.extension, self.messages)
        fields = (name, export.media_type, base64.b64encode(data).decode())
        return element("div", *(element("span", field) for field in fields), class_="export")

    def feedback(self, sent: str, conversation: Conversation) -> Markup:
        """Appends feedback to the file. Returns a confirmation or the error; nothing when `sent` is malformed."""
        try:
            message = _FeedbackMessage.model_validate_json(sent)
        except ValidationError:
            return Markup()
        exchange = conversation.exchange(message.turn)
        if exchange is None:
            error = f"{self.messages.say('feedback.failed')} {self.messages.say('feedback.failed_advice')}"
            return _response(message.number, error, "failed")
        client = self.client()
        wait = self.stored_bytes.wait(client)
        if wait:
            seconds = self.messages.count("seconds", math.ceil(wait))
            return _response(message.number, self.messages.say("feedback.too_much", wait=seconds), "failed")
        feedback = Feedback(
            exchange.answer,
            exchange.history,
            message.helpful,
            message.comment,
            self.clock(),
            exchange.within,
            self.judge_of(exchange.answer.id),
        )
        try:
            case = save_feedback(feedback, self.cases, self.messages)
        except AppError as error:
            return _response(message.number, str(error), "failed")
        self.stored_bytes.spend(client, len(case.model_dump_json()))
        return _response(message.number, self.messages.say("feedback.thanks"), "taken")


def _response(number: int, text: str, kind: str) -> Markup:
    return element("p", text, id=f"reply-{number}", class_=kind)
