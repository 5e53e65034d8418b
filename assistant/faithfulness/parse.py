"""Reads a text as words that can be compared: numbers by their value, forces by their name, verbs by their stem."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.faithfulness.numbers import numbers_in
from assistant.question.tagger import Tagger, Token
from index.sources.gazetteer import Gazetteer
from index.text.lexicon import MONTH_NUMBERS
from index.text.normalise import clean
from index.text.tokens import stem

_CONTRACTION = re.compile(r"\b(ca|wo|sha)?n't\b|n't\b|\bcannot\b", re.IGNORECASE)
_EXPANSIONS = {"can't": "can not", "won't": "will not", "shan't": "shall not", "cannot": "can not"}
_OWN_FORCE = re.compile(r"\b(?:the|this) (?:police )?(?:force|constabulary)\b(?! used)", re.IGNORECASE)
_FUSED = re.compile(r"\ba (?:few|little|lot)\b", re.IGNORECASE)
_AGREEING = {"am": "is", "are": "is", "were": "was", "has": "have", "does": "do"}
_ARTICLES = frozenset({"a", "an", "the"})
_LIGHT_MARKS = frozenset(",\"'")
_COMPARED = re.compile(r"[a-z]{2,}(?:er|est)")
_NOT_COMPARED = frozenset("other former proper together another rather further".split())  # noqa: SIM905
_YEAR = re.compile(r"#(?:19|20)\d\d(?:/\d+)?")
NOMINAL = frozenset({"NN", "NNS", "NNP"})
FINITE = frozenset({"VBP", "VBD", "MD"})
_TAKEN_FOR_FINITE = {"VBN": "VBD", "VB": "VBP"}  # "detectives carried twelve cases", "victims wait eleven"
FINITE_AUXILIARIES = frozenset("am is are was were has have had does do did".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Word:
    """A word, number, name of a force or mark of punctuation, in lower case, with its part of speech.

    Two words are the same if their `key` is: `#80%` for a number, `@` and the name for a force.
    """

    text: str
    tag: str
    key: str
    capital: bool  # in another place than the first

    @property
    def is_free(self) -> bool:
        """Whether it may be left out or added: an article, a comma, a quotation mark, "that" before a clause."""
        return self.key in _ARTICLES or self.key in _LIGHT_MARKS or (self.key == "that" and self.tag == "IN")

    @property
    def is_force(self) -> bool:
        return self.key.startswith("@")

    @property
    def is_year(self) -> bool:
        return _YEAR.fullmatch(self.key) is not None

    @property
    def is_number(self) -> bool:
        return self.key.startswith("#")

    @property
    def is_name(self) -> bool:
        return self.is_force or self.tag == "NNP" or (self.capital and self.tag != "PRP")

    @property
    def is_month(self) -> bool:
        return self.capital and self.text in MONTH_NUMBERS

    @property
    def is_compared(self) -> bool:
        """Whether it is an adjective in a degree of comparison: "slower", "slowest"."""
        return self.tag == "JJ" and self.text not in _NOT_COMPARED and _COMPARED.fullmatch(self.text) is not None

    @property
    def is_finite(self) -> bool:
        return self.tag in FINITE or (self.tag == "AUX" and self.text in FINITE_AUXILIARIES)

    def same(self, other: Word) -> bool:
        """Whether both are the same word. A verb in the present may differ in its ending."""
        if self.key == other.key:
            return True
        present = self.tag in ("VBP", "VB") and other.tag in ("VBP", "VB")
        return present and not self.key.startswith(("#", "@")) and stem(self.key) == stem(other.key)


def parse_text(text: str, force: str, gazetteer: Gazetteer) -> tuple[Word, ...]:
    """The words of a text about `force`, without the full stop at its end."""
    plain = _CONTRACTION.sub(lambda match: _EXPANSIONS.get(match.group().lower(), " not"), clean(text)).rstrip(" .")
    tokens = Tagger.load().tag(plain)
    spans = sorted(_spans(plain, force, gazetteer))
    return tuple(_with_missed_verbs(tuple(_words(tokens, spans))))


def _with_missed_verbs(words: Sequence[Word]) -> Iterator[Word]:
    """The words, with a participle or infinitive after a noun as a verb where its clause has no other."""
    for place, word in enumerate(words):
        if word.tag in _TAKEN_FOR_FINITE and place and words[place - 1].tag in (*NOMINAL, "PRP"):
            before, after = _to_edge(words[:place][::-1]), _to_edge(words[place + 1 :])
            if not any(other.is_finite for other in (*before, *after)):
                yield replace(word, tag=_TAKEN_FOR_FINITE[word.tag])
                continue
        yield word


def _to_edge(words: Sequence[Word]) -> Sequence[Word]:
    """The words up to the next mark, conjunction or question word."""
    edge = next((place for place, word in enumerate(words) if word.tag in (".", "CC", "WH")), len(words))
    return words[:edge]


def _spans(text: str, force: str, gazetteer: Gazetteer) -> Iterator[tuple[int, int, str, str]]:
    """The stretches of a text that are one word, as start, end, key and tag: forces, numbers, "a few"."""
    forces = [(mention.start, mention.end, f"@{' / '.join(mention.forces)}") for mention in gazetteer.find(text)]
    if force:
        forces += [(*match.span(), f"@{force}") for match in _OWN_FORCE.finditer(text)]
    yield from ((start, end, key, "NNP") for start, end, key in forces)
    for number in numbers_in(text, pronouns=True):
        if not any(start <= number.start < end for start, end, _ in forces):
            yield number.start, number.end, f"#{number.value}{number.unit}", "CD"
    yield from ((*match.span(), match.group().lower(), "JJ") for match in _FUSED.finditer(text))


def _words(tokens: Sequence[Token], spans: Sequence[tuple[int, int, str, str]]) -> Iterator[Word]:
    waiting = iter(spans)
    span = next(waiting, None)
    used = -1
    for place, token in enumerate(tokens):
        while span is not None and span[1] <= token.start:
            span = next(waiting, None)
        if span is None or token.start < span[0]:
            if token.start >= used:
                yield _plain_word(token, place)
            continue
        if token.start < used:
            continue
        owner = "'s" if token.text.endswith("'s") else ""
        if token.end - len(owner) > span[1]:  # "38-strong" is one word
            yield _plain_word(token, place)
            continue
        _, used, key, tag = span
        yield Word(token.word, tag, key + owner, capital=False)


def _plain_word(token: Token, place: int) -> Word:
    word = token.word
    return Word(word, token.tag, _AGREEING.get(word, word), capital=bool(place) and token.text[0].isupper())
