"""Parses a statement and the sentences it cites: clauses, words, stems, negation, numbers and names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from assistant.answer import Citation
from assistant.faithfulness.lexicon import ClaimWords
from assistant.faithfulness.numbers import DateMention, Number, changes_in, months_in, numbers_in, ratios_in
from index.sources.dates import find_periods
from index.sources.gazetteer import Gazetteer
from index.text.normalise import clean
from index.text.tokens import stem
from index.text.transcript import Period

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


@dataclass(frozen=True)
class CitedSentence:
    """One cited sentence, parsed."""

    quote: str
    force: str
    period: str
    title: str
    forces: frozenset[str]  # that the sentence itself names
    parsed: ParsedText

    @cached_property
    def numbers(self) -> list[Number]:
        return numbers_in(self.quote, pronouns=True)

    @cached_property
    def months(self) -> list[DateMention]:
        return months_in(self.quote)

    @cached_property
    def ordered_pairs(self) -> list[tuple[str, str]]:
        """Pairs of values in the order given: from one to another, or one out of another."""
        return [*changes_in(self.quote), *ratios_in(self.quote)]

    @cached_property
    def metadata(self) -> str:
        return f"{self.force} {self.period} {self.title}"

    def concerns(self, forces: set[str]) -> bool:
        """Whether the sentence is about one of the forces, or names one."""
        return self.force in forces or not forces.isdisjoint(self.forces)


@dataclass(frozen=True, slots=True)
class CitedEvidence:
    """The sentences that one statement cites."""

    sentences: tuple[CitedSentence, ...]

    @property
    def parsed(self) -> list[ParsedText]:
        return [sentence.parsed for sentence in self.sentences]

    def stems(self, *, negated: bool) -> frozenset[str]:
        """Stems that are negated in any sentence, or that are not."""
        return frozenset(stem for sentence in self.sentences for stem in sentence.parsed.stems(negated=negated))

    def relevant_to(self, text: str, gazetteer: Gazetteer) -> CitedEvidence:
        """The sentences about the forces and periods that a text names; all of them where that leaves none."""
        forces = {force for mention in gazetteer.find(text) for force in mention.forces}
        periods = _periods_in(text)
        of_forces = [sentence for sentence in self.sentences if not forces or sentence.concerns(forces)]
        of_periods = [sentence for sentence in of_forces if periods & _periods_in(sentence.period)]
        return CitedEvidence(tuple(of_periods or of_forces) or self.sentences)


def cited_evidence(citations: Sequence[Citation], lexicon: ClaimWords, gazetteer: Gazetteer) -> CitedEvidence:
    """The cited sentences, parsed."""
    return CitedEvidence(tuple(_cited_sentence(citation, lexicon, gazetteer) for citation in citations))


def _cited_sentence(citation: Citation, lexicon: ClaimWords, gazetteer: Gazetteer) -> CitedSentence:
    quote = clean(citation.quote)
    forces = frozenset(force for mention in gazetteer.find(quote) for force in mention.forces)
    parsed = parse_text(quote, lexicon)
    return CitedSentence(quote, citation.force, citation.period, citation.title, forces, parsed)


def _periods_in(text: str) -> set[Period]:
    return {mention.period for mention in find_periods(text)}
