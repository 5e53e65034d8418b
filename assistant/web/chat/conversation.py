"""One conversation of the chat page, and the handler that its events call: question in, HTML of a turn out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.answer import Answer
from assistant.export.html_builder import element
from assistant.export.turn_html import problem_html, to_html
from assistant.filter import EVERYTHING, Filter
from assistant.messages import Messages
from assistant.question.conversation import Turn
from assistant.state import MAX_HISTORY_TURNS, MAX_TURN_CHARACTERS, bounded_text
from assistant.web.asker import Asker
from index.errors import AppError

MAX_EXCHANGES = 100  # kept for an export


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer, the number of its turn, and the history and filter its question was asked with."""

    turn: int
    answer: Answer
    history: tuple[Turn, ...]
    within: Filter


@dataclass(frozen=True, slots=True)
class Conversation:
    """The conversation in one browser tab: the turns that a follow-up is read with, and the answers given.

    `questions` counts all questions asked, including those that ended in an error.
    """

    turns: tuple[Turn, ...] = ()
    questions: int = 0
    exchanges: tuple[Exchange, ...] = ()

    def with_answer(self, answer: Answer, history: tuple[Turn, ...], within: Filter = EVERYTHING) -> Conversation:
        """Returns the conversation with one more question, as it was understood, and its answer."""
        reply = " ".join(citation.quote for citation in answer.citations if not citation.context) or answer.reason
        turns = (*self.turns, Turn("user", answer.standalone_question), Turn("assistant", reply[:MAX_TURN_CHARACTERS]))
        exchanges = (*self.exchanges, Exchange(self.questions + 1, answer, history, within))
        return Conversation(turns[-MAX_HISTORY_TURNS:], self.questions + 1, exchanges[-MAX_EXCHANGES:])

    def with_error(self) -> Conversation:
        """Returns the conversation with one more question, which ended in an error."""
        return Conversation(self.turns, self.questions + 1, self.exchanges)

    def exchange(self, turn: int) -> Exchange | None:
        """Returns the exchange of a turn; None when that turn had no answer or is no longer kept."""
        return next((exchange for exchange in self.exchanges if exchange.turn == turn), None)


@dataclass(frozen=True, slots=True)
class PostedQuestion:
    """A question as the page sends it. `alone` asks for it to be read without the earlier turns.

    `site` is the origin that the reader's browser uses for this site.
    """

    text: str
    alone: bool = False
    within: Filter = EVERYTHING
    site: str = ""


@dataclass(frozen=True, slots=True)
class ChatHandler:
    """Answers the events of the chat page.

    Each method returns the new values of (latest turn, question box, "ignore earlier questions", conversation, notice),
    where `unchanged` leaves a value as it is. An answer is returned once and whole: Gradio would send a second value as
    a difference, which a page that missed the first cannot apply.
    """

    asker: Asker
    messages: Messages
    unchanged: object

    def ask(self, question: PostedQuestion, conversation: Conversation) -> tuple[object, ...]:
        """Answers the question in the box, and empties the box only if an answer was found."""
        question, same = replace(question, text=bounded_text(question.text)), self.unchanged
        if not question.text.strip():
            return same, same, same, same, element("p", self.messages.say("ask.empty"))
        turn = conversation.questions + 1
        history = () if question.alone else conversation.turns
        try:
            answer = self.asker.ask(question.text, history, within=question.within)
            html = to_html(
                answer,
                self.asker.sources,
                turn=turn,
                site=question.site,
                within=question.within,
                messages=self.messages,
            )
        except AppError as error:
            html = problem_html(question.text, str(error), turn=turn, messages=self.messages)
            return html, same, same, conversation.with_error(), ""
        box = "" if answer.status.answered else question.text
        return html, box, False, conversation.with_answer(answer, history, question.within), ""

    def show_unexpected_error(self, question: str | None, conversation: Conversation) -> tuple[object, ...]:
        """Reports an unexpected error without its details, which Gradio has written to the log."""
        message = self.messages.say("problem.unexpected")
        turn = conversation.questions + 1
        html = problem_html(question or "", message, turn=turn, messages=self.messages)
        return html, self.unchanged, self.unchanged, conversation.with_error(), ""

    def start_new(self) -> tuple[object, ...]:
        """Starts a new conversation, with no turns."""
        return element("p", class_="cleared"), "", False, Conversation(), ""
