"""One conversation of the chat page: what the page keeps of each turn, and the handler of the questions it sends.

The server keeps no conversation. The page keeps each answered question as a signed token and sends the latest with the
next question, so that any process with the same key reads a follow-up alike, also after a restart. A token is small: it
has what is needed to ask its question again and to see whether the answer has changed, not the answer.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.types import Scope

from assistant.answer import Answer, Citation
from assistant.export.html_builder import element, join
from assistant.export.turn_html import MAX_SHOWN, problem_html, to_html
from assistant.filter import EVERYTHING, Filter
from assistant.messages import Messages
from assistant.question.conversation import Turn
from assistant.state import MAX_HISTORY_TURNS, MAX_TURN_CHARACTERS, bounded_text
from assistant.web.asker import Asker
from assistant.web.security.audit_log import KEY_BYTES
from assistant.web.security.identity import client_of
from index.errors import AppError
from index.published.generation import IndexedTranscript

MAX_KEPT_TURNS = 100  # of one conversation, by its page
MAX_TURN_NUMBER = 1_000_000
SIGNATURE_BYTES = 16
DIGEST_DIGITS = 16
QUOTATION_DIGITS = 8


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """An answered question as the page keeps it.

    `understood` is the question made to stand alone, and `reply` what was answered, cut: follow-ups are read with both.
    `history` is a digest of the turns the question was read with, empty for none. `answer` is the answer's id and
    `content` a digest of what it says; `quotations` has one of each sentence it showed. `unread` is the number of
    earlier turns that could not be read then.
    """

    question: str
    understood: str
    reply: str
    within: Filter
    history: str
    answer: str
    content: str
    quotations: tuple[str, ...]
    unread: int = 0

    @classmethod
    def of(cls, answer: Answer, history: Sequence[Turn], within: Filter, unread: int = 0) -> Self:
        """Returns what is kept of an answer to a question that was asked with this history and filter."""
        quoted = " ".join(citation.quote for citation in answer.citations if not citation.context)
        reply = quoted or (answer.reason if answer.about_documents else "")  # a refusal names nothing to speak of
        return cls(
            answer.question,
            answer.standalone_question,
            reply[:MAX_TURN_CHARACTERS],
            within,
            history_digest(history),
            answer.id,
            _content_digest(answer),
            tuple(map(_quotation_digest, answer.citations[:MAX_SHOWN])),
            unread,
        )

    @property
    def turns(self) -> tuple[Turn, Turn]:
        """The question and the reply, as the history of a follow-up has them."""
        return Turn("user", self.understood), Turn("assistant", self.reply)

    def is_answer(self, answer: Answer) -> bool:
        """Whether an answer says what was answered then."""
        return _content_digest(answer) == self.content

    def missing_from(self, answer: Answer) -> int:
        """The number of sentences shown then that an answer does not quote."""
        return len(set(self.quotations).difference(map(_quotation_digest, answer.citations)))


def history_digest(history: Sequence[Turn]) -> str:
    """Returns a digest of the turns that a question is read with, empty when there are none."""
    return _digest([[turn.role, turn.text] for turn in history]) if history else ""


def _content_digest(answer: Answer) -> str:
    quoted = [[citation.transcript_id, citation.quote, citation.context] for citation in answer.citations]
    said = [statement.text for statement in answer.statements]
    return _digest([answer.status.value, said, quoted, "" if answer.citations else answer.reason])


def _quotation_digest(citation: Citation) -> str:
    return _digest([citation.transcript_id, citation.quote])[:QUOTATION_DIGITS]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()[:DIGEST_DIGITS]


class TurnSigner:
    """Signs kept turns (HMAC, RFC 2104, with SHA-256), and reads those that it or a process with its key signed.

    A turn is signed for a person, and is not read for another; all people are one where nobody is known by name.
    Without a key, one is made that no other process has.
    """

    _turns = TypeAdapter(KeptTurn)

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(KEY_BYTES)

    def sign(self, turn: KeptTurn, person: str = "") -> str:
        """Returns the token of a turn: Base64 of its compressed JSON, a dot, and its signature."""
        packed = zlib.compress(self._turns.dump_json(turn), 9)
        return f"{_base64(packed)}.{self._signature(packed, person)}"

    def read(self, token: str, person: str = "") -> KeptTurn | None:
        """Returns the turn of a token; None when it was not signed with this key for this person."""
        packed, _, signature = token.partition(".")
        try:
            content = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        except (ValueError, binascii.Error):
            return None
        if not hmac.compare_digest(self._signature(content, person).encode(), signature.encode("utf-8", "replace")):
            return None
        try:
            return self._turns.validate_json(zlib.decompress(content))
        except ValidationError:
            return None  # by another version of this program, which keeps other fields

    def _signature(self, packed: bytes, person: str) -> str:
        message = b"\0".join((b"turn", person.encode("utf-8", "surrogatepass"), packed))
        return _base64(hmac.digest(self._key, message, "sha256")[:SIGNATURE_BYTES])


def person_finder(identity: str) -> Callable[[Scope], str]:
    """Returns what names the person who sent a request; of all it is nobody unless a header names them."""
    return client_of if identity == "header" else lambda _scope: ""


def owner_name(person: str) -> str:
    """Returns what stands for a person in the page, which keeps the conversations of each apart; the same for ever."""
    return _digest(["owner", person]) if person else ""


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class PostedConversation(BaseModel):
    """What the page sends of its conversation: the tokens of turns in order, and the number of its next turn."""

    model_config = ConfigDict(extra="forbid", strict=True)

    turns: list[str] = Field(default=[], max_length=MAX_KEPT_TURNS)
    number: int = Field(default=1, ge=1, le=MAX_TURN_NUMBER)


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns of a conversation, in order; None where one could not be read. `number` is that of the next turn."""

    kept: tuple[KeptTurn | None, ...] = ()
    number: int = 1

    @classmethod
    def read(cls, tokens: Sequence[str], signer: TurnSigner, person: str, number: int = 1) -> Self:
        """Reads the tokens that a page sent."""
        return cls(tuple(signer.read(token, person) for token in tokens), number)

    @classmethod
    def parse(cls, text: str, signer: TurnSigner, person: str) -> Self:
        """Reads what the page sent as JSON. Without it there are no turns; what is malformed is one unread turn."""
        if not text:
            return cls()
        try:
            posted = PostedConversation.model_validate_json(text)
        except ValidationError:
            return cls((None,))
        return cls.read(posted.turns, signer, person, posted.number)

    @property
    def history(self) -> tuple[Turn, ...]:
        """The turns that the next question is read with."""
        return tuple(turn for kept in self.kept if kept for turn in kept.turns)[-MAX_HISTORY_TURNS:]

    @property
    def unread(self) -> int:
        """The number of turns that could not be read."""
        return self.kept.count(None)

    def before(self, position: int) -> Conversation:
        """The conversation up to a turn, which is not included; its position counts from 0."""
        return Conversation(self.kept[:position])


@dataclass(frozen=True, slots=True)
class PostedQuestion:
    """A question as the page sends it. `alone` asks for it to be read without the earlier turns.

    `conversation` is a `PostedConversation` as JSON. `site` is the origin that the reader's browser uses for this site,
    and `person` who asks, where people are known by name.
    """

    text: str
    alone: bool = False
    within: Filter = EVERYTHING
    site: str = ""
    conversation: str = ""
    person: str = ""


Remember = Callable[[KeptTurn, tuple[IndexedTranscript, ...], Answer], None]
"""Takes note of the answer that a turn had when these transcripts were indexed."""


@dataclass(frozen=True, slots=True)
class ChatHandler:
    """Answers the events of the chat page.

    Each method returns the new values of (latest turn, question box, "ignore earlier questions", notice), where
    `unchanged` leaves a value as it is. An answer is returned once and whole: Gradio would send a second value as a
    difference, which a page that missed the first cannot apply.
    """

    asker: Asker
    messages: Messages
    signer: TurnSigner
    remember: Remember = lambda _turn, _transcripts, _answer: None
    person_of: Callable[[Scope], str] = lambda _scope: ""  # who sent a request, where people are known by name
    unchanged: object = None

    def ask(self, question: PostedQuestion) -> tuple[object, ...]:
        """Answers the question in the box, and empties the box only if an answer was found."""
        question, same = replace(question, text=bounded_text(question.text)), self.unchanged
        if not question.text.strip():
            return same, same, same, element("p", self.messages.say("ask.empty"))
        conversation = Conversation.parse(question.conversation, self.signer, question.person)
        history = () if question.alone else conversation.history
        unread = 0 if question.alone else conversation.unread
        transcripts = self.asker.sources.transcripts()
        try:
            answer = self.asker.ask(question.text, history, within=question.within)
            html = self._html(answer, question, conversation.number, unread)
        except AppError as error:
            html = problem_html(question.text, str(error), turn=conversation.number, messages=self.messages)
            return html, same, same, ""
        kept = KeptTurn.of(answer, history, question.within, unread)
        self.remember(kept, transcripts, answer)
        token = element("pre", self.signer.sign(kept, question.person), class_="kept")
        box = "" if answer.status.answered else question.text
        return join(html, token), box, False, ""

    def _html(self, answer: Answer, question: PostedQuestion, number: int, unread: int) -> Markup:
        return to_html(
            with_unread(answer, unread, self.messages),
            self.asker.sources,
            turn=number,
            site=question.site,
            within=question.within,
            messages=self.messages,
        )

    def show_unexpected_error(self, question: str | None, conversation: str | None) -> tuple[object, ...]:
        """Reports an unexpected error without its details, which Gradio has written to the log."""
        message = self.messages.say("problem.unexpected")
        turn = Conversation.parse(conversation or "", self.signer, "").number
        html = problem_html(question or "", message, turn=turn, messages=self.messages)
        return html, self.unchanged, self.unchanged, ""


def with_unread(answer: Answer, unread: int, messages: Messages) -> Answer:
    """Returns the answer with a note that earlier turns could not be read, if any could not."""
    if not unread:
        return answer
    note = messages.say("kept.unread", turns=messages.count("questions", unread))
    return answer.model_copy(update={"notes": (*answer.notes, note)})
