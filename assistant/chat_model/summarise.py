"""The composer with a model: what it says about the sentences found, checked statement by statement while it comes.

An answer put together anew: a model's checked statements first, then whatever of the quotations they leave over.

Every quotation of the answer without the model is in the answer with it: a model can neither add evidence nor hide any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.answer import Answer, Citation, Ending, ModelFault, Statement
from assistant.chat_model.calls import CallFailedError, Deadline, ModelCaller, messages
from assistant.chat_model.prompts import Candidate, Prompts, candidates_of, shown_to_a_model
from assistant.chat_model.replies import ReplyReader, ReplyStatement, UnreadableReplyError, document_of, said_in
from assistant.faithfulness.check import Guards
from index.text.normalise import clean

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage, BaseMessageChunk


class Assembly:
    """Statements in the order they are added; citations are numbered as they first appear."""

    def __init__(self, citations: Sequence[Citation], candidates: Sequence[Candidate]) -> None:
        self._citations = citations
        self._candidates = candidates
        self._numbers: dict[int, int] = {}
        self._shown: set[str] = set()
        self._preferred: list[Candidate] = []
        self._statements: list[Statement] = []

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(self._statements)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the statements so far, by their new numbers."""
        return tuple(self._citations[old - 1].model_copy(update={"number": new}) for old, new in self._numbers.items())

    def summary(self, text: str, candidates: Sequence[Candidate]) -> Statement:
        """Add a checked statement with its quotations."""
        numbers = dict.fromkeys(self._number(old) for one in candidates for old in one.numbers)
        self._shown.update(one.label for one in candidates)
        self._statements.append(Statement(text=text, citations=tuple(numbers), kind="summary"))
        return self._statements[-1]

    def prefer(self, candidates: Sequence[Candidate]) -> None:
        """Have sentences stand first among those that no summary cites: what was said of them could not be shown."""
        self._preferred += candidates

    def rest(self) -> None:
        """Add, as bare quotations, every sentence that no summary cites: the preferred, then the others in order."""
        for candidate in (*self._preferred, *self._candidates):
            if candidate.label not in self._shown:
                self._shown.add(candidate.label)
                numbers = [self._number(old) for old in candidate.numbers]
                text = " ".join(self._citations[old - 1].quote for old in candidate.numbers)
                self._statements.append(Statement(text=text, citations=tuple(numbers)))

    def _number(self, old: int) -> int:
        return self._numbers.setdefault(old, len(self._numbers) + 1)


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A checked statement before its answer is whole, with the citations so far: their numbers stay as they are."""

    statement: Statement
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class SummaryResult:
    """What came of asking the model. Without an ending of `SUMMARISED` there are no statements and no citations."""

    ending: Ending
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    left_out: Counter[ModelFault] = field(default_factory=Counter)


class Summariser:
    """Asks one model about answers, one at a time. Safe to use from several threads."""

    def __init__(self, line: ModelCaller, prompts: Prompts) -> None:
        self._line = line
        self._prompts = prompts

    def compose(
        self, answer: Answer, guards: Guards, deadline: Deadline
    ) -> Generator[CheckedStatement, None, SummaryResult]:
        """Have the quotations of an answer summarised: gives each statement as soon as it is checked, then returns all.

        Whatever the model does, this ends at the deadline, and as a value.
        """
        candidates = candidates_of(answer)
        shown = [one for one in candidates if shown_to_a_model(one.citation.quote, guards.lexicon)]
        if not shown:
            return SummaryResult(Ending.NOT_ASKED)
        checked = _Checked(answer, candidates, shown, guards)
        try:
            for said in self._said(answer.standalone_question, shown, deadline):
                yield from checked.take(said)
        except CallFailedError as failed:
            return SummaryResult(failed.ending, left_out=checked.left_out)
        except UnreadableReplyError:
            return SummaryResult(Ending.UNREADABLE, left_out=checked.left_out)
        return checked.composed()

    def _said(
        self, question: str, candidates: Sequence[Candidate], deadline: Deadline
    ) -> Iterator[ReplyStatement | None]:
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
    ) -> Iterator[ReplyStatement | None]:
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
        self.left_out: Counter[ModelFault] = Counter()

    def take(self, said: ReplyStatement | None) -> Iterator[CheckedStatement]:
        """Take one statement: in as a summary, or as the bare quotations it cites, or not at all."""
        self._heard += 1
        if said is None:
            self.left_out[ModelFault.MALFORMED] += 1
            return
        labels = dict.fromkeys(label.strip(" []") for label in said.labels)
        cited = [self._by_label[label] for label in labels if label in self._by_label]
        self.left_out[ModelFault.UNKNOWN_LABEL] += len(labels) - len(cited)
        text = clean(said.text)
        fault = self._fault(text, cited)
        if fault is not None:
            self.left_out[fault] += 1
            self._assembly.prefer(cited)
            return
        self._said.add(text.casefold())
        yield CheckedStatement(self._assembly.summary(text, cited), self._assembly.citations)

    def composed(self) -> SummaryResult:
        """What came of it, the quotations left over included."""
        if not self._heard:
            return SummaryResult(Ending.DECLINED, left_out=self.left_out)
        if not self._said:
            return SummaryResult(Ending.NOT_BORNE_OUT, left_out=self.left_out)
        self._assembly.rest()
        return SummaryResult(Ending.SUMMARISED, self._assembly.statements, self._assembly.citations, self.left_out)

    def _fault(self, text: str, cited: Sequence[Candidate]) -> ModelFault | None:
        """Why a statement cannot be shown: the first of its faults, or None."""
        if not cited:
            return ModelFault.UNCITED
        if text.casefold() in self._said:
            return ModelFault.REPEATED
        numbers = dict.fromkeys(number for one in cited for number in one.numbers)
        faults = self._guards.faults(text, [self._citations[number - 1] for number in numbers])
        return faults[0] if faults else None
