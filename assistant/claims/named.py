"""The guards of numbers, dates, forces and names: a statement may hold only those its sentences hold."""

from __future__ import annotations

import re

from assistant.claims.evidence import Evidence
from assistant.claims.figures import Figure, counted, courses_in, figures_in, moments_in
from assistant.claims.lexicon import ClaimWords
from index.gazetteer import Gazetteer
from index.period import find_periods
from index.words import stem, words

NEAR = 8  # words from a number within which what it counts must stand in the sentence too
OWN_NAMES = frozenset({"hmi", "hmis", "hmic", "hmicfrs", "peel"})
_NAME = re.compile(r"\b[^\W\d_a-zà-öø-ÿ][\w'-]*")
_OPENS = re.compile(r"(?:^|[.!?]\s+)[\"'(]*$")


def numbers_borne_out(text: str, evidence: Evidence) -> bool:
    """Whether every number of a statement stands in its sentences, in the same unit, of the same thing and in order."""
    held = {(figure.value, figure.unit) for source in evidence.sources for figure in source.figures}
    for source in evidence.sources:
        held |= {(str(year), "") for one in find_periods(source.period) for year in (one.period.first, one.period.last)}
        held |= {(figure.value, figure.unit) for figure in figures_in(source.period)}
    stated = figures_in(text)
    if any((figure.value, figure.unit) not in held for figure in stated):
        return False
    if not all(_counts_the_same(text, figure, evidence) for figure in stated):
        return False
    courses = {pair for source in evidence.sources for pair in source.courses}
    return all((last, first) not in courses for first, last in courses_in(text))


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
    if not mentions or not about:
        return True
    return bool(set(mentions[0].forces) & about) or bool(
        re.search(r"\b(the (force|constabulary)|it)\b", text[: mentions[0].start], re.IGNORECASE)
    )


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


def _counts_the_same(text: str, figure: Figure, evidence: Evidence) -> bool:
    """Whether what a number counts, if the sentences speak of it at all, stands near that number in one of them."""
    following = [stem(word) for word in counted(text, figure)]
    thing = next((one for one in following if len(one) > 2 and one not in _LINKS), "")
    held = [
        (words(source.quote), _place(source.quote, one))
        for source in evidence.sources
        for one in source.figures
        if one.value == figure.value
    ]
    if not thing or not held:
        return True
    spoken_of = any(thing in {stem(word) for word in words(source.quote)} for source in evidence.sources)
    near = any(thing in {stem(word) for word in said[max(0, at - NEAR // 2) : at + NEAR]} for said, at in held)
    return near or not spoken_of


def _place(quote: str, figure: Figure) -> int:
    return len(words(quote[: figure.start]))


_MONTH_NAMES = frozenset(
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)
_LINKS = frozenset(
    {
        "the",
        "and",
        "per",
        "cent",
        "for",
        "from",
        "with",
        "more",
        "than",
        "were",
        "was",
        "are",
        "have",
        "has",
        "had",
        "that",
        "their",
        "they",
        "this",
        "which",
        "been",
        "when",
        "where",
        "not",
        "did",
        "new",
        "other",
        "all",
        "out",
        "into",
        "its",
    }
)
