"""Finds the forces that a question names, and the names of forces in it that nothing knows.

A longer name is another force's: "North Northshire" is not Northshire.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from index.sources.force_names import unknown_names
from index.sources.gazetteer import ForceMention, Gazetteer, NameMatch

_WORKS_WITH = re.compile(r"\b(with|alongside)( the)?\s*$", re.IGNORECASE)
_JOINED = re.compile(r"\W*(and|or|,)\W*", re.IGNORECASE)
_COMPARED = re.compile(r"\bcompar\w+\b|\bdifference\b", re.IGNORECASE)
_NAME_BEFORE_NAME = re.compile(
    r"\b(?:(?:north|south|east|west)(?:ern)?|mid|(?-i:New|Great|Greater|Upper|Lower|Central|Old|Little))[\s-]+$",
    re.IGNORECASE,
)
_WHICH_FORCE = re.compile(
    r"\b(which|what|any|all|other)\s+((\w+)\s+)?(forces?|constabular\w+|police)\b"
    r"|\b(how many|every|each)\s+(police\s+)?(forces?|constabular\w+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ForcesAsked:
    """The mentions of known forces, in order, and the names of forces that are not known, as written."""

    mentions: tuple[ForceMention, ...] = ()
    unknown: tuple[str, ...] = ()

    def spans(self, forces: Collection[str]) -> tuple[tuple[int, int], ...]:
        """Where the question names any of some forces."""
        named = set(forces)
        return tuple((mention.start, mention.end) for mention in self.mentions if named & set(mention.forces))

    def respelt(self, forces: Collection[str]) -> tuple[tuple[str, str], ...]:
        """The misspelt names of some forces, as written, each with the force that it was read as."""
        return tuple(
            (mention.text, mention.forces[0])
            for mention in self.mentions
            if mention.match is NameMatch.SPELLING and mention.forces[0] in forces
        )


def forces_asked(question: str, gazetteer: Gazetteer) -> ForcesAsked:
    """The forces that a question names."""
    mentions = gazetteer.find(question)
    unknown = {(name.start, name.end) for name in unknown_names(_without_opener(question), mentions, gazetteer)}
    unknown.update(_longer_names(question, mentions))
    own = tuple(
        mention
        for mention in mentions
        if not any(start <= mention.start and mention.end <= end for start, end in unknown)
    )
    return ForcesAsked(own, tuple(question[start:end] for start, end in sorted(unknown)))


def subjects(question: str, mentions: Sequence[ForceMention], assessed: Collection[str]) -> list[ForceMention]:
    """The mentions of forces that a question is about; "work with Westmere" asks about another force's work."""
    found: list[ForceMention] = []
    is_partner = False
    end = 0
    for mention in mentions:
        between = question[end : mention.start]
        is_partner = bool(_WORKS_WITH.search(between)) or (is_partner and bool(_JOINED.fullmatch(between)))
        if not is_partner or set(mention.forces) & set(assessed) or _COMPARED.search(question):
            found.append(mention)
        end = mention.end
    return found


def _without_opener(question: str) -> str:
    """The question with a small first letter, so that no name begins with an opener: "Compare Northshire and …"."""
    first = question.partition(" ")[0]
    return question if _NAME_BEFORE_NAME.match(f"{first} ") else question[:1].lower() + question[1:]


def _longer_names(question: str, mentions: Sequence[ForceMention]) -> Iterator[tuple[int, int]]:
    """Yields where a name stands that only ends in a known force's: "North Northshire"."""
    for mention in mentions:
        before = _NAME_BEFORE_NAME.search(question, 0, mention.start)
        if before is not None and mention.match is not NameMatch.SPELLING:
            yield before.start(), mention.end


def asks_which_force(question: str) -> bool:
    """Whether a question asks for forces rather than about one."""
    return _WHICH_FORCE.search(question) is not None
