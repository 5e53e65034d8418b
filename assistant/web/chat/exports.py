"""What a person takes away from a conversation, and what they leave: exports, and feedback on an answer."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.evaluation.feedback import Feedback, keep
from assistant.export.formats import Export, file_name
from assistant.export.html_builder import element
from assistant.export.spreadsheet import TABLES, has_table
from assistant.messages import Messages
from assistant.web.chat.conversation import Conversation
from index.errors import AppError


class _Sent(BaseModel):
    """What the page's script sends: feedback on the answer of a turn, numbered so that its reply can be told."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: int
    turn: int
    helpful: bool
    comment: str


@dataclass(frozen=True, slots=True)
class ChatExports:
    """Exports conversations, and keeps feedback as cases in a file. Safe to use from several threads."""

    exports: Mapping[str, Export]
    cases: Path
    words: Messages
    clock: Callable[[], datetime]

    def export(self, kind: str, said: Conversation, *, site: str = "") -> Markup:
        """The conversation as a file, for the page's script to hand over: its name, its type, its bytes in base64.

        Its tables are a file only where an answer has one; else what comes back says that none has.
        """
        export = self.exports[kind]
        day = self.clock().date()
        answers = [exchange.answer for exchange in said.exchanges]
        if kind in TABLES and not any(map(has_table, answers)):
            return element("p", self.words.say("take.no_table"), class_="none")
        data = export.make(answers, day, site=site, phrases=self.words)
        name = file_name(answers, day, export.extension, self.words)
        parts = (name, export.media_type, base64.b64encode(data).decode())
        return element("div", *(element("span", part) for part in parts), class_="export")

    def feedback(self, sent: str, said: Conversation) -> Markup:
        """Keep feedback as a case; what comes back says so, or what was wrong."""
        try:
            message = _Sent.model_validate_json(sent)
        except ValidationError:
            return Markup()
        exchange = said.exchange(message.turn)
        if exchange is None:
            no_longer = f"{self.words.say('feedback.failed')} {self.words.say('feedback.failed_advice')}"
            return self._reply(message.number, no_longer, "failed")
        answer, history, within = exchange.answer, exchange.history, exchange.within
        given = Feedback(answer, history, message.helpful, message.comment, self.clock(), within)
        try:
            keep(given, self.cases, self.words)
        except AppError as error:
            return self._reply(message.number, str(error), "failed")
        return self._reply(message.number, self.words.say("feedback.thanks"), "taken")

    def _reply(self, number: int, text: str, kind: str) -> Markup:
        return element("p", text, id=f"reply-{number}", class_=kind)
