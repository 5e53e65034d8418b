"""Has a chat model summarise an answer's quotations, and checks each statement of its reply as it arrives.

A summarised answer contains every quotation of the answer without a model: first the checked statements, each with the
quotations it cites, then the quotations that no statement cites. The model can neither add evidence nor hide any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.answer import Answer, Citation, Ending, ModelFault, Statement
from assistant.chat_model.calls import CallFailedError, ModelCaller, prompt_messages
from assistant.chat_model.prompts import LabelledSentence, Prompts, is_sent_to_model, label_sentences
from assistant.chat_model.replies import (
    ReplyReader,
    ReplyStatement,
    UnreadableReplyError,
    citable_document,
    read_native_citations,
)
from assistant.faithfulness.check import CompressionCheck
from assistant.work import Deadline
from index.text.words import clean

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessageChunk


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A checked statement, before its answer is complete, with all citations so far. Their numbers are final."""

    statement: Statement
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class SummaryResult:
    """The result of a summary. Unless the ending is `SUMMARISED` there are no statements and no citations."""

    ending: Ending
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    left_out: Counter[ModelFault] = field(default_factory=Counter)


class Summariser:
    """Has one chat model summarise answers, one at a time. Safe to use from several threads."""

    def __init__(self, caller: ModelCaller, prompts: Prompts) -> None:
        self._caller = caller
        self._prompts = prompts

    def compose(
        self, answer: Answer, check: CompressionCheck, deadline: Deadline
    ) -> Generator[CheckedStatement, None, SummaryResult]:
        """Has the quotations of an answer summarised. Yields each statement once it is checked, and returns the result.

        It ends at the deadline at the latest, and a failure of the model is a result too.
        """
        sentences = label_sentences(answer)
        sent = [sentence for sentence in sentences if is_sent_to_model(sentence.citation.quote, check.lexicon)]
        if not sent:
            return SummaryResult(Ending.NOT_ASKED)
        checker = _StatementChecker(answer, sentences, sent, check)
        try:
            for statement in self._reply(answer.standalone_question, sent, deadline):
                yield from checker.check(statement)
        except CallFailedError as failed:
            return SummaryResult(failed.ending, left_out=checker.left_out)
        except UnreadableReplyError:
            return SummaryResult(Ending.UNREADABLE, left_out=checker.left_out)
        return checker.result()

    def _reply(
        self, question: str, sentences: Sequence[LabelledSentence], deadline: Deadline
    ) -> Iterator[ReplyStatement | None]:
        if self._caller.chat.provider.native_citations:
            return self._native_reply(question, sentences, deadline)
        return self._json_reply(question, sentences, deadline)

    def _json_reply(
        self, question: str, sentences: Sequence[LabelledSentence], deadline: Deadline
    ) -> Iterator[ReplyStatement | None]:
        prompt = self._prompts.summary
        user = prompt.fill(question=question, sentences=[sentence.fields() for sentence in sentences])
        reader = ReplyReader()
        for text in self._caller.stream_text(prompt_messages(prompt.system, user), deadline):
            yield from reader.feed(text)
        reader.finish()

    def _native_reply(
        self, question: str, sentences: Sequence[LabelledSentence], deadline: Deadline
    ) -> Iterator[ReplyStatement | None]:
        prompt = self._prompts.cited
        user: list[str | dict[str, object]] = [
            citable_document(sentences),
            {"type": "text", "text": prompt.fill(question=question)},
        ]
        reply: BaseMessageChunk | None = None
        for chunk in self._caller.stream_chunks(prompt_messages(prompt.system, user), deadline):
            reply = chunk if reply is None else reply + chunk
        yield from read_native_citations(reply.content if reply else "", sentences)


class _StatementChecker:
    """Checks the statements of one reply. `sent` are those of the answer's sentences that the model was sent."""

    def __init__(
        self,
        answer: Answer,
        sentences: Sequence[LabelledSentence],
        sent: Sequence[LabelledSentence],
        check: CompressionCheck,
    ) -> None:
        self._citations = answer.citations
        self._by_label = {sentence.label: sentence for sentence in sent}
        self._compression = check
        self._output = _StatementList(answer.citations, sentences)
        self._accepted: set[str] = set()
        self._count = 0
        self.left_out: Counter[ModelFault] = Counter()

    def check(self, statement: ReplyStatement | None) -> Iterator[CheckedStatement]:
        """Yields the statement if it may be shown; otherwise counts why not. None is a malformed statement."""
        self._count += 1
        if statement is None:
            self.left_out[ModelFault.MALFORMED] += 1
            return
        labels = dict.fromkeys(label.strip(" []") for label in statement.labels)
        cited = [self._by_label[label] for label in labels if label in self._by_label]
        self.left_out[ModelFault.UNKNOWN_LABEL] += len(labels) - len(cited)
        text = clean(statement.text)
        fault = self._fault(text, cited)
        if fault is not None:
            self.left_out[fault] += 1
            self._output.put_first(cited)
            return
        self._accepted.add(text.casefold())
        yield CheckedStatement(self._output.add_summary(text, cited), self._output.citations)

    def result(self) -> SummaryResult:
        """The result, including the quotations that no statement cites, once the reply has ended."""
        if not self._count:
            return SummaryResult(Ending.DECLINED, left_out=self.left_out)
        if not self._accepted:
            return SummaryResult(Ending.NOT_BORNE_OUT, left_out=self.left_out)
        self._output.add_rest()
        return SummaryResult(Ending.SUMMARISED, self._output.statements, self._output.citations, self.left_out)

    def _fault(self, text: str, cited: Sequence[LabelledSentence]) -> ModelFault | None:
        """The first reason why a statement may not be shown; None if it may."""
        if not cited:
            return ModelFault.UNCITED
        if text.casefold() in self._accepted:
            return ModelFault.REPEATED
        numbers = dict.fromkeys(number for sentence in cited for number in sentence.numbers)
        return self._compression.fault(text, [self._citations[number - 1] for number in numbers])


class _StatementList:
    """The statements of a summarised answer in order. Citations are renumbered as they first appear."""

    def __init__(self, citations: Sequence[Citation], sentences: Sequence[LabelledSentence]) -> None:
        self._citations = citations
        self._sentences = sentences
        self._new_numbers: dict[int, int] = {}  # by the old number
        self._used_labels: set[str] = set()
        self._first: list[LabelledSentence] = []
        self._statements: list[Statement] = []

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(self._statements)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the statements so far, under their new numbers."""
        renumbered = self._new_numbers.items()
        return tuple(self._citations[old - 1].model_copy(update={"number": new}) for old, new in renumbered)

    def add_summary(self, text: str, cited: Sequence[LabelledSentence]) -> Statement:
        """Adds a checked statement and returns it under its new citation numbers."""
        numbers = dict.fromkeys(self._number(old) for sentence in cited for old in sentence.numbers)
        self._used_labels.update(sentence.label for sentence in cited)
        self._statements.append(Statement(text=text, citations=tuple(numbers), kind="summary"))
        return self._statements[-1]

    def put_first(self, sentences: Sequence[LabelledSentence]) -> None:
        """Puts sentences before the other uncited ones: the model found them relevant, but its statement failed."""
        self._first += sentences

    def add_rest(self) -> None:
        """Adds every sentence that no summary cites as a quotation: those put first, then the others in order."""
        for sentence in (*self._first, *self._sentences):
            if sentence.label not in self._used_labels:
                self._used_labels.add(sentence.label)
                numbers = tuple(self._number(old) for old in sentence.numbers)
                text = " ".join(self._citations[old - 1].quote for old in sentence.numbers)
                self._statements.append(Statement(text=text, citations=numbers))

    def _number(self, old: int) -> int:
        return self._new_numbers.setdefault(old, len(self._new_numbers) + 1)
