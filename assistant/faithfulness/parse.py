"""Reads a text as words that can be compared: numbers by their value, forces by their name, verbs by their stem."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from assistant.question.tagger import Tagger, Token
from index.sources.gazetteer import Gazetteer
from index.text.words import MONTH_NUMBERS, NUMBERS_BELOW_100, SCALES, alternatives, clean, stem

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


_FRACTIONS = {
    "half": "1/2",
    "halves": "1/2",
    "quarter": "1/4",
    "quarters": "1/4",
    "dozen": "12",
    "twice": "2",
    "double": "2",
}
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()  # noqa: SIM905
_SUFFIXES = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000, "million": 1_000_000, "billion": 1_000_000_000,
             "thousand": 1_000, "hundred": 100}  # fmt: skip

_NUMBER_WORD = alternatives([*NUMBERS_BELOW_100, *SCALES])
_NUMBER = re.compile(
    r"\b(?P<years>(?:19|20)\d\d[/-](?:\d{4}|\d\d))\b|(?P<money>[£$€]\s?)?(?P<digits>\d(?:[\d,]*\d)?(?:\.\d+)?)(?P<ordinal>st|nd|rd|th)?"
    r"(?:\s?(?P<scale>k|m|bn|million|billion|thousand|hundred)\b)?(?P<percent>\s?%|[\s-]per\s?cent\b)?"
    rf"|\b(?P<words>(?:a\s+)?(?:{_NUMBER_WORD})s?(?:(?:\s+|-|\s+and\s+)(?:{_NUMBER_WORD})s?)*)\b"
    r"(?P<wordcent>[\s-]per\s?cent\b)?"
    rf"|\b(?P<fraction>{'|'.join(_FRACTIONS)})\b|\b(?P<nth>{'|'.join(_ORDINALS)})\b",
    re.IGNORECASE,
)
_ONE_AS_PRONOUN = re.compile(
    r"\b(?:no|this|that|any|every|which|the|each|another)\s+ones?\b|\bone\s+(?:of|another|or more)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number: its value, its unit (`£`, `%`, `th` or none), and where it is in the text, in characters."""

    value: str
    unit: str
    start: int
    end: int


def numbers_in(text: str, *, pronouns: bool = False) -> list[Number]:
    """Every number, in order. "One" where it may be a pronoun is left out unless `pronouns`."""
    excluded = [] if pronouns else [match.span() for match in _ONE_AS_PRONOUN.finditer(text)]
    numbers = []
    for match in _NUMBER.finditer(text):
        if match["words"] and any(start <= match.start() < end for start, end in excluded):
            continue
        number = _number(match)
        if number is not None:
            numbers.append(number)
    return numbers


def _number(match: re.Match[str]) -> Number | None:
    if match["years"]:
        value, unit = match["years"].replace("-", "/"), ""
    elif match["nth"]:
        value, unit = str(_ORDINALS.index(match["nth"].lower()) + 1), "th"
    elif match["fraction"]:
        value, unit = _FRACTIONS[match["fraction"].lower()], ""
    elif match["words"]:
        value, unit = _value_of_words(match["words"]), "%" if match["wordcent"] else ""
    else:
        value, unit = _value_of_digits(match), _unit_of_digits(match)
    return Number(value, unit, *match.span()) if value else None


def _value_of_digits(match: re.Match[str]) -> str:
    """The value of a number in digits; empty where they form none."""
    scale = _SUFFIXES[match["scale"].lower()] if match["scale"] else 1
    try:
        amount = Decimal(match["digits"].replace(",", "")) * scale
    except InvalidOperation:
        return ""
    return f"{amount.normalize():f}"


def _unit_of_digits(match: re.Match[str]) -> str:
    if match["money"]:
        return "£"
    if match["percent"]:
        return "%"
    return "th" if match["ordinal"] else ""


def _value_of_words(written: str) -> str:
    """The value of a number in words; empty where a scale stands alone, as in "thousands of"."""
    total = current = 0
    words = re.findall(r"[a-z]+", written.lower())
    if all(word.removesuffix("s") in SCALES for word in words):
        return ""
    for word in words:
        name = word if word in NUMBERS_BELOW_100 else word.removesuffix("s")
        if name in NUMBERS_BELOW_100:
            current += NUMBERS_BELOW_100[name]
        elif name == "hundred":
            current = max(current, 1) * 100
        elif name in SCALES:
            total += max(current, 1) * SCALES[name]
            current = 0
    return str(total + current)
