"""Between the page and the assistant: one conversation's memory, and the steps the page's events call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.answer import Answer, Citation
from assistant.conversation import Turn
from assistant.errors import AssistantError
from assistant.filter import EVERYTHING, Filter
from assistant.markup import Html, element
from assistant.phrasebook import Phrasebook
from assistant.reading import SourceReader
from assistant.render import problem_html, to_html
from index.errors import IndexingError

REMEMBERED = 20  # earlier turns a follow-up is read with


class Asker(Protocol):
    """What the pages and the JSON interface need of an assistant. Everything is called from several threads.

    `within` limits what is looked at. Raises `FilterError` when it names what is not held.
    """

    @property
    def sources(self) -> SourceReader: ...

    def ask(self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING) -> Answer: ...

    def search(self, text: str, count: int, *, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        """The sentences nearest to a text, at most `count`, the best first, numbered from 1."""
        ...


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said in one browser tab: the turns a follow-up is read with, and how many questions were asked."""

    turns: tuple[Turn, ...] = ()
    asked: int = 0

    def after(self, answer: Answer) -> Conversation:
        """The conversation with one more question, as it was understood, and what was found for it."""
        found = " ".join(citation.quote for citation in answer.citations if not citation.context) or answer.reason
        new = (Turn("user", answer.standalone_question), Turn("assistant", found))
        return Conversation((*self.turns, *new)[-REMEMBERED:], self.asked + 1)

    def after_problem(self) -> Conversation:
        """The conversation with one more question, which brought nothing."""
        return Conversation(self.turns, self.asked + 1)


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes questions from the page to the assistant, and turns back. Its steps are what the page's events call.

    A step yields values for (latest turn, question box, conversation, progress); `same` leaves one as it is.
    """

    asker: Asker
    words: Phrasebook
    same: object

    def ask(self, question: str, conversation: Conversation) -> Iterator[tuple[object, ...]]:
        """Answer what is in the box. The box is emptied only when an answer was found."""
        if not question.strip():
            yield self.same, self.same, self.same, self._progress("ask.empty")
            return
        yield self.same, self.same, self.same, self._progress("ask.searching")
        turn = conversation.asked + 1
        try:
            answer = self.asker.ask(question, conversation.turns)
            shown = to_html(answer, self.asker.sources, turn=turn, phrases=self.words)
        except (AssistantError, IndexingError) as error:
            shown = problem_html(question, str(error), turn=turn, phrases=self.words)
            yield shown, self.same, conversation.after_problem(), ""
            return
        yield shown, "" if answer.status.answered else self.same, conversation.after(answer), ""

    def example(self, question: str, conversation: Conversation) -> Iterator[tuple[object, ...]]:
        """Answer an example question, which appears in the box as if it had been typed."""
        for number, (latest, box, after, progress) in enumerate(self.ask(question, conversation)):
            yield latest, question if number == 0 else box, after, progress

    def failed(self, question: str, conversation: Conversation) -> tuple[object, ...]:
        """After an error nobody foresaw: say so; Gradio has written it to the log."""
        message = self.words.say("problem.unexpected")
        turn = conversation.asked + 1
        shown = problem_html(question, message, turn=turn, phrases=self.words)
        return shown, self.same, conversation.after_problem(), ""

    def begin_again(self) -> tuple[object, ...]:
        """A new conversation: nothing said, nothing remembered."""
        return element("p", class_="cleared"), "", Conversation(), ""

    def _progress(self, name: str) -> Html:
        return element("p", self.words.say(name), class_="progress")
