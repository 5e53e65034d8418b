"""Finds what a sentence says in passing: in brackets, between commas or dashes, or after a comma to the clause's end.

An aside may name, date and count, since the claim stands without it. It may not deny, doubt, except, limit or set a
condition, and no item of a list is an aside.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.faithfulness.clauses import RELATIVE, ParsedSentence, Span
from assistant.faithfulness.parse import NOMINAL

_EXAMPLES = frozenset({("such", "as")})
_OPINIONS = frozenset(
    {"think", "thought", "suspect", "believe", "hope", "guess", "not", "doubt", "expect", "assume", "if"}
)
_THAN = frozenset({"than"})
_BOUND = frozenset({"that", "than", "because", "since", "before", "of", "like"})
_BRACKETS = {"(": ")", "-": "-"}
_ASIDE_OPENERS = frozenset({"DT", "PRP$", "RB", "UH", "JJ", "CD", "NNP"})


def in_passing(sentence: ParsedSentence) -> Iterator[Span]:
    """What is said in passing: "(MASH)", ", which volunteers run", ", leading to delays", "including schools"."""
    for start, word in enumerate(sentence.words):
        if word.key in _BRACKETS:
            end = next(
                (at for at in range(start + 1, len(sentence.words)) if sentence.key(at) == _BRACKETS[word.key]), 0
            )
            is_name = end == start + 2 and sentence.words[start + 1].capital  # one abbreviation
            if end and (is_name or not sentence.is_judging(start + 1, end)):
                yield start, end + 1
        if word.key == ",":
            yield from _after_comma(sentence, start)
        if word.key == "including" and start:
            end = sentence.end_from(start)
            if not sentence.is_protected(start, end) and not sentence.is_fixed(start, end):
                yield start, end


def _after_comma(sentence: ParsedSentence, start: int) -> Iterator[Span]:
    """An aside that begins with a comma: to the next comma, or to the end of its clause."""
    first = start + 1
    if first >= len(sentence.words):
        return
    clause_start, clause_end = sentence.clause(start)
    end = next((at for at in range(first, clause_end) if sentence.key(at) == ","), sentence.end_from(first))
    verbs = (sentence.verb(clause_start, start), sentence.verb(end, clause_end))
    is_predicate = sentence.tag(first) == "VBN" and (verbs == (None, None) or _is_suspended(sentence, start))
    if _is_aside(sentence, first, end) and not is_predicate:
        yield start, end


def _is_suspended(sentence: ParsedSentence, comma: int) -> bool:
    """Whether the verb goes on after a comma: "was, we are glad to say, graded adequate"."""
    before = next((at for at in range(comma - 1, -1, -1) if sentence.key(at) == ","), None)
    return before is not None and sentence.tag(before - 1) in ("AUX", "MD", "TO")


def _is_aside(sentence: ParsedSentence, first: int, end: int) -> bool:
    """Whether words after a comma are said in passing. They may name, date and count, but not deny, doubt or limit."""
    lexicon = sentence.lexicon
    speaks = sentence.key(first).split("'")[0] in ("i", "we", "you") and sentence.key(end) == ","
    if sentence.has(_OPINIONS if speaks else lexicon.limiting, first, end):
        return False
    opener = _opens_clause_in_passing(sentence, first, end)
    if opener is not None:
        return opener
    if sentence.phrase_at(first, lexicon.connectives | _EXAMPLES) > first:
        return True
    if _is_subject_to_come(sentence, first):
        return False
    if sentence.phrase_at(first, lexicon.free_prepositions) > first:
        return True
    if sentence.tag(first) == "IN":
        return sentence.key(first) not in _BOUND and _may_stand_without(sentence, first, end)
    return speaks or _is_apposition(sentence, first, end)


def _opens_clause_in_passing(sentence: ParsedSentence, first: int, end: int) -> bool | None:
    """Whether a clause by "which", "as", "where" or a participle is said in passing; None if it is none of these."""
    if sentence.key(first) in RELATIVE or (sentence.tag(first) == "IN" and sentence.key(first + 1) in RELATIVE):
        return not sentence.has(_THAN, first, end)
    if sentence.key(first) == "as":
        return sentence.key(first + 1) not in ("long", "far", "soon")
    return True if sentence.key(first) == "where" or sentence.tag(first) in ("VBG", "VBN") else None


def _is_subject_to_come(sentence: ParsedSentence, first: int) -> bool:
    """Whether the subject comes only after the first comma: "In custody, the staff"."""
    opens = sentence.tag(0) in ("IN", "TO") and not any(sentence.key(at) == "," for at in range(first - 1))
    return opens and sentence.verb(0, first) is None


def _is_apposition(sentence: ParsedSentence, first: int, end: int) -> bool:
    """Whether words are a noun phrase without a verb, and no part of a list."""
    inside = sentence.words[first:end]
    verbless = bool(inside) and not any(word.is_finite or word.tag in ("CC", "VB") for word in inside)
    return verbless and inside[0].tag in _ASIDE_OPENERS and not _goes_on_listing(sentence, end)


def _may_stand_without(sentence: ParsedSentence, first: int, end: int) -> bool:
    """Whether a claim stands without a phrase in commas: it may not be of a place or group that the claim rests on."""
    if sentence.phrase_at(first, sentence.lexicon.scope_prepositions) == first or sentence.key(first) == "for":
        return True
    of_kind = not sentence.may_lose_scope(first) or sentence.is_fixed(first, end)
    return not of_kind and not sentence.is_judging(first, end)


def _goes_on_listing(sentence: ParsedSentence, end: int) -> bool:
    """Whether a noun phrase between commas is followed by more of a list."""
    after = end + 1
    return sentence.tag(end) == "CC" or (
        sentence.key(end) == "," and sentence.tag(after) in (*NOMINAL, "DT", "PRP$", "JJ", "CD", "CC")
    )
