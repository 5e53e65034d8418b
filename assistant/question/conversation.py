"""The turns of a conversation, and how a follow-up question is made to stand alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.question.antecedents import EarlierTurn, FollowUpModel
from assistant.question.parsing import parse
from assistant.question.rewriting import Rewriting
from assistant.question.scope import Corpus


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    text: str


_GREETING = re.compile(
    r"^\W*(?:hello|hi|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|dear (?:sir|madam|all|team))"
    r"(?: (?:there|all|everyone|team|again))?(?:\s*[,.:;!]| [–—-])\s*(?=\w)",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"\b(?:many thanks|thanks|thank you|ta|cheers|please|kind regards|best wishes)"
    r"(?: (?:very|so) much| a lot| in advance)?$",
    re.IGNORECASE,
)
_THANKS_CHARACTERS = 40  # no fewer than the longest thanks has
_BEFORE_THANKS = " \t\r\n,.;:!–—-"
_CONTRACTED_IS = re.compile(r"\b(who|what|how|where|when|why)['’]?s\b", re.IGNORECASE)


def plain_question(question: str) -> str:
    """The question without greetings and thanks, unless there is nothing else."""
    without_courtesies = _without_thanks(_GREETING.sub("", question)) or question
    return _CONTRACTED_IS.sub(r"\1 is", without_courtesies)


def _without_thanks(question: str) -> str:
    """The question without thanks at its end, if anything is before them. The end is found first, so this is linear."""
    end = len(question)
    while end and not (question[end - 1].isalnum() or question[end - 1] == "_"):
        end -= 1
    thanks = _THANKS.search(question, max(0, end - _THANKS_CHARACTERS), end)
    asked = question[: thanks.start()].rstrip(_BEFORE_THANKS) if thanks else ""
    return asked if asked and (asked[-1].isalnum() or asked[-1] in "_?)”\"'’") else question


# What a turn that asks nothing is made of: it has one of the first, and nothing besides them and the others.
_COURTESIES = """
    hello hi hey hiya greetings morning afternoon evening thanks thank ta cheers regards wishes bye goodbye ok okay
    great lovely perfect brilliant
"""
_BESIDE_COURTESIES = """
    good day dear sir madam all team there everyone again you please kind best very so much a lot in advance many for
    your help that is that's now then and
"""


def is_courtesy(text: str) -> bool:
    """Whether a turn only greets, thanks or takes leave."""
    said = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.lower().replace("’", "'"))
    courtesies = frozenset(_COURTESIES.split())
    return bool(courtesies.intersection(said)) and courtesies.union(_BESIDE_COURTESIES.split()).issuperset(said)


def standalone(question: str, history: Sequence[Turn], corpus: Corpus, stopwords: Collection[str]) -> str:
    """The question with what it takes from the conversation written out; unchanged when it takes nothing."""
    exchanges: list[EarlierTurn] = []
    for asked, answered in _pairs(history):
        understood = _understood(plain_question(asked), exchanges, corpus)
        scope = corpus.resolve(understood)
        if scope.forces or not scope.missing_forces:  # a question about a force without transcripts is skipped
            exchanges.append(EarlierTurn(parse(understood, corpus, stopwords), parse(answered, corpus, stopwords)))
    return _understood(question, exchanges, corpus)


def _understood(question: str, exchanges: Sequence[EarlierTurn], corpus: Corpus) -> str:
    if not exchanges or is_courtesy(question):
        return question
    return Rewriting.of(question, exchanges, corpus, FollowUpModel.load()).rewritten()


def _pairs(history: Sequence[Turn]) -> Iterator[tuple[str, str]]:
    """Yields each question of the conversation with what was answered to it."""
    asked, answered = "", ""
    for turn in history:
        if turn.role == "user":
            if asked:
                yield asked, answered
            asked, answered = ("" if is_courtesy(turn.text) else turn.text.strip()), ""
        elif asked:
            answered = f"{answered} {turn.text}".strip()
    if asked:
        yield asked, answered
