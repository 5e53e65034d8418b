"""Has a chat model rewrite a follow-up question so that it stands alone, and checks that it adds nothing to it."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.chat_model.calls import Deadline, ModelCaller, prompt_messages
from assistant.chat_model.prompts import Prompts
from assistant.chat_model.replies import UnreadableReplyError, read_question
from assistant.faithfulness.lexicon import ClaimWords
from assistant.faithfulness.numbers import months_in, numbers_in
from assistant.faithfulness.parse import parse_text
from assistant.question.conversation import Turn
from index.sources.gazetteer import Gazetteer
from index.text.normalise import clean
from index.text.tokens import stem, words

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
    rewritten: str, question: str, history: Sequence[Turn], lexicon: ClaimWords, gazetteer: Gazetteer
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
        and any(parse_text(rewritten, lexicon).negated) == any(parse_text(cleaned, lexicon).negated)
    )


def _content_stems(text: str, lexicon: ClaimWords) -> set[str]:
    """Stems of the words that carry meaning, modals, quantifiers and negators among them."""
    meaningful = (*lexicon.modality.values(), *lexicon.quantity.values(), lexicon.negators)
    return {
        stem(word)
        for word in words(text)
        if word not in lexicon.function or any(phrases.within([word]) for phrases in meaningful)
    }


def _facts(text: str, gazetteer: Gazetteer) -> set[object]:
    """The numbers, months and forces in a text."""
    forces = {mention.forces for mention in gazetteer.find(text)}
    numbers = {(number.value, number.unit) for number in numbers_in(text)}
    return forces | numbers | {mention.month for mention in months_in(text)}
