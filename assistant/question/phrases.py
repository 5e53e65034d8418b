"""Finds the noun phrases of a tagged text, and the words that refer back to something said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from assistant.question.tagger import Token

SCOPE_TAG = "SCOPE"  # of words that name a force or a period
_NOUNS = frozenset({"NN", "NNS", "NNP"})
_OPENING = frozenset({"DT", "PRP$", "CD", "JJ"})
_INSIDE = _OPENING | _NOUNS | {"POS", "VBN", "VBG"}
_INDEFINITE = frozenset({"a", "an", "some", "any", "no", "another", "each", "every", "all", "both"})
_DEMONSTRATIVES = {"this": False, "that": False, "these": True, "those": True}  # whether it is plural
_PERSONS = frozenset({"he", "she", "him", "her", "his", "hers"})
_PLURAL_PRONOUNS = frozenset({"they", "them", "their", "theirs"})
_AFTER_EMPTY_IT = frozenset({"that", "to"})  # "is it that", "does it take to"
_THINGS = frozenset({"it", "its"})
_PLACE = frozenset({"there"})
_ORDINALS = {
    "first": 0, "former": 0, "second": 1, "other": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1, "latter": -1
}  # fmt: skip
_FINITE = frozenset({"AUX", "MD", "VBP", "VBD"})
_QUANTITIES = frozenset({"many", "much", "more", "most", "few", "fewer", "such", "all"})
_MEASURE = "cent"


@dataclass(frozen=True, slots=True)
class NounPhrase:
    """A noun phrase, `text[start:end]` of its text, with its words and its head, the noun it is about."""

    tokens: tuple[Token, ...]
    head: Token

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    @property
    def is_plural(self) -> bool:
        return self.head.tag == "NNS"

    @property
    def is_name(self) -> bool:
        return self.head.tag == "NNP"

    @property
    def is_indefinite(self) -> bool:
        return self.tokens[0].word in _INDEFINITE


class ReferenceKind(StrEnum):
    """What a word that refers back stands for."""

    PERSON = "person"
    THING = "thing"
    PLURAL = "plural"
    PLACE = "place"
    ONE = "one"  # "the second one", "the other"


@dataclass(frozen=True, slots=True)
class Reference:
    """A word or phrase that refers back, `text[start:end]`."""

    start: int
    end: int
    kind: ReferenceKind
    possessive: bool = False
    noun: str = ""  # of "that team", the noun
    ordinal: int = 0  # of "the second one", its place from 0; -1 for the last


def noun_phrases(tokens: Sequence[Token]) -> list[NounPhrase]:
    """The noun phrases of a text in order; "of" and what follows it belong to the phrase before."""
    found: list[NounPhrase] = []
    place = 0
    while place < len(tokens):
        end = _phrase_end(tokens, place)
        if end == place or tokens[place].word in _QUANTITIES or tokens[end - 1].word == _MEASURE:
            place = max(end if end > place and tokens[end - 1].word == _MEASURE else place + 1, place + 1)
            continue
        head = tokens[end - 1]
        while _goes_on(tokens, end):
            end = _phrase_end(tokens, end + 1)
        found.append(NounPhrase(tuple(tokens[place - _is_object(tokens, place) : end]), head))
        place = end
    return found


def _is_object(tokens: Sequence[Token], start: int) -> bool:
    """Whether a phrase says what is done: "crime" in "good at investigating crime"."""
    return start > 1 and tokens[start - 1].tag == "VBG" and tokens[start - 2].tag == "IN"


def _phrase_end(tokens: Sequence[Token], start: int) -> int:
    """The place after the last noun of the simple phrase that begins at a place; the place itself without one."""
    place, end = start, start
    while place < len(tokens) and (tokens[place].tag in (_INSIDE if place > start else _OPENING | _NOUNS)):
        if end > start and tokens[place].tag in {"DT", "PRP$"}:
            break  # another phrase begins
        place += 1
        if tokens[place - 1].tag in _NOUNS:
            end = place
    return end


def _goes_on(tokens: Sequence[Token], end: int) -> bool:
    """Whether a phrase that belongs to this one follows: "of" any, "for" one without an article, "at" a name."""
    after = _phrase_end(tokens, end + 1) if end + 1 < len(tokens) else end
    if after <= end + 1:
        return False
    word, first, last = tokens[end].word, tokens[end + 1].tag, tokens[after - 1].tag
    return word == "of" or (word == "for" and first in _NOUNS) or (word in {"at", "in"} and last == "NNP")


def references(tokens: Sequence[Token]) -> list[Reference]:
    """The words of a question that refer back, in order."""
    found = [_reference(tokens, place) for place in range(len(tokens)) if not _has_owner(tokens, place)]
    return [reference for reference in found if reference is not None]


def _has_owner(tokens: Sequence[Token], place: int) -> bool:
    """Whether "its" or "their" belongs to a force, or several things, named before it in the same question."""
    if tokens[place].word not in {"its", "their"}:
        return False
    owners = {SCOPE_TAG} if tokens[place].word == "its" else {SCOPE_TAG, "NNS"}
    return any(token.tag in owners for token in tokens[:place])


def _reference(tokens: Sequence[Token], place: int) -> Reference | None:
    token = tokens[place]
    word = token.word
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if token.tag in {"PRP", "PRP$"}:
        kind = _kind_of_pronoun(word)
        if kind is None or (word == "it" and after is not None and after.word in _AFTER_EMPTY_IT):
            return None
        possessive = token.tag == "PRP$" and after is not None and after.tag in _INSIDE
        return Reference(token.start, token.end, kind, possessive)
    if word == "the" and after is not None and after.word in _ORDINALS:
        return _ordinal(tokens, place)
    if word in _DEMONSTRATIVES and token.tag in {"DT", "PRP", "NN"}:
        return _demonstrative(tokens, place)
    if word in _PLACE and not _is_existential(tokens, place):
        return Reference(token.start, token.end, ReferenceKind.PLACE)
    return None


def _kind_of_pronoun(word: str) -> ReferenceKind | None:
    for words, kind in (
        (_PERSONS, ReferenceKind.PERSON), (_PLURAL_PRONOUNS, ReferenceKind.PLURAL), (_THINGS, ReferenceKind.THING)
    ):  # fmt: skip
        if word in words:
            return kind
    return None


def _demonstrative(tokens: Sequence[Token], place: int) -> Reference:
    """The reference "that", or "that team" and "those five" with the noun or number."""
    end = _phrase_end(tokens, place)
    if end <= place + 1 and place + 1 < len(tokens) and tokens[place + 1].tag == "CD":
        end = place + 2
    kind = ReferenceKind.PLURAL if _DEMONSTRATIVES[tokens[place].word] else ReferenceKind.THING
    if end > place + 1:
        return Reference(tokens[place].start, tokens[end - 1].end, kind, noun=tokens[end - 1].word)
    return Reference(tokens[place].start, tokens[place].end, kind)


def _ordinal(tokens: Sequence[Token], place: int) -> Reference | None:
    """The reference "the second" or "the second one"; None before any other noun."""
    after = tokens[place + 2] if place + 2 < len(tokens) else None
    is_one = after is not None and after.word.removesuffix("'s") in {"one", "ones"}
    if after is not None and not is_one and after.tag in _INSIDE:
        return None
    end = place + (3 if is_one else 2)
    number = _ORDINALS[tokens[place + 1].word]
    possessive = is_one and tokens[end - 1].word.endswith("'s")
    return Reference(tokens[place].start, tokens[end - 1].end, ReferenceKind.ONE, possessive, ordinal=number)


def _is_existential(tokens: Sequence[Token], place: int) -> bool:
    """Whether "there" only says that something exists: "is there", "there are"."""
    beside = [tokens[near].tag for near in (place - 1, place + 1) if 0 <= near < len(tokens)]
    return tokens[place].tag == "EX" and any(tag in {"AUX", "MD"} for tag in beside)


def is_clause(tokens: Sequence[Token]) -> bool:
    """Whether a text has a finite verb, or begins with one in the imperative."""
    return any(token.tag in _FINITE for token in tokens) or bool(tokens and tokens[0].tag == "VB")


def split_at_ends(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """The first and last character of each sentence, by its final mark."""
    starts = [tokens[0].start] if tokens else []
    starts += [after.start for mark, after in pairwise(tokens) if mark.text in ".?!" and after.text[0].isupper()]
    return [*pairwise([*starts, tokens[-1].end])] if tokens else []
