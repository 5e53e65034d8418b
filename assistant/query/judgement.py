"""Judgements: whether a question asks for concerns or for praise, and which sentences state one."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from assistant.errors import AssistantError


class Judgement(StrEnum):
    """Which way an inspector judges."""

    CONCERN = "concern"
    PRAISE = "praise"


_DENIED = re.compile(
    r"\b(no|without|nor any|not a) (\w+ ){0,2}(concerns?|causes? of concern|areas? for improvement)\b", re.IGNORECASE
)
_WORD_END = re.compile(r"\w*")


@dataclass(frozen=True, slots=True)
class _Wording:
    asked: re.Pattern[str]
    outright: re.Pattern[str]
    stated: re.Pattern[str]
    implied: re.Pattern[str]


def judgement_asked(question: str) -> Judgement | None:
    """Which judgements a question asks for all of: "what concerns…", "what is the inspector pleased with"."""
    text = question.lower()
    return next((judgement for judgement, wording in _wordings().items() if wording.asked.search(text)), None)


def judgement_implied(question: str) -> tuple[Judgement | None, str]:
    """Which judgement a question about many forces implies ("which forces lack…"), and the words that do."""
    text = question.lower().replace("’", "'")
    for judgement, wording in _wordings().items():
        if found := wording.implied.findall(text):
            return judgement, " ".join(found)
    return None, ""


def states(judgement: Judgement, sentence: str) -> bool:
    """Whether a sentence states a concern, or praise."""
    return _wordings()[judgement].stated.search(sentence.lower()) is not None


def states_outright(judgement: Judgement, sentence: str) -> bool:
    """Whether a sentence says in so many words that the inspector is concerned, or pleased."""
    return _wordings()[judgement].outright.search(sentence.lower()) is not None


def judges(judgement: Judgement, sentence: str) -> bool:
    """Whether a sentence judges one way and not, in so many words, the other: what a list over many forces needs.

    "I am pleased that there is no backlog" is no concern, and "It does not do this well" no praise.
    """
    text = _DENIED.sub(" ", sentence)
    other = Judgement.PRAISE if judgement is Judgement.CONCERN else Judgement.CONCERN
    against = states_outright if judgement is Judgement.CONCERN else states
    return states(judgement, text) and (states_outright(judgement, text) or not against(other, text))


def asking_words(judgement: Judgement, question: str) -> tuple[tuple[int, int], ...]:
    """Where the question says which judgement it asks for: those words are not its topic."""
    text = question.lower()
    found = _wordings()[judgement].asked.finditer(text)
    return tuple((match.start(), _WORD_END.match(text, match.end()).end()) for match in found)  # type: ignore[union-attr]


@cache
def _wordings() -> dict[Judgement, _Wording]:
    text = (resources.files("assistant") / "data" / "judgements.toml").read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
        return {judgement: _compiled(data[judgement.value]) for judgement in Judgement}
    except (tomllib.TOMLDecodeError, KeyError, re.error) as error:
        raise AssistantError(
            f"assistant/data/judgements.toml is malformed: {error}.", advice="Restore the file."
        ) from error


def _compiled(table: dict[str, list[str]]) -> _Wording:
    names = ("asked", "outright", "stated", "implied")
    return _Wording(*(re.compile("|".join(rf"(?:{pattern})" for pattern in table[name])) for name in names))
