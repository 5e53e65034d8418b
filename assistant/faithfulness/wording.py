"""The guards of sense: grades, negation, modality, quantity and direction, each by the words of `data/claims.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from assistant.faithfulness.evidence import Evidence
from assistant.faithfulness.lexicon import ClaimWords, Phrases
from assistant.faithfulness.numbers import is_figure
from assistant.faithfulness.parse import ParsedText, clauses, under_modal
from index.text.tokens import stem, words

OF_QUANTITY = 6  # words after a quantity among which is what it is said of
EMPTY_VERBS = frozenset(
    {"make", "sure", "ensur", "continu", "consid", "start", "begin", "tri", "seek", "work"}
)  # stems; the deed is what follows
CROSSING = 4  # how much further off a word counts for each break between

Marks = Mapping[str, Phrases]


def grades_borne_out(said: ParsedText, evidence: Evidence, lexicon: ClaimWords) -> bool:
    """Whether every grade named is one that the sentences name, and nearest to what the statement says it of."""
    named = {grade for grade, phrases in lexicon.grades.items() if phrases.within(said.plain)}
    held = {grade for grade, phrases in lexicon.grades.items() for one in evidence.reads if phrases.within(one.plain)}
    if not named <= held:
        return False
    return all(_agrees(part, evidence.reads, lexicon.grades, lexicon) for part in _parts(said, lexicon.grades))


def denials_borne_out(said: ParsedText, evidence: Evidence, lexicon: ClaimWords) -> bool:
    """Whether a statement denies what its sentences deny, and nothing else."""
    denied, stated = evidence.stems(denied=True), evidence.stems(denied=False)
    agreed = said.stems(denied=True) & denied
    for clause in clauses(said):
        against = clause.stems(denied=True)
        if against and not against & denied:
            wanting = any(lexicon.wanting.within(one.plain) or any(one.denied) for one in evidence.reads)
            if against & stated or not wanting:
                return False
        flipped = (clause.stems(denied=False) & denied) - stated
        if flipped and not against and not agreed and not _wants(clause, evidence, lexicon):
            return False
    return True


def modals_borne_out(said: ParsedText, evidence: Evidence, lexicon: ClaimWords) -> bool:
    """Whether "must", "should", "may" and the like stand where they stand in the sentences."""
    held = {name for name, phrases in lexicon.modality.items() for one in evidence.reads if phrases.within(one.plain)}
    for name, phrases in lexicon.modality.items():
        if phrases.within(said.plain) and not lexicon.bears[name] & held:
            return False
    modal = any(phrases.within(said.plain) for phrases in lexicon.modality.values())
    return modal or not any(_hardened(said, one, lexicon) for one in evidence.reads)


def quantities_borne_out(said: ParsedText, evidence: Evidence, lexicon: ClaimWords) -> bool:
    """Whether "all", "most", "few" and "only" are said in the sentences of the same, and "not all" stays "not all"."""
    for phrases in lexicon.quantity.values():
        held = [stem for one in evidence.reads for span in phrases.spans(one.plain) for stem in _around(one, span)]
        if not all(_around(said, span) & frozenset(held) for span in phrases.spans(said.plain)):
            return False
    soft = [lexicon.quantity["all"], lexicon.quantity["few"]]
    if any(phrases.within(said.plain) for phrases in soft) or not any(said.denied):
        return True
    against = said.stems(denied=True)
    return not any(
        (phrases is soft[1] or one.denied[start]) and against & _after(one, end)
        for phrases in soft
        for one in evidence.reads
        for start, end in phrases.spans(one.plain)
    )


def _after(one: ParsedText, place: int) -> frozenset[str]:
    return frozenset(word.stem for word in one.words[place : place + 4] if word.content)


def _wants(clause: ParsedText, evidence: Evidence, lexicon: ClaimWords) -> bool:
    """Whether a clause says that something is wanting, in a word that is not the sentences' own for something else."""
    held = {word for one in evidence.reads for word in one.plain}
    return any(not held.issuperset(clause.plain[start:end]) for start, end in lexicon.wanting.spans(clause.plain))


def _around(one: ParsedText, span: tuple[int, int]) -> frozenset[str]:
    """Stems of what a quantity is said of: the content words soon after it, and the one before."""
    start, end = span
    after = [word.stem for word in one.words[end : end + OF_QUANTITY] if word.content]
    before = [word.stem for word in one.words[max(0, start - 2) : start] if word.content]
    return frozenset([*after[:3], *before[-1:]])


def directions_borne_out(said: ParsedText, evidence: Evidence, lexicon: ClaimWords) -> bool:
    """Whether a statement says better or worse, more or fewer, before or after, of what its sentences say it of."""
    plain = _ungraded(said.plain, lexicon)
    reads = [(one, _ungraded(one.plain, lexicon)) for one in evidence.reads]
    for stated, one, other in lexicon.opposites:
        for mine, theirs in ((one, other), (other, one)):
            if not mine.within(plain) or theirs.within(plain):
                continue
            same = any(mine.within(words) for _, words in reads)
            opposite = any(theirs.within(words) for _, words in reads)
            if (opposite or stated) and not same:
                return False
            if opposite and not _agrees(said, [read for read, _ in reads], {"one": mine, "other": theirs}, lexicon):
                return False
    return True


def share_of_words(said: ParsedText, evidence: Evidence, lexicon: ClaimWords) -> float:
    """Share of a statement's content words that its sentences hold, by stem or near-synonym; 1 of none."""
    frame = {place for start, end in lexicon.frame.spans(said.plain) for place in range(start, end)}
    wanted = [
        word for place, word in enumerate(said.words) if word.content and place not in frame and not is_figure(word.raw)
    ]
    if not wanted:
        return 1.0
    held = frozenset(word.stem for one in evidence.reads for word in one.words)
    about = frozenset(word for source in evidence.sources for word in _stems(source.about, lexicon))
    return sum(word.stem in held or word.stem in about or _meant(word.word, held, lexicon) for word in wanted) / len(
        wanted
    )


def _meant(word: str, held: frozenset[str], lexicon: ClaimWords) -> bool:
    terms = (term for one in lexicon.vocabulary.expand(word) for term in one.terms)
    return any(stems and stems <= held for stems in (_stems(term, lexicon) for term in terms))


def _stems(text: str, lexicon: ClaimWords) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text) if word not in lexicon.function)


def _hardened(said: ParsedText, one: ParsedText, lexicon: ClaimWords) -> bool:
    """Whether a statement says outright what a sentence says only with a modal."""
    plain = one.plain
    for phrases in lexicon.modality.values():
        for start, end in phrases.spans(plain):
            under = [place for place in under_modal(one.words, end) if one.words[place].content]
            outside = {word.stem for place, word in enumerate(one.words) if place not in under and word.content}
            stems = [one.words[place].stem for place in under[:4]]
            deed = next((found for found in stems if found not in EMPTY_VERBS), "")
            own = set(stems) - outside
            together = one.words[start].clause == one.words[end - 1].clause
            if own and together and deed in said.content and len(said.content & own) >= ceil(len(own) / 2):
                return True
    return False


def _parts(said: ParsedText, marks: Marks) -> list[ParsedText]:
    """A statement's clauses that hold a mark; the whole where only one does."""
    marked = [part for part in clauses(said) if any(phrases.within(part.plain) for phrases in marks.values())]
    return marked if len(marked) > 1 else [said] if marked else []


def _agrees(part: ParsedText, reads: Sequence[ParsedText], marks: Marks, lexicon: ClaimWords) -> bool:
    """Whether what a part marks stands nearest, in the sentences, to the same mark; so where they hold one mark only.

    By what the part says besides: each of those words votes, in each sentence of several marks, for the nearest mark.
    """
    mine = {name for name, phrases in marks.items() if phrases.within(part.plain)}
    marked = {
        place for phrases in marks.values() for start, end in phrases.spans(part.plain) for place in range(start, end)
    }
    frame = {place for start, end in lexicon.frame.spans(part.plain) for place in range(start, end)}
    topic = {word.stem for place, word in enumerate(part.words) if word.content and place not in marked | frame}
    votes = {True: 0, False: 0}
    for one in reads:
        places = [(name, start) for name, phrases in marks.items() for start, _ in phrases.spans(one.plain)]
        if len({name for name, _ in places}) < 2 and len(reads) == 1:
            continue
        for at, word in enumerate(one.words):
            if word.stem in topic and places:
                nearest = min(places, key=lambda entry: _distance(one, at, entry[1]))
                votes[nearest[0] in mine] += 1
    return votes[True] >= votes[False]


def _distance(one: ParsedText, at: int, mark: int) -> int:
    return abs(at - mark) + CROSSING * abs(one.words[at].clause - one.words[mark].clause)


def _ungraded(words: Sequence[str], lexicon: ClaimWords) -> list[str]:
    """Words without the grades, which say nothing of a direction ("requires improvement")."""
    left = list(words)
    for phrases in lexicon.grades.values():
        for start, end in phrases.spans(words):
            left[start:end] = ["·"] * (end - start)
    return left
