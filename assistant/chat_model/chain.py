"""The chain with a chat model beside it: the answer is made without the model first, and the model may put it better.

What was found, whether it answers, and every refusal are the chain's own. The model sees no sentence that the chain did
not choose, and whatever becomes of its part, the chain's answer is there.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from langchain_core.runnables import RunnableConfig

from assistant.answer import SUMMARISED, Answer, Ending, LeftOut, ModelFault, ModelUse, Status
from assistant.chain import Chain
from assistant.chat_model.calls import CallFailedError, Deadline, ModelCaller
from assistant.chat_model.prompts import Prompts, summarisable
from assistant.chat_model.rewrite import adds_nothing, rewrite
from assistant.chat_model.summarise import CheckedStatement, Summariser, SummaryResult
from assistant.faithfulness.check import Guards
from assistant.filter import EVERYTHING, Filter
from assistant.messages import load_messages
from assistant.question.conversation import Turn

FOR_REWRITING = 0.5  # share of the time that a follow-up may take to be rewritten


@dataclass(frozen=True, slots=True)
class _Alone:
    """A follow-up as the model made it stand alone, empty where the rules do it; `failed` is how a vain call ended."""

    text: str = ""
    failed: Ending | None = None


class AssistedChain:
    """A chain and a model. Safe to use from several threads."""

    def __init__(self, chain: Chain, line: ModelCaller, prompts: Prompts) -> None:
        self._chain = chain
        self._line = line
        self._prompts = prompts
        self._composer = Summariser(line, prompts)
        self._guards = Guards(chain.gazetteer)

    def answer(
        self,
        text: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
        config: RunnableConfig | None = None,
    ) -> Answer:
        """Answer a question, as `Chain.answer` does and no later than the model's time-out after it."""
        return last(self.stream(text, history, within=within, id=id, config=config))

    def stream(
        self,
        text: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
        config: RunnableConfig | None = None,
    ) -> Iterator[CheckedStatement | Answer]:
        """Each of the model's statements as soon as it is checked, and the Answer at the end. Raises `FilterError`.

        Should the model's reply break off after some statements, the Answer is the one without the model.
        """
        started, deadline = time.perf_counter(), Deadline(self._line.chat.timeout)
        alone = self._rewritten(text, history, deadline)
        answer = self._chain.answer(text, history, within=within, id=id, alone=alone.text, config=config)
        composed = SummaryResult(alone.failed) if alone.failed else (yield from self._composed(answer, deadline))
        yield self._put(answer, composed, rewritten=bool(alone.text), seconds=time.perf_counter() - started)

    def over(self, answer: Answer) -> Iterator[CheckedStatement | Answer]:
        """The same for an answer that was made without the model."""
        composed = yield from self._composed(answer, Deadline(self._line.chat.timeout))
        yield self._put(answer, composed, rewritten=False, seconds=answer.seconds)

    def _composed(self, answer: Answer, deadline: Deadline) -> Generator[CheckedStatement, None, SummaryResult]:
        if not summarisable(answer):
            return SummaryResult(Ending.NOT_ASKED)
        return (yield from self._composer.compose(answer, self._guards, deadline))

    def _rewritten(self, text: str, history: Sequence[Turn], deadline: Deadline) -> _Alone:
        if not any(turn.role == "user" and turn.text.strip() for turn in history) or not self._chain.takes(text):
            return _Alone()
        try:
            half = Deadline(deadline.left * FOR_REWRITING)
            rewritten = rewrite(text, history, self._line, self._prompts, half)
        except CallFailedError as failed:
            return _Alone(failed=failed.ending)
        held = adds_nothing(rewritten, text, history, self._guards.lexicon, self._guards.gazetteer)
        return _Alone(rewritten) if held and self._chain.takes(rewritten) else _Alone()

    def _put(self, answer: Answer, composed: SummaryResult, *, rewritten: bool, seconds: float) -> Answer:
        """The answer with the model's part in it, said in its notes too."""
        use = ModelUse(
            name=self._line.chat.name,
            prompts=self._prompts.version,
            ending=composed.ending,
            rewritten=rewritten,
            left_out=_listed(composed.left_out),
        )
        words = load_messages()
        changed: dict[str, object] = {"model": use, "seconds": round(seconds, 4)}
        if composed.ending is Ending.SUMMARISED:
            reason = words.say("model.reason") if answer.status is Status.ANSWERED else answer.reason
            changed |= {"reason": reason}
            changed |= {"statements": composed.statements, "citations": composed.citations, "mode": SUMMARISED}
        changed["notes"] = (*answer.notes, *notes_on(use))
        return Answer(**(dict(answer) | changed))


def last(stream: Iterator[CheckedStatement | Answer]) -> Answer:
    """The Answer that a stream ends with."""
    *_, answer = stream
    if not isinstance(answer, Answer):
        raise TypeError("a stream ends with an Answer")
    return answer


def notes_on(use: ModelUse) -> tuple[str, ...]:
    """What a reader is told of the model's part, in fixed words; nothing where it was not asked."""
    words = load_messages()
    if use.ending is Ending.NOT_ASKED:
        return ()
    if use.ending is not Ending.SUMMARISED:
        return (words.say(f"model.{use.ending.value}", model=use.name),)
    said = words.say("model.summarised", model=use.name)
    unshown = [one for one in use.left_out if one.fault is not ModelFault.UNKNOWN_LABEL]
    if not unshown:
        return (said,)
    number = words.count("left_out", sum(one.count for one in unshown))
    reasons = ", ".join(words.say(f"fault_found.{one.fault.value}") for one in unshown)
    return (said, words.say("model.left_out", statements=number, reasons=reasons))


def _listed(left_out: Counter[ModelFault]) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(fault=fault, count=left_out[fault]) for fault in ModelFault if left_out[fault])
