"""The chain with a chat model: answers without it first, then lets it summarise, and rewrite follow-up questions.

Evidence, refusals and citations are those of the chain without a model. The model sees no sentence that the chain did
not select, and if it fails the chain's answer stands. A rewritten follow-up may add nothing to the conversation.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from langchain_core.runnables import RunnableConfig

from assistant.answer import SUMMARISED, Answer, Ending, LeftOut, ModelFault, ModelUse, Status
from assistant.chain import Chain
from assistant.chat_model.calls import CallFailedError, ModelCaller, prompt_messages
from assistant.chat_model.prompts import Prompts, is_summarisable
from assistant.chat_model.replies import UnreadableReplyError, read_question
from assistant.chat_model.summarise import CheckedStatement, Summariser, SummaryResult
from assistant.faithfulness.check import CompressionCheck
from assistant.faithfulness.lexicon import CompressionWords
from assistant.faithfulness.parse import numbers_in
from assistant.filter import EVERYTHING, Filter
from assistant.messages import load_messages
from assistant.question.conversation import Turn
from assistant.work import Deadline
from index.sources.gazetteer import Gazetteer
from index.text.words import MONTHS, clean, stem, words

MAX_TURNS = 6  # earlier turns that the model is sent
MAX_TURN_CHARACTERS = 1_000


def rewrite(question: str, history: Sequence[Turn], caller: ModelCaller, prompts: Prompts, deadline: Deadline) -> str:
    """The question as the model rewrites it; empty where its reply cannot be read. Raises `CallFailedError`."""
    turns = [{"role": turn.role, "text": turn.text[:MAX_TURN_CHARACTERS]} for turn in history[-MAX_TURNS:]]
    user = prompts.followup.fill(conversation=turns, question=question)
    reply = "".join(caller.stream_text(prompt_messages(prompts.followup.system, user), deadline))
    try:
        return clean(read_question(reply))
    except UnreadableReplyError:
        return ""


def adds_nothing(
    rewritten: str, question: str, history: Sequence[Turn], lexicon: CompressionWords, gazetteer: Gazetteer
) -> bool:
    """Whether a rewritten question says only what the question and the conversation say.

    Every content word, number, month and force of it must occur there. It must keep the numbers, months and forces
    that the question itself names, and be negated if and only if the question is.
    """
    cleaned = clean(question)
    turns = [turn.text[:MAX_TURN_CHARACTERS] for turn in history[-MAX_TURNS:]]
    known = clean(" ".join([*turns, question]))
    return (
        bool(rewritten)
        and _content_stems(rewritten, lexicon) <= {stem(word) for word in words(known)}
        and _facts(rewritten, gazetteer) <= _facts(known, gazetteer)
        and _facts(cleaned, gazetteer) <= _facts(rewritten, gazetteer)
        and _is_negated(rewritten, lexicon) == _is_negated(cleaned, lexicon)
    )


def _content_stems(text: str, lexicon: CompressionWords) -> set[str]:
    """Stems of the words that carry meaning, modals, quantifiers and negators among them."""
    return {stem(word) for word in words(text) if word not in lexicon.function or word in lexicon.protected}


def _is_negated(text: str, lexicon: CompressionWords) -> bool:
    """Whether a text has a word that denies."""
    return any(word in lexicon.negators or word.endswith("n't") for word in words(text))


def _facts(text: str, gazetteer: Gazetteer) -> set[object]:
    """The numbers, months and forces in a text."""
    forces = {mention.forces for mention in gazetteer.find(text)}
    numbers = {(number.value, number.unit) for number in numbers_in(text)}
    months = {word for word in words(text) if word in MONTHS}
    return forces | numbers | months


REWRITING_SHARE = 0.5  # of the model's time-out, at most, to rewrite a follow-up


class AssistedChain:
    """A chain and a chat model. Safe to use from several threads."""

    def __init__(self, chain: Chain, caller: ModelCaller, prompts: Prompts) -> None:
        self._chain = chain
        self._caller = caller
        self._prompts = prompts
        self._summariser = Summariser(caller, prompts)
        self._check = CompressionCheck(chain.gazetteer)

    def answer(
        self,
        text: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
        config: RunnableConfig | None = None,
    ) -> Answer:
        """Answers a question as `Chain.answer` does, within the model's time-out more at most."""
        return final_answer(self.stream(text, history, within=within, id=id, config=config))

    def stream(
        self,
        text: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
        config: RunnableConfig | None = None,
    ) -> Iterator[CheckedStatement | Answer]:
        """Yields each of the model's statements once it is checked, and the Answer last. Raises `FilterError`.

        If the model's reply breaks off after some statements, the Answer is the one without the model.
        """
        started, deadline = time.perf_counter(), Deadline(self._caller.chat.timeout)
        rewriting = self._rewrite(text, history, deadline)
        answer = self._chain.answer(text, history, within=within, id=id, alone=rewriting.question, config=config)
        if rewriting.failure:
            result = SummaryResult(rewriting.failure)
        else:
            result = yield from self._summarise(answer, deadline)
        seconds = time.perf_counter() - started
        yield self._with_summary(answer, result, rewritten=bool(rewriting.question), seconds=seconds)

    def summarise(self, answer: Answer) -> Iterator[CheckedStatement | Answer]:
        """The same as `stream` for an answer that was made without the model."""
        result = yield from self._summarise(answer, Deadline(self._caller.chat.timeout))
        yield self._with_summary(answer, result, rewritten=False, seconds=answer.seconds)

    def _rewrite(self, text: str, history: Sequence[Turn], deadline: Deadline) -> _Rewriting:
        """Has a follow-up rewritten. A first question, or one that the chain does not take, is not sent."""
        is_follow_up = any(turn.role == "user" and turn.text.strip() for turn in history)
        if not is_follow_up or not self._chain.takes(text):
            return _Rewriting()
        try:
            rewriting_deadline = Deadline(deadline.seconds_left * REWRITING_SHARE)
            question = rewrite(text, history, self._caller, self._prompts, rewriting_deadline)
        except CallFailedError as failed:
            return _Rewriting(failure=failed.ending)
        faithful = adds_nothing(question, text, history, self._check.lexicon, self._check.gazetteer)
        return _Rewriting(question) if faithful and self._chain.takes(question) else _Rewriting()

    def _summarise(self, answer: Answer, deadline: Deadline) -> Generator[CheckedStatement, None, SummaryResult]:
        if not is_summarisable(answer):
            return SummaryResult(Ending.NOT_ASKED)
        return (yield from self._summariser.compose(answer, self._check, deadline))

    def _with_summary(self, answer: Answer, result: SummaryResult, *, rewritten: bool, seconds: float) -> Answer:
        """The answer with the model's statements, if there are any, and with a note on what the model did."""
        use = ModelUse(
            name=self._caller.chat.name,
            prompts=self._prompts.version,
            ending=result.ending,
            rewritten=rewritten,
            left_out=_counts(result.left_out),
        )
        fields: dict[str, object] = {"model": use, "seconds": round(seconds, 4)}
        fields["notes"] = (*answer.notes, *model_notes(use))
        if result.ending is Ending.SUMMARISED:
            fields |= {"statements": result.statements, "citations": result.citations, "mode": SUMMARISED}
            if answer.status is Status.ANSWERED:
                fields["reason"] = f"{answer.reason} {load_messages().say('model.reason')}"
        return Answer(**(dict(answer) | fields))


@dataclass(frozen=True, slots=True)
class _Rewriting:
    """A follow-up as the model rewrote it, empty where the rules do that; and how the call failed, if it did."""

    question: str = ""
    failure: Ending | None = None


def final_answer(stream: Iterator[CheckedStatement | Answer]) -> Answer:
    """The Answer that a stream ends with."""
    *_, answer = stream
    if not isinstance(answer, Answer):
        raise TypeError("a stream ends with an Answer")
    return answer


def model_notes(use: ModelUse) -> tuple[str, ...]:
    """The notes that tell the reader what the model did; none where it was not called."""
    messages = load_messages()
    if use.ending is Ending.NOT_ASKED:
        return ()
    if use.ending is not Ending.SUMMARISED:
        return (messages.say(f"model.{use.ending.value}", model=use.name),)
    summarised = messages.say("model.summarised", model=use.name)
    left_out = [entry for entry in use.left_out if entry.fault is not ModelFault.UNKNOWN_LABEL]
    if not left_out:
        return (summarised,)
    statements = messages.count("left_out", sum(entry.count for entry in left_out))
    reasons = ", ".join(messages.say(f"failed_check.{entry.fault.value}") for entry in left_out)
    return (summarised, messages.say("model.left_out", statements=statements, reasons=reasons))


def _counts(left_out: Counter[ModelFault]) -> tuple[LeftOut, ...]:
    return tuple(LeftOut(fault=fault, count=left_out[fault]) for fault in ModelFault if left_out[fault])
