"""Words a stand-alone question: puts phrases, forces and periods into a question as a person would write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.question.phrases import NounPhrase

_END = " ?.!,;:"
_ARTICLE = re.compile(
    r"^(?:a|an|the|some|any|another|this|that|these|those|its|their|his|her|our|my|your)\s+", re.IGNORECASE
)
_QUESTION_WORDS = ("why", "when", "where", "who", "how", "since", "by", "until", "what", "which")
_BODY = re.compile(r"\b(?:Police|Constabulary|Service)$")


def as_sentence(text: str) -> str:
    """The text with a capital at its start and a question mark at its end."""
    text = text.strip()
    ended = text if text.endswith(("?", ".", "!")) else f"{text.rstrip(_END)}?"
    return ended[:1].upper() + ended[1:]


def definite(text: str, phrase: NounPhrase) -> str:
    """A noun phrase as one that is known: "a woman" is "the woman" when she is spoken of again."""
    first = phrase.tokens[0]
    bare = _ARTICLE.sub("", text)
    if bare != text or first.tag == "CD":
        return f"the {bare}"
    return text if phrase.is_name or first.tag == "NNP" else text[:1].lower() + text[1:]


def inserted(text: str, replacements: Sequence[tuple[int, int, str]]) -> str:
    """The text with each span replaced."""
    for start, end, new in sorted(replacements, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def possessive(text: str) -> str:
    """The possessive: "Westmere's", "the officers'"."""
    return f"{text}'" if text.endswith("s") else f"{text}'s"


def joined(names: Sequence[str]) -> str:
    """The names as a list in words: "vetting, fraud and custody"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def in_scope(forces: Sequence[str], periods: Sequence[str]) -> str:
    """The words "in Westmere in 2016", with a space before each part; empty without any."""
    where = f" {'at' if _BODY.search(forces[0]) else 'in'} {joined(forces)}" if forces else ""
    return f"{where} in {joined(periods)}" if periods else where


def with_tail(text: str, tail: str) -> str:
    """The question with some words added at its end."""
    text = text.rstrip()
    body = text.rstrip("?.! ")
    return f"{body}{tail}{text[len(body) :]}"


def exchanged(text: str, spans: Sequence[tuple[int, int]], new: str, tail: str) -> str:
    """The question with the first of some spans replaced; with a tail where there is none."""
    return inserted(text, [(*spans[0], new)]) if spans else with_tail(text, tail)


def framed(topic: str, text: str) -> str:
    """The question behind its topic: "On the front counter, why was it shut?"."""
    return f"On {topic}, {uncapitalised(text)}"


def uncapitalised(text: str) -> str:
    """The text with a small letter at its start, unless its first word is "I" or in capitals."""
    first = text.split(maxsplit=1)[0] if text.split() else ""
    return text if first == "I" or first[1:2].isupper() else text[:1].lower() + text[1:]


def coordinated(question: str, word: str) -> str:
    """Both questions as one: "How many officers left, and why?". What was so added before is left out."""
    return f"{base_of(question)}, and {word.strip(_END)}?"


def narrowed_to(question: str, limit: str) -> str:
    """The question with a limit: "What are the recommendations, only those of 2016?"."""
    return f"{base_of(question)}, {limit.strip(_END)}?"


def base_of(question: str) -> str:
    """The question without its end and without what `coordinated` added to it."""
    text = question.rstrip(_END)
    before, _, after = text.rpartition(", and ")
    return before if after.startswith(_QUESTION_WORDS) and before else text
