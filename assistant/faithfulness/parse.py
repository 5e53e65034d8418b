"""Parses a text for the guards: words with their stems, in clauses, and which of them are negated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from assistant.faithfulness.lexicon import ClaimWords
from index.text.normalise import clean
from index.text.tokens import stem

NEGATION_REACH_WORDS = 7  # at most, after a negator
MODAL_REACH_WORDS = 14
MIN_UN_WORD_CHARACTERS = 7
CACHE_SIZE = 4096  # texts, or words

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d[\d,./]*\d|\d|[.,;:()!?]")
_PUNCTUATION = frozenset(".,;:()!?")
_CONJUNCTIONS = frozenset("but although though however while whereas because unless until so then".split())  # noqa: SIM905
_CLAUSE_OPENERS = _CONJUNCTIONS | frozenset("when if where that who which".split())  # noqa: SIM905
# "No evidence that it checks" negates "checks", and "cannot be sure that it finds" negates "finds".
_NEGATED_THROUGH_THAT = frozenset(
    "evidence sign signs indication proof sure certain confident assured assurance true untrue false case".split()  # noqa: SIM905
)
_CONTRACTION = re.compile(r"\b(ca|wo|sha)?n't\b|n't\b|\bcannot\b", re.IGNORECASE)
_EXPANSIONS = {"can't": "can not", "won't": "will not", "shan't": "shall not", "cannot": "can not"}
_MAY_AS_MONTH = re.compile(
    r"\b((?i:in|since|by|from|until|of|to|during|before|after)|\d{1,2}(st|nd|rd|th)?) May\b|\bMay \d"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word or number: as written, in lower case, and its stem.

    `clause` numbers the stretches that a negator can govern, `sentence` the longer ones that a modal can.
    """

    raw: str
    word: str
    stem: str
    clause: int
    sentence: int
    content: bool


@dataclass(frozen=True)
class ParsedText:
    """A parsed text. `negated[i]` is whether word i is under an odd number of negators."""

    text: str
    words: tuple[Word, ...]
    negated: tuple[bool, ...]

    @cached_property
    def tokens(self) -> list[str]:
        """The words in lower case."""
        return [word.word for word in self.words]

    @cached_property
    def content_stems(self) -> frozenset[str]:
        return frozenset(word.stem for word in self.words if word.content)

    def stems(self, *, negated: bool) -> frozenset[str]:
        """Stems of the content words that are negated, or of those that are not."""
        pairs = zip(self.words, self.negated, strict=True)
        return frozenset(word.stem for word, is_negated in pairs if word.content and is_negated is negated)


@lru_cache(maxsize=CACHE_SIZE)
def parse_text(text: str, lexicon: ClaimWords) -> ParsedText:
    """Parses any text."""
    expanded = _expand_contractions(clean(text))
    # "May" as a month must not be taken for the modal verb.
    prepared = _MAY_AS_MONTH.sub(lambda match: match.group().replace("May", "Mayonth"), expanded)
    words: list[Word] = []
    clause = sentence = 0
    for match in _TOKEN.finditer(prepared):
        raw = match.group()
        if raw in _PUNCTUATION:
            clause, sentence = clause + 1, sentence + 1
            continue
        word = raw.lower().removesuffix("'s").removesuffix("'")
        continues = word == "that" and bool(words) and words[-1].word in _NEGATED_THROUGH_THAT
        clause += word in _CLAUSE_OPENERS and not continues
        sentence += word in _CONJUNCTIONS
        words.append(_word(raw, word, clause, sentence, lexicon))
    return ParsedText(text, tuple(words), _negated(words, lexicon))


def split_clauses(text: ParsedText) -> list[ParsedText]:
    """The clauses of a text, each as a text of its own."""
    indexes: dict[int, list[int]] = {}
    for index, word in enumerate(text.words):
        indexes.setdefault(word.clause, []).append(index)
    return [
        ParsedText(text.text, tuple(text.words[i] for i in clause), tuple(text.negated[i] for i in clause))
        for clause in indexes.values()
    ]


def modal_scope(words: Sequence[Word], start: int) -> range:
    """The indexes of the words that a modal before index `start` governs."""
    end = start
    while end < min(len(words), start + MODAL_REACH_WORDS) and words[end].sentence == words[start].sentence:
        end += 1
    return range(start, end)


def _negation_scope(words: Sequence[Word], start: int) -> range:
    """The indexes of the words that a negator before index `start` governs: up to the end of its clause."""
    end = start
    while end < min(len(words), start + NEGATION_REACH_WORDS) and words[end].clause == words[start].clause:
        end += 1
    return range(start, end)


def _negated(words: Sequence[Word], lexicon: ClaimWords) -> tuple[bool, ...]:
    """Whether each word is under an odd number of negators, one within the word itself included."""
    counts = [int(_is_negative(word.word, lexicon)) for word in words]
    for start in _scope_starts(words, lexicon):
        for index in _negation_scope(words, start):
            counts[index] += 1
    return tuple(count % 2 == 1 for count in counts)


def _scope_starts(words: Sequence[Word], lexicon: ClaimWords) -> list[int]:
    """The indexes after each negator that governs something."""
    tokens = [word.word for word in words]
    apparent = lexicon.apparent_negators.covered(tokens)
    spans = [(start, end) for start, end in lexicon.negators.spans(tokens) if start not in apparent]
    return [end for start, end in spans if end < len(words) and words[end].clause == words[start].clause]


@lru_cache(maxsize=CACHE_SIZE)
def _without_un(word: str, lexicon: ClaimWords) -> str:
    """The word that a word in "un" negates, as "untrained" does "trained"; empty for "under" and "unit"."""
    if not word.startswith("un") or len(word) < MIN_UN_WORD_CHARACTERS:
        return ""
    core = word[2:]
    forms = {core, core.removesuffix("ed"), core.removesuffix("d"), core.removesuffix("ly"), core.removesuffix("ing")}
    return core if forms & lexicon.ordinary else ""


def _is_negative(word: str, lexicon: ClaimWords) -> bool:
    return word in lexicon.negated_words or bool(_without_un(word, lexicon))


@lru_cache(maxsize=CACHE_SIZE)
def _is_content(word: str, lexicon: ClaimWords) -> bool:
    return word not in lexicon.function and not lexicon.negators.within([word])


def _word(raw: str, word: str, clause: int, sentence: int, lexicon: ClaimWords) -> Word:
    core = lexicon.negated_words.get(word) or _without_un(word, lexicon) or word
    return Word(raw, word, stem(core), clause, sentence, _is_content(word, lexicon))


def _expand_contractions(text: str) -> str:
    return _CONTRACTION.sub(lambda match: _EXPANSIONS.get(match.group().lower(), " not"), text)
