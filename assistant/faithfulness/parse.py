"""A text as the guards read it: clauses of words, each word with its stem, what is denied told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from assistant.faithfulness.lexicon import ClaimWords
from index.text.normalise import clean
from index.text.tokens import stem

REACH = 7  # words that a negator governs at most
REACH_OF_MODALS = 14
REMEMBERED = 4096  # texts and words that are read once

_WORD_NUMBER_OR_BREAK = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d[\d,./]*\d|\d|[.,;:()!?]")
_BREAKS = frozenset(".,;:()!?")
_TURNS = frozenset("but although though however while whereas because unless until so then".split())  # noqa: SIM905
_STOPS = _TURNS | frozenset("when if where that who which".split())  # noqa: SIM905
# "No evidence that it checks" denies that it checks, as "cannot be sure that it finds" denies that it finds.
_HELD_BEFORE_THAT = frozenset(
    "evidence sign signs indication proof sure certain confident assured assurance true untrue false case".split()  # noqa: SIM905
)
_NOT = re.compile(r"\b(ca|wo|sha)?n't\b|n't\b|\bcannot\b", re.IGNORECASE)
_SHORT = {"can't": "can not", "won't": "will not", "shan't": "shall not", "cannot": "can not"}
_MONTH_AFTER = re.compile(
    r"\b((?i:in|since|by|from|until|of|to|during|before|after)|\d{1,2}(st|nd|rd|th)?) May\b|\bMay \d"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word or number: as written, in lower case, and its stem.

    `clause` numbers the stretches that a negator governs, `sentence` the longer ones that a modal does.
    """

    raw: str
    word: str
    stem: str
    clause: int
    sentence: int
    content: bool


@dataclass(frozen=True)
class ParsedText:
    """A text, read. `denied[n]` tells whether word n is under an odd number of negators."""

    text: str
    words: tuple[Word, ...]
    denied: tuple[bool, ...]

    @cached_property
    def plain(self) -> list[str]:
        return [word.word for word in self.words]

    def stems(self, *, denied: bool) -> frozenset[str]:
        """Stems of the content words that are denied, or are not."""
        pairs = zip(self.words, self.denied, strict=True)
        return frozenset(word.stem for word, under in pairs if word.content and under is denied)

    @cached_property
    def content(self) -> frozenset[str]:
        return frozenset(word.stem for word in self.words if word.content)


@lru_cache(maxsize=REMEMBERED)
def read(text: str, lexicon: ClaimWords) -> ParsedText:
    """Read a text, whatever it is."""
    plain = _MONTH_AFTER.sub(lambda match: match.group().replace("May", "Mayonth"), _spelt_out(clean(text)))
    words: list[Word] = []
    clause = sentence = 0
    for match in _WORD_NUMBER_OR_BREAK.finditer(plain):
        raw = match.group()
        if raw in _BREAKS:
            clause, sentence = clause + 1, sentence + 1
            continue
        word = raw.lower().removesuffix("'s").removesuffix("'")
        held = word == "that" and bool(words) and words[-1].word in _HELD_BEFORE_THAT
        clause += word in _STOPS and not held
        sentence += word in _TURNS
        words.append(_word(raw, word, (clause, sentence), lexicon))
    return ParsedText(text, tuple(words), _denials(words, lexicon))


def clauses(whole: ParsedText) -> list[ParsedText]:
    """A text's stretches between breaks; stretches without a content word go with the one before."""
    groups: dict[int, list[int]] = {}
    for place, word in enumerate(whole.words):
        groups.setdefault(word.clause, []).append(place)
    return [
        ParsedText(whole.text, tuple(whole.words[n] for n in places), tuple(whole.denied[n] for n in places))
        for places in groups.values()
    ]


def governed(words: Sequence[Word], start: int) -> range:
    """The places that a negator before place `start` governs: up to the end of its clause."""
    end = start
    while end < min(len(words), start + REACH) and words[end].clause == words[start].clause:
        end += 1
    return range(start, end)


def under_modal(words: Sequence[Word], start: int) -> range:
    """The places that a modal before place `start` governs."""
    end = start
    while end < min(len(words), start + REACH_OF_MODALS) and words[end].sentence == words[start].sentence:
        end += 1
    return range(start, end)


@lru_cache(maxsize=REMEMBERED)
def _without_un(word: str, lexicon: ClaimWords) -> str:
    """What a word with "un" denies: "untrained" denies "trained"; nothing for "under" and "unit"."""
    if not word.startswith("un") or len(word) < 7:
        return ""
    core = word[2:]
    known = {core, core.removesuffix("ed"), core.removesuffix("d"), core.removesuffix("ly"), core.removesuffix("ing")}
    return core if known & lexicon.ordinary else ""


@lru_cache(maxsize=REMEMBERED)
def _says_something(word: str, lexicon: ClaimWords) -> bool:
    return word not in lexicon.function and not lexicon.negators.within([word])


def _word(raw: str, word: str, stretch: tuple[int, int], lexicon: ClaimWords) -> Word:
    core = lexicon.denials.get(word) or _without_un(word, lexicon) or word
    return Word(raw, word, stem(core), *stretch, _says_something(word, lexicon))


def _denials(words: Sequence[Word], lexicon: ClaimWords) -> tuple[bool, ...]:
    plain = [word.word for word in words]
    idle = {place for start, end in lexicon.idle.spans(plain) for place in range(start, end)}
    count = [int(word.word in lexicon.denials or bool(_without_un(word.word, lexicon))) for word in words]
    for start, end in lexicon.negators.spans(plain):
        if start in idle or end >= len(words) or words[end].clause != words[start].clause:
            continue
        for place in governed(words, end):
            count[place] += 1
    return tuple(number % 2 == 1 for number in count)


def _spelt_out(text: str) -> str:
    return _NOT.sub(lambda match: _SHORT.get(match.group().lower(), " not"), text)
