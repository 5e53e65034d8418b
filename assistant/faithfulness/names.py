"""The guards of facts: numbers, dates, forces and names in a statement must occur in the sentences it cites."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.faithfulness.lexicon import ClaimWords
from assistant.faithfulness.numbers import (
    Number,
    changes_in,
    counted_noun,
    months_in,
    numbers_in,
    ratios_in,
)
from assistant.faithfulness.parse import CitedEvidence, CitedSentence, parse_text
from index.sources.dates import find_periods
from index.sources.gazetteer import Gazetteer
from index.text.lexicon import MONTHS
from index.text.tokens import stem, words

# The noun that a number counts must be among this many words before it or after it in the sentence too.
WORDS_BEFORE, WORDS_AFTER = 4, 10
INSPECTORATE_NAMES = frozenset({"hmi", "hmis", "hmic", "hmicfrs", "peel"})
MIN_UNKNOWN_CHARACTERS = 5  # a shorter word is never taken for an unknown one

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_BEFORE_OTHER_FORCE = re.compile(
    r"\b(the (force|constabulary)\b.*|it\b.*|(and|with|by|from|of|to|alongside) (the )?)$", re.IGNORECASE
)
_PRECEDING_WORD = re.compile(r"([^\W\d_]+)\s+(?:(?:of|the|by|to|at|only|nearly|almost|about|some)\s+)*$")
_SENTENCE_START = re.compile(r"(?:^|[.!?]\s+)[\"'(]*$")
_MEASURES = frozenset(stem(unit) for unit in "second minute hour day week month year mile metre fold time".split())  # noqa: SIM905
_YEAR = re.compile(r"(19|20)\d\d(/\d+)?")
_PART_BREAK = re.compile(r"[;:()]|,\s|\.\s")


@dataclass(frozen=True, slots=True)
class _NumberClaim:
    """A number in one part of a statement, and the stems of the part's content words."""

    part: str
    number: Number
    stems: set[str]

    def matches(self, number: Number) -> bool:
        return (self.number.value, self.number.unit) == (number.value, number.unit)

    @property
    def is_year(self) -> bool:
        return _is_year(self.number)

    @property
    def noun(self) -> str:
        return counted_noun(self.part, self.number)

    @property
    def preceding_stem(self) -> str:
        return _preceding_stem(self.part, self.number)

    def shared_stems(self, sentence: CitedSentence) -> int:
        return len(self.stems & sentence.parsed.content_stems)


def numbers_supported(text: str, evidence: CitedEvidence, lexicon: ClaimWords) -> bool:
    """Whether every number of a statement is in its sentences, in the same unit, for the same thing, in the same order.

    The inspection period of a sentence counts as being in it.
    """
    if _reverses_a_pair(text, evidence):
        return False
    periods = {sentence.period for sentence in evidence.sentences}
    known = [text[mention.start : mention.end] for mention in find_periods(text) if mention.period.label in periods]
    return all(_number_supported(claim, evidence) for claim in _number_claims(text, known, lexicon))


def dates_supported(text: str, evidence: CitedEvidence) -> bool:
    """Whether every month is in the sentences, with the same day and year where the statement gives them."""
    cited = [date for sentence in evidence.sentences for date in sentence.months]
    return all(
        any(
            claimed.month == date.month and claimed.day in ("", date.day) and claimed.year in ("", date.year)
            for date in cited
        )
        for claimed in months_in(text)
    )


def forces_supported(text: str, evidence: CitedEvidence, gazetteer: Gazetteer) -> bool:
    """Whether every force named is one that the sentences are about or name.

    A force that a sentence only names in passing may not be the subject of the statement.
    """
    mentions = gazetteer.find(text)
    subjects = {sentence.force for sentence in evidence.sentences if sentence.force}
    named = {force for sentence in evidence.sentences for force in sentence.forces}
    if any((subjects | named).isdisjoint(mention.forces) for mention in mentions):
        return False
    if not mentions or not subjects or subjects.intersection(mentions[0].forces):
        return True
    return bool(_BEFORE_OTHER_FORCE.search(text[: mentions[0].start]))


def names_supported(text: str, evidence: CitedEvidence, gazetteer: Gazetteer, lexicon: ClaimWords) -> bool:
    """Whether every name, and every word that is not an English one, is in the sentences or in their metadata."""
    cited = set(words(" ".join(f"{sentence.quote} {sentence.metadata}" for sentence in evidence.sentences)))
    stems = {stem(word) for word in cited}
    for raw, start in _words_outside_forces(text, gazetteer):
        word = raw.lower()
        if word in cited or word in INSPECTORATE_NAMES:
            continue
        unknown = _is_unknown(word, lexicon) and stem(word) not in stems
        if unknown or _is_name(raw, text[:start], lexicon):
            return False
    return True


def _reverses_a_pair(text: str, evidence: CitedEvidence) -> bool:
    """Whether a statement gives two values in the order opposite to a sentence's."""
    cited = {pair for sentence in evidence.sentences for pair in sentence.ordered_pairs}
    return any((last, first) in cited for first, last in (*changes_in(text), *ratios_in(text)))


def _number_claims(text: str, known_periods: Sequence[str], lexicon: ClaimWords) -> Iterator[_NumberClaim]:
    """The numbers of a statement, but for those that belong to a known period."""
    for part in _PART_BREAK.split(text):
        stems = {word.stem for word in parse_text(part, lexicon).words if word.content}
        for number in numbers_in(part):
            if not any(part[number.start : number.end] in period for period in known_periods):
                yield _NumberClaim(part, number, stems)


def _number_supported(claim: _NumberClaim, evidence: CitedEvidence) -> bool:
    """Whether a number is in a sentence that speaks of what its part of the statement speaks of."""
    containing = [sentence for sentence in evidence.sentences if any(map(claim.matches, sentence.numbers))]
    if not containing:
        return False
    best = max(claim.shared_stems(sentence) for sentence in evidence.sentences)
    if max(claim.shared_stems(sentence) for sentence in containing) < best:
        return False
    return _counts_the_same(claim, evidence) and any(_describes_the_same(claim, sentence) for sentence in containing)


def _describes_the_same(claim: _NumberClaim, sentence: CitedSentence) -> bool:
    """Whether a sentence says of a number what the statement says of it, and not of another number it has.

    The word before the number decides where it precedes one of the sentence's numbers; otherwise each word of the part
    votes for the number it is nearest to.
    """
    rivals = [number for number in sentence.numbers if _is_rival(claim, number, sentence.quote)]
    if _is_unambiguous(claim, sentence, {rival.value for rival in rivals}):
        return True
    before = claim.preceding_stem
    same_before = [rival.value for rival in rivals if before and _preceding_stem(sentence.quote, rival) == before]
    if same_before:
        return claim.number.value in same_before
    voters = {before} if before in sentence.parsed.content_stems else claim.stems
    return _wins_vote(claim, sentence.quote, rivals, voters)


def _is_unambiguous(claim: _NumberClaim, sentence: CitedSentence, rival_values: set[str]) -> bool:
    """Whether the sentence has no other such number, or the statement repeats all of them."""
    values = {number.value for number in numbers_in(claim.part, pronouns=True)}
    repeats_pair = any(claim.number.value in pair and values.issuperset(pair) for pair in sentence.ordered_pairs)
    repeats_years = claim.is_year and values >= rival_values
    return repeats_pair or repeats_years or len(rival_values) < 2


def _wins_vote(claim: _NumberClaim, quote: str, rivals: Sequence[Number], voters: set[str]) -> bool:
    """Whether at least half of the quotation's words among the voters are nearest to the claimed number."""
    positions = [len(words(quote[: rival.start])) for rival in rivals]
    nearest = [rivals[_nearest(positions, index)] for index, word in enumerate(words(quote)) if stem(word) in voters]
    return 2 * sum(rival.value == claim.number.value for rival in nearest) >= len(nearest)


def _nearest(positions: Sequence[int], position: int) -> int:
    """The index of the position nearest to another, the first of several."""
    return min(range(len(positions)), key=lambda index: abs(positions[index] - position))


def _is_rival(claim: _NumberClaim, number: Number, quote: str) -> bool:
    """Whether a sentence's number could be taken for the statement's: the same unit, and counting the same."""
    if claim.number.unit != number.unit or claim.is_year != _is_year(number):
        return False
    claimed, cited = claim.noun, counted_noun(quote, number)
    return bool(claim.number.unit) or stem(claimed) == stem(cited) or bool({"", "them", "those"} & {claimed, cited})


def _counts_the_same(claim: _NumberClaim, evidence: CitedEvidence) -> bool:
    """Whether the noun that a number counts, if it is in the sentences at all, is near that number in one of them.

    A unit of time or length must be. "Of them" may count a noun given long before.
    """
    noun = stem(claim.noun)
    if not noun or claim.number.unit == "%" or claim.is_year:
        return True
    matching = _matching_numbers(claim, evidence)
    if any(_counts_part_of_a_whole(claim, quote, number) for quote, number in matching):
        return True
    if any(noun in _stems(words(sentence.quote)) for sentence in evidence.sentences):
        return any(noun in _stems(_words_near(quote, number)) for quote, number in matching)
    return noun not in _MEASURES


def _matching_numbers(claim: _NumberClaim, evidence: CitedEvidence) -> list[tuple[str, Number]]:
    """Each number of the sentences that equals the claimed one, with its sentence's text."""
    numbers = [(sentence.quote, number) for sentence in evidence.sentences for number in sentence.numbers]
    return [(quote, number) for quote, number in numbers if claim.matches(number)]


def _counts_part_of_a_whole(claim: _NumberClaim, quote: str, number: Number) -> bool:
    """Whether a sentence says "five of the …" and the statement "five of …", or the same word is before both."""
    if not quote[number.end :].lstrip().startswith("of the"):
        return False
    if claim.part[claim.number.end :].lstrip().startswith("of "):
        return True
    return claim.preceding_stem == _preceding_stem(quote, number) != ""


def _preceding_stem(text: str, number: Number) -> str:
    """The stem of the word before a number, small words skipped; empty where there is none."""
    match = _PRECEDING_WORD.search(text[: number.start])
    return stem(match.group(1).lower()) if match else ""


def _words_near(quote: str, number: Number) -> list[str]:
    before, after = words(quote[: number.start]), words(quote[number.end :])
    return [*before[-WORDS_BEFORE:], *after[:WORDS_AFTER]]


def _stems(tokens: Sequence[str]) -> set[str]:
    return {stem(token) for token in tokens}


def _is_year(number: Number) -> bool:
    return _YEAR.fullmatch(number.value) is not None


def _words_outside_forces(text: str, gazetteer: Gazetteer) -> Iterator[tuple[str, int]]:
    """The words of a text as written, and where they start, but for those within the name of a force."""
    spans = [(mention.start, mention.end) for mention in gazetteer.find(text)]
    for match in _WORD.finditer(text):
        if not any(start <= match.start() < end for start, end in spans):
            yield match.group().removesuffix("'s").removesuffix("'"), match.start()


def _is_name(raw: str, before: str, lexicon: ClaimWords) -> bool:
    """Whether a word is written as a name. `before` is the text before it."""
    if not raw[:1].isupper():
        return False
    if len(raw) > 1 and raw.isupper():
        return True
    word = raw.lower()
    if word in MONTHS:
        return False
    return not _SENTENCE_START.search(before) or _is_unknown(word, lexicon)


def _is_unknown(word: str, lexicon: ClaimWords) -> bool:
    """Whether a word is in no list of English words, in none of its usual forms. Short words never are."""
    if len(word) < MIN_UNKNOWN_CHARACTERS or word in lexicon.ordinary:
        return False
    forms = _base_forms(word)
    return not forms & lexicon.ordinary and all(len(form) >= MIN_UNKNOWN_CHARACTERS for form in forms - {word})


def _base_forms(word: str) -> set[str]:
    """The words that a word may be a form of: without its ending, with an e or y restored, or a letter not doubled."""
    forms = {word}
    for ending in ("s", "es", "ed", "d", "ing", "ly", "er", "r", "est", "ies", "ied", "ily", "ness", "ment"):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            base = word.removesuffix(ending)
            forms |= {base, base + "e", base + "y", base[:-1] if base[-1:] == base[-2:-1] else base}
    if word.startswith(("un", "re", "in", "over", "under", "non")):
        forms |= {word[2:], word.removeprefix("over"), word.removeprefix("under"), word.removeprefix("non")}
    return forms
