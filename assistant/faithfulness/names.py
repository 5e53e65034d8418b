"""The guards of numbers, dates, forces and names: a statement may hold only those its sentences hold."""

from __future__ import annotations

import re

from assistant.faithfulness.evidence import Evidence, Source
from assistant.faithfulness.lexicon import ClaimWords
from assistant.faithfulness.numbers import Number, counted, courses_in, figures_in, moments_in, shares_in
from assistant.faithfulness.parse import read
from index.sources.dates import find_periods
from index.sources.gazetteer import Gazetteer
from index.text.lexicon import MONTHS
from index.text.tokens import stem, words

BEFORE, AFTER = 4, 10  # words about a number among which what it counts must stand in the sentence too
OWN_NAMES = frozenset({"hmi", "hmis", "hmic", "hmicfrs", "peel"})
_BESIDE = re.compile(
    r"\b(the (force|constabulary)\b.*|it\b.*|(and|with|by|from|of|to|alongside) (the )?)$", re.IGNORECASE
)
_BEFORE = re.compile(r"([^\W\d_]+)\s+(?:(?:of|the|by|to|at|only|nearly|almost|about|some)\s+)*$")
_OPENS = re.compile(r"(?:^|[.!?]\s+)[\"'(]*$")


def numbers_borne_out(text: str, evidence: Evidence, lexicon: ClaimWords) -> bool:
    """Whether every number of a statement stands in its sentences, in the same unit, of the same thing and in order.

    An inspection period stands in what is known of a sentence too.
    """
    periods = [
        one for one in find_periods(text) if any(one.period.label == source.period for source in evidence.sources)
    ]
    courses = {pair for source in evidence.sources for pair in source.courses}
    if any((last, first) in courses for first, last in (*courses_in(text), *shares_in(text))):
        return False
    for part in _PARTS.split(text):
        stems = {word.stem for word in read(part, lexicon).words if word.content}
        for figure in figures_in(part):
            if any(part[figure.start : figure.end] in text[one.start : one.end] for one in periods):
                continue
            if not _borne_out(part, figure, stems, evidence):
                return False
    return True


def _borne_out(part: str, figure: Number, stems: set[str], evidence: Evidence) -> bool:
    """Whether a number stands in a sentence that speaks of what its part of the statement speaks of."""
    holding = [one for one in evidence.sources if any(_same(figure, other) for other in one.figures)]
    if not holding:
        return False
    kin = {one.quote: len(stems & one.read.content) for one in evidence.sources}
    nearest = max(kin.values())
    if max(kin[one.quote] for one in holding) < nearest or not _counts_the_same(part, figure, evidence):
        return False
    return any(_nearest_to(part, figure, stems, one) for one in holding)


def _nearest_to(part: str, figure: Number, stems: set[str], source: Source) -> bool:
    """Whether what a part of a statement says of a number is said of it, and not of another such number.

    The word just before the number decides, where it stands before one of them; else each word of the part has a vote
    for the number it stands nearest to.
    """
    rivals = [one for one in source.figures if _rival(figure, part, one, source.quote)]
    values = {one.value for one in figures_in(part, pronouns=True)}
    shared = any(figure.value in pair and values.issuperset(pair) for pair in source.courses)
    years = _YEAR.fullmatch(figure.value) and values.issuperset(one.value for one in rivals)
    if shared or years or len({one.value for one in rivals}) < 2:
        return True
    deed = _deed(part, figure)
    done = [one.value for one in rivals if deed and _deed(source.quote, one) == deed]
    if done:
        return figure.value in done
    places = [(one.value == figure.value, _place(source.quote, one)) for one in rivals]
    votes = [
        min(places, key=lambda one: abs(one[1] - place))[0]
        for place, word in enumerate(words(source.quote))
        if stem(word) in (stems if deed not in source.read.content else {deed})
    ]
    return 2 * sum(votes) >= len(votes)


def _rival(figure: Number, part: str, other: Number, quote: str) -> bool:
    """Whether a sentence's number could be taken for a statement's: of the same unit, and counting the same."""
    if figure.unit != other.unit or bool(_YEAR.fullmatch(figure.value)) != bool(_YEAR.fullmatch(other.value)):
        return False
    things = [counted(part, figure), counted(quote, other)]
    return bool(figure.unit) or stem(things[0]) == stem(things[1]) or bool({"", "them", "those"} & set(things))


def _deed(text: str, figure: Number) -> str:
    """The stem of the word just before a number, small words passed over; empty where it begins the text."""
    before = _BEFORE.search(text[: figure.start])
    return stem(before.group(1).lower()) if before else ""


def _place(quote: str, figure: Number) -> int:
    return len(words(quote[: figure.start]))


def _same(one: Number, other: Number) -> bool:
    return (one.value, one.unit) == (other.value, other.unit)


def dates_borne_out(text: str, evidence: Evidence) -> bool:
    """Whether every month stands in the sentences, with the same day and year where the statement gives them."""
    held = [moment for source in evidence.sources for moment in source.moments]
    return all(
        any(moment.month == one.month and moment.day in ("", one.day) and moment.year in ("", one.year) for one in held)
        for moment in moments_in(text)
    )


def forces_borne_out(text: str, evidence: Evidence, gazetteer: Gazetteer) -> bool:
    """Whether every force named is one that the sentences are about, or name beside it.

    Of a force that a sentence only names in passing, a statement may not speak as of its subject.
    """
    mentions = gazetteer.find(text)
    about = {source.force for source in evidence.sources if source.force}
    passing = {force for source in evidence.sources for force in source.forces}
    for mention in mentions:
        if not set(mention.forces) & (about | passing):
            return False
    if not mentions or not about or set(mentions[0].forces) & about:
        return True
    return bool(_BESIDE.search(text[: mentions[0].start]))


def names_borne_out(text: str, evidence: Evidence, gazetteer: Gazetteer, lexicon: ClaimWords) -> bool:
    """Whether every name, and every word that is no English word, stands in the sentences or in what they are about."""
    said = " ".join(f"{source.quote} {source.about}" for source in evidence.sources)
    held = set(words(said))
    stems = {stem(word) for word in held}
    spans = [(mention.start, mention.end) for mention in gazetteer.find(text)]
    for match in re.finditer(r"[^\W\d_]+(?:'[^\W\d_]+)*", text):
        if any(start <= match.start() < end for start, end in spans):
            continue
        raw = match.group().removesuffix("'s").removesuffix("'")
        word = raw.lower()
        if word in held or word in OWN_NAMES:
            continue
        if _is_name(raw, text[: match.start()], lexicon) or (_unknown(word, lexicon) and stem(word) not in stems):
            return False
    return True


def _is_name(raw: str, before: str, lexicon: ClaimWords) -> bool:
    if not raw[:1].isupper():
        return False
    if len(raw) > 1 and raw.isupper():
        return True
    if raw.lower() in _MONTH_NAMES:
        return False
    return not _OPENS.search(before) or (_unknown(raw.lower(), lexicon) and len(raw) > 4)


def _unknown(word: str, lexicon: ClaimWords) -> bool:
    """Whether a word of five letters or more is in no list of English words, in any of its usual forms."""
    if len(word) < 5 or word in lexicon.ordinary:
        return False
    return not (_forms(word) & lexicon.ordinary or any(len(form) < 5 for form in _forms(word) - {word}))


def _forms(word: str) -> set[str]:
    """What a word may be a form of: without its endings, and with an e or a y put back, or a letter not doubled."""
    bases = {word}
    for ending in ("s", "es", "ed", "d", "ing", "ly", "er", "r", "est", "ies", "ied", "ily", "ness", "ment"):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            base = word.removesuffix(ending)
            bases |= {base, base + "e", base + "y", base[:-1] if base[-1:] == base[-2:-1] else base}
    if word.startswith(("un", "re", "in", "over", "under", "non")):
        bases |= {word[2:], word.removeprefix("over"), word.removeprefix("under"), word.removeprefix("non")}
    return bases


def _counts_the_same(text: str, figure: Number, evidence: Evidence) -> bool:
    """Whether what a number counts, if the sentences speak of it at all, stands near that number in one of them.

    Of a measure of time it must, spoken of or not. "Of them" may count what was named long before.
    """
    thing = stem(counted(text, figure))
    if not thing or figure.unit == "%" or _YEAR.fullmatch(figure.value):
        return True
    held = [(source.quote, one) for source in evidence.sources for one in source.figures if _same(one, figure)]
    shared = text[figure.end :].lstrip().startswith("of ")
    for quote, one in held:
        if quote[one.end :].lstrip().startswith("of the") and (
            shared or _deed(text, figure) == _deed(quote, one) != ""
        ):
            return True
    spoken_of = any(thing in {stem(word) for word in words(source.quote)} for source in evidence.sources)
    if not spoken_of:
        return thing not in _MEASURES
    return any(thing in _near(quote, one) for quote, one in held)


def _near(quote: str, figure: Number) -> set[str]:
    """Stems of the words about a number of a sentence."""
    before, after = words(quote[: figure.start]), words(quote[figure.end :])
    return {stem(word) for word in (*before[-BEFORE:], *after[:AFTER])}


_MONTH_NAMES = frozenset(MONTHS)
_MEASURES = frozenset(stem(one) for one in "second minute hour day week month year mile metre fold time".split())  # noqa: SIM905
_YEAR = re.compile(r"(19|20)\d\d(/\d+)?")
_PARTS = re.compile(r"[;:()]|,\s|\.\s")
