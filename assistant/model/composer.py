"""The composer with a model: what it says about the sentences found, checked statement by statement while it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.answer import Answer, Citation, Statement
from assistant.claims.check import Guards
from assistant.composition import Ending, Fault
from assistant.model.assembly import Assembly
from assistant.model.calling import CallFailedError, Deadline, Line, messages
from assistant.model.candidates import Candidate, candidates_of, shown_to_a_model
from assistant.model.native import document_of, said_in
from assistant.model.prompts import Prompts
from assistant.model.reply import ReplyReader, Said, UnreadableError
from index.cleaning import clean

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage, BaseMessageChunk


@dataclass(frozen=True, slots=True)
class Shown:
    """A checked statement before its answer is whole, with the citations so far: their numbers stay as they are."""

    statement: Statement
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """What came of asking the model. Without an ending of `SUMMARISED` there are no statements and no citations."""

    ending: Ending
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    left_out: Counter[Fault] = field(default_factory=Counter)


class Composer:
    """Asks one model about answers, one at a time. Safe to use from several threads."""

    def __init__(self, line: Line, prompts: Prompts) -> None:
        self._line = line
        self._prompts = prompts

    def compose(self, answer: Answer, guards: Guards, deadline: Deadline) -> Generator[Shown, None, Composed]:
        """Have the quotations of an answer summarised: gives each statement as soon as it is checked, then returns all.

        Whatever the model does, this ends at the deadline, and as a value.
        """
        candidates = candidates_of(answer)
        shown = [one for one in candidates if shown_to_a_model(one.citation.quote, guards.lexicon)]
        if not shown:
            return Composed(Ending.NOT_ASKED)
        checked = _Checked(answer, candidates, shown, guards)
        try:
            for said in self._said(answer.standalone_question, shown, deadline):
                yield from checked.take(said)
        except CallFailedError as failed:
            return Composed(failed.ending, left_out=checked.left_out)
        except UnreadableError:
            return Composed(Ending.UNREADABLE, left_out=checked.left_out)
        return checked.composed()

    def _said(self, question: str, candidates: Sequence[Candidate], deadline: Deadline) -> Iterator[Said | None]:
        if self._line.chat.provider.cites:
            prompt = self._prompts.cited
            parts: list[str | dict[str, object]] = [
                document_of(candidates),
                {"type": "text", "text": prompt.fill(question=question)},
            ]
            yield from self._natively(messages(prompt.system, parts), candidates, deadline)
            return
        prompt = self._prompts.summary
        filled = prompt.fill(question=question, sentences=[one.material() for one in candidates])
        reader = ReplyReader()
        for piece in self._line.text(messages(prompt.system, filled), deadline):
            yield from reader.take(piece)
        reader.finish()

    def _natively(
        self, said: list[BaseMessage], candidates: Sequence[Candidate], deadline: Deadline
    ) -> Iterator[Said | None]:
        whole: BaseMessageChunk | None = None
        for piece in self._line.pieces(said, deadline):
            whole = piece if whole is None else whole + piece
        yield from said_in(whole.content if whole else "", candidates)


class _Checked:
    """The model's statements, held against the guards one by one."""

    def __init__(
        self, answer: Answer, candidates: Sequence[Candidate], shown: Sequence[Candidate], guards: Guards
    ) -> None:
        self._citations = answer.citations
        self._by_label = {one.label: one for one in shown}
        self._guards = guards
        self._assembly = Assembly(answer.citations, candidates)
        self._said: set[str] = set()
        self._heard = 0
        self.left_out: Counter[Fault] = Counter()

    def take(self, said: Said | None) -> Iterator[Shown]:
        """Take one statement: in as a summary, or as the bare quotations it cites, or not at all."""
        self._heard += 1
        if said is None:
            self.left_out[Fault.MALFORMED] += 1
            return
        labels = dict.fromkeys(label.strip(" []") for label in said.labels)
        cited = [self._by_label[label] for label in labels if label in self._by_label]
        self.left_out[Fault.UNKNOWN_LABEL] += len(labels) - len(cited)
        text = clean(said.text)
        fault = self._fault(text, cited)
        if fault is not None:
            self.left_out[fault] += 1
            self._assembly.prefer(cited)
            return
        self._said.add(text.casefold())
        yield Shown(self._assembly.summary(text, cited), self._assembly.citations)

    def composed(self) -> Composed:
        """What came of it, the quotations left over included."""
        if not self._heard:
            return Composed(Ending.DECLINED, left_out=self.left_out)
        if not self._said:
            return Composed(Ending.NOT_BORNE_OUT, left_out=self.left_out)
        self._assembly.rest()
        return Composed(Ending.SUMMARISED, self._assembly.statements, self._assembly.citations, self.left_out)

    def _fault(self, text: str, cited: Sequence[Candidate]) -> Fault | None:
        """Why a statement cannot be shown: the first of its faults, or None."""
        if not cited:
            return Fault.UNCITED
        if text.casefold() in self._said:
            return Fault.REPEATED
        numbers = dict.fromkeys(number for one in cited for number in one.numbers)
        faults = self._guards.faults(text, [self._citations[number - 1] for number in numbers])
        return faults[0] if faults else None
