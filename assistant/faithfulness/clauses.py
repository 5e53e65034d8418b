"""Finds the clauses, verbs and phrases of a parsed sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from assistant.faithfulness.lexicon import CompressionWords, Phrase
from assistant.faithfulness.parse import NOMINAL, Word

Span = tuple[int, int]  # the number of the first word, and one past the last

CLAUSE_MARKS = frozenset({";", ":"})
RELATIVE = frozenset({"which", "who", "whom", "whose"})
DETERMINERS = frozenset({"DT", "PRP$", "PRP"})
_CIRCUMSTANCES = frozenset({"when", "whenever", "where", "wherever", "whether", "once"})
SUBORDINATING = frozenset({"because", "so"})


@dataclass(frozen=True)
class ParsedSentence:
    """A parsed sentence. Places are numbers of words; outside the sentence a word and its tag are empty."""

    words: tuple[Word, ...]
    lexicon: CompressionWords

    def key(self, place: int) -> str:
        """The word at a place; empty outside the sentence."""
        return self.words[place].key if 0 <= place < len(self.words) else ""

    def tag(self, place: int) -> str:
        return self.words[place].tag if 0 <= place < len(self.words) else ""

    @cached_property
    def breaks(self) -> tuple[int, ...]:
        """Where clauses that stand next to each other meet: a semicolon, a colon, or "and" before a new clause."""
        marks = [place for place, word in enumerate(self.words) if word.key in CLAUSE_MARKS]
        joints = [
            place for place in range(1, len(self.words)) if self.key(place) == "and" and self._joins_clauses(place)
        ]
        return tuple(sorted((*marks, *joints)))

    def _joins_clauses(self, place: int) -> bool:
        """Whether "and" joins two clauses, each with a subject and a verb."""
        return self._ends_clause(place) and self._begins_clause(place)

    def _ends_clause(self, place: int) -> bool:
        """Whether a clause of its own ends at "and": it has a verb, and is neither relative nor a condition."""
        start = max((at for at in range(place) if self.key(at) in CLAUSE_MARKS), default=-1) + 1
        verbs = [at for at in range(start, place) if self.words[at].is_finite]
        openers = [at for at in range(start, place) if self.tag(at) == "WH" or self.key(at) == "that"]
        # After a comma, "and" with a subject and a verb joins clauses even if the tagger missed the first one's verb.
        one_comma = [at for at in range(start, place) if self.key(at) == ","] == [place - 1]
        is_relative = bool(verbs and openers and max(openers) > verbs[-1])
        return bool(verbs or one_comma) and not is_relative and not self._is_under_condition(start, place)

    def _begins_clause(self, place: int) -> bool:
        """Whether a subject and its verb follow "and"."""
        if self.key(place + 1) == ",":
            return False
        wanted = 1
        subject: list[Word] = []
        for at in range(place + 1, len(self.words)):
            word = self.words[at]
            wanted += word.tag == "WH"  # a relative clause has a verb of its own
            wanted -= word.is_finite
            if wanted == 0:
                is_subject = any(part.tag in (*NOMINAL, "PRP", "CD", "DT", "EX") for part in subject)
                return is_subject and self._has_no_comma(place, at)
            if word.tag in ("CC", "TO", "VB") or word.key in CLAUSE_MARKS:
                return False
            subject.append(word)
        return False

    def _has_no_comma(self, place: int, verb: int) -> bool:
        """Whether no comma parts a verb from the subject after "and", but for one that ends an aside."""
        return sum(self.key(at) == "," for at in range(place + 1, verb)) % 2 == 0 or self.key(verb - 1) != ","

    def _is_under_condition(self, start: int, place: int) -> bool:
        """Whether "and" is in a condition: "if funding ends and the hub closes"."""
        commas = [at for at in range(start, place - 1) if self.key(at) == ","]
        return self.has(self.lexicon.spreading | _CIRCUMSTANCES, max(commas, default=start), place)

    def clause(self, place: int) -> Span:
        """The clause around a place."""
        starts = [0, *(at + 1 for at in self.breaks if at < place)]
        ends = [*(at for at in self.breaks if at >= place), len(self.words)]
        return max(starts), min(ends)

    def verb(self, start: int, end: int) -> int | None:
        """The first finite verb between two places."""
        return next((at for at in range(start, end) if self.words[at].is_finite), None)

    def joins_predicates(self, place: int) -> bool:
        """Whether "and" joins two finite predicates of one subject."""
        if self.key(place) != "and" or place in self.breaks:
            return False
        start, _ = self.clause(place)
        first = self.verb(start, place)
        at = place + 1
        while self.tag(at) == "RB":
            at += 1
        if first is None or not (at < len(self.words) and self.words[at].is_finite):
            return False
        verb = self.words[at]
        return verb.tag in ("AUX", "MD") or verb.text.endswith("s") or self.words[first].tag == verb.tag

    def is_end(self, place: int) -> bool:
        """Whether a phrase that runs to the end of its clause may end here."""
        if place >= len(self.words) or place in self.breaks or self.joins_predicates(place):
            return True
        if self.key(place) != ",":
            return False
        after = place + 1
        return (
            after in self.breaks
            or self.joins_predicates(after)
            or self.key(after) in RELATIVE | SUBORDINATING
            or self.tag(after) in ("VBG", "VBN")
        )

    def end_from(self, start: int) -> int:
        """Where what begins at a place ends if it runs to the end of its clause."""
        return next(at for at in range(start + 1, len(self.words) + 1) if self.is_end(at))

    def phrase_at(self, place: int, phrases: frozenset[Phrase]) -> int:
        """Where the longest of some phrases at a place ends; the place itself where there is none."""
        ends = [place + len(phrase) for phrase in phrases if self._is_at(place, phrase)]
        return max(ends, default=place)

    def _is_at(self, place: int, phrase: Phrase) -> bool:
        return tuple(word.text for word in self.words[place : place + len(phrase)]) == phrase

    def has(self, words: frozenset[str], start: int, end: int) -> bool:
        return any((word.text in words or word.key in words) and not word.is_month for word in self.words[start:end])

    def is_protected(self, start: int, end: int) -> bool:
        """Whether a stretch has a word that no summary leaves out."""
        return self.has(self.lexicon.protected, start, end) or any(
            word.is_number or word.is_name or word.is_month for word in self.words[start:end]
        )

    def is_judging(self, start: int, end: int) -> bool:
        """Whether a stretch has a word that is protected or that judges or compares."""
        compared = any(word.is_compared for word in self.words[start:end])
        return compared or self.has(self.lexicon.judging, start, end) or self.is_protected(start, end)

    def is_fixed(self, start: int, end: int) -> bool:
        """Whether the clause of a stretch has a word outside it that fixes what it is said of."""
        first, last = self.clause(start)
        outside = (*range(first, start), *range(end, last))
        return any(self._fixes(self.words[at]) for at in outside)

    def is_restricting(self, place: int) -> bool:
        """Whether a place is in a clause that says which ones are meant: "children who are exploited by gangs"."""
        start, _ = self.clause(place)
        commas = [at for at in range(start, place - 1) if self.key(at) == ","]
        return any(self.tag(at) == "WH" for at in range(max(commas, default=start), place))

    def _fixes(self, word: Word) -> bool:
        return word.text in self.lexicon.fixing or word.is_compared or (word.is_number and not word.is_year)

    def may_lose_scope(self, start: int) -> bool:
        """Whether a claim stands without the place or group that it was made of.

        It does for what one named body did ("has opened a hub in the town centre"), and not for what is said of a kind
        ("officers lack cameras in the north") or for how well something is done.
        """
        first, _ = self.clause(start)
        verb = self.verb(first, start)
        if verb is None:
            return False
        subject = next(
            (word for word in self.words[first:verb] if word.tag not in ("RB", "CC") and word.key != ","), None
        )
        one = subject is not None and (subject.is_force or subject.tag in DETERMINERS)
        judged = any(
            word.tag == "RB" and (word.text.endswith("ly") or word.text == "well") for word in self.words[verb:start]
        )
        many = any(word.tag == "NNS" for word in self.words[first:verb])
        return one and not judged and not many
