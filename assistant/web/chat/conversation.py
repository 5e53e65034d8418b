"""Between the page and the assistant: one conversation's memory, and the steps the page's events call."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.answer import Answer
from assistant.export.html_builder import element
from assistant.export.turn_html import problem_html, to_html
from assistant.filter import EVERYTHING, Filter
from assistant.messages import Messages
from assistant.question.conversation import Turn
from assistant.web.asker import Asker
from index.errors import AppError

REMEMBERED = 20  # earlier turns a follow-up is read with
KEPT = 100  # answers kept for an export


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer, the number of its turn, and what its question was read with."""

    turn: int
    answer: Answer
    history: tuple[Turn, ...]
    within: Filter


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said in one browser tab: the turns a follow-up is read with, and the answers given.

    `asked` counts the questions, those that brought a problem included.
    """

    turns: tuple[Turn, ...] = ()
    asked: int = 0
    exchanges: tuple[Exchange, ...] = ()

    def after(self, answer: Answer, history: tuple[Turn, ...], within: Filter = EVERYTHING) -> Conversation:
        """The conversation with one more question, as it was understood, and what was found for it."""
        found = " ".join(citation.quote for citation in answer.citations if not citation.context) or answer.reason
        new = (Turn("user", answer.standalone_question), Turn("assistant", found))
        exchanges = (*self.exchanges, Exchange(self.asked + 1, answer, history, within))[-KEPT:]
        return Conversation((*self.turns, *new)[-REMEMBERED:], self.asked + 1, exchanges)

    def after_problem(self) -> Conversation:
        """The conversation with one more question, which brought nothing."""
        return Conversation(self.turns, self.asked + 1, self.exchanges)

    def exchange(self, turn: int) -> Exchange | None:
        """What was answered at a turn; None where nothing was, or it is no longer kept."""
        return next((one for one in self.exchanges if one.turn == turn), None)


@dataclass(frozen=True, slots=True)
class PostedQuestion:
    """A question as it stands on the page: its text, whether to read it on its own, and the filter.

    `site` is the origin the reader knows this place by.
    """

    text: str
    alone: bool = False
    within: Filter = EVERYTHING
    site: str = ""


@dataclass(frozen=True, slots=True)
class ChatHandler:
    """Takes questions from the page to the assistant, and turns back. Its steps are what the page's events call.

    A step returns values for (latest turn, question box, "on its own" box, conversation, notice); `same` leaves one as
    it is. An answer is handed over whole: a step that gave first one value and then another would reach the page as
    differences, which a page that misses the first cannot read.
    """

    asker: Asker
    words: Messages
    same: object

    def ask(self, posed: PostedQuestion, conversation: Conversation) -> tuple[object, ...]:
        """Answer what is in the box. The box is emptied only when an answer was found."""
        if not posed.text.strip():
            return self.same, self.same, self.same, self.same, element("p", self.words.say("ask.empty"))
        turn = conversation.asked + 1
        history = () if posed.alone else conversation.turns
        try:
            answer = self.asker.ask(posed.text, history, within=posed.within)
            shown = to_html(
                answer, self.asker.sources, turn=turn, site=posed.site, within=posed.within, phrases=self.words
            )
        except AppError as error:
            shown = problem_html(posed.text, str(error), turn=turn, phrases=self.words)
            return shown, self.same, self.same, conversation.after_problem(), ""
        box = "" if answer.status.answered else posed.text
        return shown, box, False, conversation.after(answer, history, posed.within), ""

    def failed(self, question: str, conversation: Conversation) -> tuple[object, ...]:
        """After an error nobody foresaw: say so; Gradio has written it to the log."""
        message = self.words.say("problem.unexpected")
        turn = conversation.asked + 1
        shown = problem_html(question, message, turn=turn, phrases=self.words)
        return shown, self.same, self.same, conversation.after_problem(), ""

    def begin_again(self) -> tuple[object, ...]:
        """A new conversation: nothing said, nothing remembered."""
        return element("p", class_="cleared"), "", False, Conversation(), ""
