"""Finds what may be left out of a sentence without changing what the rest claims.

These are whole constituents: words that say nothing of the claim, asides (`asides.py`), phrases and purposes after the
verb, and clauses and predicates next to others. No phrase or purpose may contain a protected word. A phrase, purpose
or reason may not be left out of a clause with a word that fixes what it is said of: "no backlog of calls from rural
areas" is more than "no backlog". Items of a list stay, because a shortened list reads as if it were complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.faithfulness.asides import in_passing
from assistant.faithfulness.clauses import CLAUSE_MARKS, ParsedSentence, Span
from assistant.faithfulness.lexicon import CompressionWords
from assistant.faithfulness.parse import NOMINAL, Word
from index.text.words import stem

_PURPOSE = frozenset({("in", "order", "to"), ("so", "as", "to")})
_PRONOUNS = frozenset({"it", "they", "he", "she", "this", "these", "those", "them", "its", "their", "such", "that"})
_COPULAS = frozenset({"is", "are", "was", "were", "be", "been", "being", "remain", "remains", "remained", "am"})
# verbs whose infinitive is part of what they say of their object
_CONTROLLING_STEMS = frozenset(
    {"ask", "encourag", "expect", "allow", "enabl", "help", "requir", "want", "request", "invit", "instruct", "order",
     "persuad", "advis", "task", "need"}
)  # fmt: skip


def droppable(words: Sequence[Word], lexicon: CompressionWords) -> frozenset[Span]:
    """The spans of words that a summary may leave out, each by itself or with others."""
    sentence = ParsedSentence(tuple(words), lexicon)
    return frozenset(
        (start, end)
        for find in (_idle, _openings, in_passing, _leading, _phrases, _purposes, _reasons, _coordinated, _clauses)
        for start, end in find(sentence)
        if 0 <= start < end <= len(words) and end - start < len(words)
    )


def _idle(sentence: ParsedSentence) -> Iterator[Span]:
    """Words that say nothing: "also", "for example,"."""
    for place in range(len(sentence.words)):
        end = sentence.phrase_at(place, sentence.lexicon.fillers)
        start, _ = sentence.clause(place)
        if end > place and not sentence.has(sentence.lexicon.negators, start, place):
            yield place, end
        if sentence.phrase_at(place, _PURPOSE) > place:
            yield place, place + 2
        end = sentence.phrase_at(place, sentence.lexicon.connectives)
        if end > place and _is_set_off(sentence, place, end):
            yield place, end


def _is_set_off(sentence: ParsedSentence, start: int, end: int) -> bool:
    opens = start == 0 or sentence.key(start - 1) in (",", ";")
    return opens and (sentence.key(end) == "," or (end == len(sentence.words) and start > 0))


def _openings(sentence: ParsedSentence) -> Iterator[Span]:
    """What leads to the claim: "But", "We found that", "It is clear that"."""
    lexicon = sentence.lexicon
    starts = [0]
    if end := sentence.phrase_at(0, lexicon.openings):
        yield 0, end
        starts.append(end)
    end = sentence.phrase_at(0, lexicon.connectives)
    if end and sentence.key(end) == ",":
        starts.append(end + 1)
    for start in starts:
        for at in (start, start + 1):
            subject = sentence.words[start:at]
            if subject and subject[0].key not in ("we", "i", "inspectors"):
                continue
            end = sentence.phrase_at(at, lexicon.findings if subject else lexicon.evident)
            if end > at:
                yield start, end


def _phrases(sentence: ParsedSentence) -> Iterator[Span]:
    """Phrases with a preposition after the verb: "by a secure system"."""
    for start in range(1, len(sentence.words)):
        if sentence.tag(start) not in ("IN", "TO"):
            continue
        free = sentence.phrase_at(start, sentence.lexicon.free_prepositions)
        scope = sentence.phrase_at(start, sentence.lexicon.scope_prepositions)
        begins = max(free, scope)
        if begins == start or sentence.tag(begins) in ("VB", "") or not _follows_its_verb(sentence, start):
            continue
        if scope > free and not sentence.may_lose_scope(start):
            continue
        for end in _phrase_ends(sentence, begins):
            if not sentence.is_judging(start, end) and not sentence.is_fixed(start, end):
                yield start, end


def _phrase_ends(sentence: ParsedSentence, start: int) -> Iterator[int]:
    """Where a phrase may end: before another preposition, or with its clause."""
    has_verb = sentence.tag(start) == "VBG"  # what follows belongs to it
    for at in range(start + 1, len(sentence.words) + 1):
        before_phrase = (
            not has_verb and sentence.tag(at) in ("IN", "TO") and sentence.key(at) not in ("of", "that", "as", "than")
        )
        if sentence.is_end(at) or before_phrase:
            yield at
        if sentence.is_end(at) or sentence.words[at].is_finite or sentence.tag(at) == "WH":
            return


def _follows_its_verb(sentence: ParsedSentence, start: int) -> bool:
    """Whether a phrase comes after a verb that is complete without it, and tells no things of one kind apart."""
    first, _ = sentence.clause(start)
    verb = sentence.verb(first, start)
    before = sentence.words[start - 1]
    if verb is None or before.tag not in (*NOMINAL, "PRP", "RB", "VBN") or sentence.is_restricting(start):
        return False
    predicate = sentence.words[verb:start]
    if sentence.words[verb].text in _COPULAS and not any(word.tag == "VBN" for word in predicate):
        return False
    head = start - 1
    while sentence.tag(head) in (*NOMINAL, "JJ", "VBN", "VBG") and not sentence.words[head].is_force:
        head -= 1
    generic = before.tag == "NNS" and sentence.tag(head) not in ("DT", "PRP$")
    return not generic or sentence.key(start) in ("by", "through", "to", "into", "onto", "via", "alongside")


def _purposes(sentence: ParsedSentence) -> Iterator[Span]:
    """Infinitives of purpose at the end of a clause: "to reduce crime"."""
    for start in range(1, len(sentence.words) - 1):
        infinitive = start + 2 if (sentence.key(start), sentence.key(start + 1)) == ("in", "order") else start
        if sentence.tag(infinitive) != "TO" or sentence.tag(infinitive + 1) not in ("VB", "AUX"):
            continue
        first, _ = sentence.clause(start)
        verb = sentence.verb(first, start)
        if verb is None or sentence.tag(start - 1) not in NOMINAL or sentence.is_restricting(start):
            continue
        if any(stem(word.text) in _CONTROLLING_STEMS for word in sentence.words[verb:start]):
            continue
        end = sentence.end_from(infinitive)
        if not sentence.is_protected(start, end) and not sentence.is_fixed(start, end):
            yield start, end


def _leading(sentence: ParsedSentence) -> Iterator[Span]:
    """What is said before the subject: "To improve its service,", "Working with partners,"."""
    comma = next((at for at, word in enumerate(sentence.words) if word.key == ","), 0)
    begins = sentence.tag(0) in ("TO", "VBG", "VBN") or sentence.phrase_at(0, sentence.lexicon.free_prepositions)
    if (
        begins
        and comma
        and sentence.tag(comma + 1) in (*NOMINAL, "DT", "PRP", "PRP$")
        and not sentence.is_protected(0, comma)
    ):
        yield 0, comma


def _reasons(sentence: ParsedSentence) -> Iterator[Span]:
    """Reasons and results at the end of a clause: "because its workload has grown", "so that officers can rest"."""
    for start in range(2, len(sentence.words) - 1):
        if sentence.key(start) != "because" and not (sentence.key(start) == "so" and sentence.key(start + 1) == "that"):
            continue
        end = sentence.end_from(start)
        complete = sentence.tag(start - 1) != "AUX" and not sentence.is_restricting(start)
        if complete and not sentence.is_fixed(start, end) and not _spreads(sentence, start + 1, end):
            yield start, end


def _coordinated(sentence: ParsedSentence) -> Iterator[Span]:
    """One of two predicates of one subject: "and has a plan to meet it", "understands its demand and"."""
    for joint in range(len(sentence.words)):
        if not sentence.joins_predicates(joint):
            continue
        first, _ = sentence.clause(joint)
        verb = sentence.verb(first, joint)
        end = sentence.end_from(joint)
        if verb is None or any(sentence.words[at].text in sentence.lexicon.fixing for at in range(first, verb)):
            continue
        if not _spreads(sentence, joint, end):
            yield joint, end
        if not sentence.is_protected(verb, joint) and sentence.tag(verb - 1) in NOMINAL | {"PRP"}:
            yield verb, joint + 1


def _clauses(sentence: ParsedSentence) -> Iterator[Span]:
    """Whole clauses next to others."""
    for joint in sentence.breaks:
        end = min([at for at in sentence.breaks if at > joint] + [len(sentence.words)])
        start, _ = sentence.clause(joint)
        is_mark = sentence.key(joint) in CLAUSE_MARKS
        if is_mark and sentence.verb(start, joint) is None:  # "Chair: we have not heard"
            continue
        denied = is_mark and sentence.has(sentence.lexicon.negators, start, joint)
        if not denied and not _spreads(sentence, joint + 1, end, dated=is_mark):
            yield joint, end
        if start == 0 and sentence.key(joint) != ":" and not _rests_on_first(sentence, joint, end):
            yield 0, joint + 1


def _rests_on_first(sentence: ParsedSentence, joint: int, end: int) -> bool:
    """Whether a second clause needs the first: for a pronoun, for what a number counts, or for what holds for both."""
    opens_alone = sentence.tag(0) not in ("IN", "TO", "RB", "WH") and not _spreads(sentence, 0, joint, dated=True)
    verb = sentence.verb(joint, end)
    subject = sentence.words[joint + 1 : verb]
    pronoun = any(word.key in _PRONOUNS and word.tag != "IN" for word in subject)
    counted = (*NOMINAL, "JJ", "VBN")
    bare = any(
        sentence.words[at].is_number and sentence.tag(at + 1) not in counted and sentence.key(at + 1) != "of"
        for at in range(joint + 1, end)
    )
    return not opens_alone or verb is None or pronoun or bare


def _spreads(sentence: ParsedSentence, start: int, end: int, *, dated: bool = False) -> bool:
    """Whether what is left out has a condition, an exception, a source or a date that may hold for the rest as well."""
    if sentence.has(sentence.lexicon.spreading, start, end):
        return True
    return not dated and any(word.is_year or word.is_month for word in sentence.words[start:end])
