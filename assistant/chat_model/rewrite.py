"""Follow-ups made to stand alone by a model, and held against the conversation: it may add nothing to it."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.chat_model.calls import Deadline, ModelCaller, messages
from assistant.chat_model.prompts import Prompts
from assistant.chat_model.replies import UnreadableReplyError, read_question
from assistant.faithfulness.lexicon import ClaimWords
from assistant.faithfulness.numbers import figures_in, moments_in
from assistant.faithfulness.parse import read
from assistant.question.conversation import Turn
from index.sources.gazetteer import Gazetteer
from index.text.normalise import clean
from index.text.tokens import stem, words

TURNS = 6  # earlier turns the model is shown
LONGEST_TURN = 1_000  # characters of each


def rewrite(question: str, history: Sequence[Turn], line: ModelCaller, prompts: Prompts, deadline: Deadline) -> str:
    """The question as the model puts it; empty where its reply cannot be read. Raises `CallFailedError`."""
    shown = [{"role": turn.role, "text": turn.text[:LONGEST_TURN]} for turn in history[-TURNS:]]
    filled = prompts.followup.fill(conversation=shown, question=question)
    reply = "".join(line.text(messages(prompts.followup.system, filled), deadline))
    try:
        return clean(read_question(reply))
    except UnreadableReplyError:
        return ""


def adds_nothing(
    rewritten: str, question: str, history: Sequence[Turn], lexicon: ClaimWords, gazetteer: Gazetteer
) -> bool:
    """Whether a rewritten question holds nothing but what the conversation or the question holds.

    Every word that is no function word, every number, month and force of it must stand there; and it keeps what the
    question itself names: its numbers, its forces, and whether it denies.
    """
    asked = clean(question)
    known = clean(" ".join([*(turn.text[:LONGEST_TURN] for turn in history[-TURNS:]), question]))
    return (
        bool(rewritten)
        and _content(rewritten, lexicon) <= {stem(word) for word in words(known)}
        and _facts(rewritten, gazetteer) <= _facts(known, gazetteer)
        and _facts(asked, gazetteer) <= _facts(rewritten, gazetteer)
        and any(read(rewritten, lexicon).denied) == any(read(asked, lexicon).denied)
    )


def _content(text: str, lexicon: ClaimWords) -> set[str]:
    """Stems of the words that say something; "must", "most" and "never" among them."""
    telling = (*lexicon.modality.values(), *lexicon.quantity.values(), lexicon.negators)
    return {
        stem(word)
        for word in words(text)
        if word not in lexicon.function or any(phrases.within([word]) for phrases in telling)
    }


def _facts(text: str, gazetteer: Gazetteer) -> set[object]:
    """Numbers, months and forces."""
    forces = {mention.forces for mention in gazetteer.find(text)}
    return {(one.value, one.unit) for one in figures_in(text)} | {one.month for one in moments_in(text)} | forces
