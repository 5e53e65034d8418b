"""Finds the names of police forces and fire services that a text writes in full, also those no list contains.

"Westmere Police" is such a name: capitalised words in front of "Police", "Constabulary" or "Fire and Rescue Service".
The words that only stand in front of a name ("With Westmere Police") are no part of it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.sources.forces import load_vocabulary
from index.sources.gazetteer import ForceMention, Gazetteer, NameMatch

MAX_NAME_CHARACTERS = 60
MIN_WRAPPED_CHARACTERS, MAX_WRAPPED_CHARACTERS = 50, 110  # a line of wrapped text is no longer, and a shorter one ends

_UPPER = "A-ZÀ-ÖØ-ÞĀĆČĎĐĒĘĚĞĪŁŃŇŌŐŘŚŞŠŢŤŪŮŰŹŻŽ"
_GAP = r"[^\S\n\r]+"
_WORD = rf"[{_UPPER}][\w'’-]*"
_ENDING = re.compile(r"\b(?:Police Service|Police|Constabulary|Fire (?:and|&) Rescue Service)\b")
_NAME_IN_FRONT = re.compile(rf"(?<!\w)(?:{_WORD}{_GAP}(?:(?:and|&|upon|of the|of){_GAP})?)*{_WORD}{_GAP}$")
_COMMISSIONER_FOLLOWS = re.compile(r"(?:,? Fire)?(?: and Crime)? Commissioner\b")
_COMMISSIONER_FOR = re.compile(
    rf"\b(?:Police(?:, Fire)? and Crime|Police) Commissioner(?:['’]s Office)?{_GAP}for{_GAP}(?:the{_GAP})?"
    rf"(?P<area>{_WORD}(?:{_GAP}(?:(?:and|&|upon|of){_GAP})?{_WORD}){{0,3}})"
)
_OTHER_BODY_FOLLOWS = re.compile(
    r" (?:and Crime|Federation|Authority|Association|Museum|Memorial|Chiefs|Superintendents)\b"
)
_NEXT_NAME_WORD = re.compile(rf" ({_WORD})")
_SENTENCE_WITHIN = re.compile(r"[.!?][\"'”’)\]]*(?:\s|\Z)")
_FIRST_WORD = re.compile(r"[\w'’-]+")


@dataclass(frozen=True, slots=True)
class WrittenName:
    """`text[start:end]` is the name of a force. `is_area` if only its commissioner is named: the area has the name."""

    start: int
    end: int
    name: str
    is_area: bool = False


def unwrapped(text: str) -> str:
    """Returns a text of the same length in which a line that its author continued on the next ends in a space.

    It is one before a small letter. In wrapped lines with sentences, it is also a long line without a full stop.
    """
    lines = text.splitlines(keepends=True)
    is_wrapped = max(map(len, lines), default=0) <= MAX_WRAPPED_CHARACTERS and _SENTENCE_WITHIN.search(text) is not None
    joined = [
        _without_break(line) if next_line[:1].islower() or (is_wrapped and _is_open(line)) else line
        for line, next_line in pairwise(lines)
    ]
    return "".join([*joined, *lines[-1:]])


def _is_open(line: str) -> bool:
    return len(line) >= MIN_WRAPPED_CHARACTERS and line.rstrip()[-1:] not in ".!?:;"


def written_names(text: str) -> Iterator[WrittenName]:
    """Yields the names written in a text, in order. The time is in proportion to its length."""
    for ending in _ENDING.finditer(text):
        window = max(0, ending.start() - MAX_NAME_CHARACTERS)
        in_front = _NAME_IN_FRONT.search(text, window, ending.start())
        is_area = _has_commissioner(text, ending)
        if in_front is None or (not is_area and _OTHER_BODY_FOLLOWS.match(text, ending.end())):
            continue
        start = _start_of_name(text, in_front.start(), ending.start())
        if start < ending.start():
            end = ending.start() if is_area else ending.end()
            yield WrittenName(start, end, " ".join(text[start:end].split()), is_area)


def commissioned_areas(text: str) -> Iterator[WrittenName]:
    """Yields the areas that a text names after "Police and Crime Commissioner for"."""
    for found in _COMMISSIONER_FOR.finditer(text):
        yield WrittenName(found.start("area"), found.end("area"), " ".join(found["area"].split()), is_area=True)


def forces_named(text: str, gazetteer: Gazetteer, *, misspelt: bool = True) -> list[WrittenName]:
    """Returns the forces that a text names, in order, each under its canonical name if known, else as written.

    A longer name that the gazetteer does not know ("North Kent Police") is not the force within it. Of a name that
    joins two known forces, both are named. With `misspelt`, a misspelt name counts where there is no other.
    """
    written = [name for name in written_names(text) if not _is_joint(name, gazetteer)]
    areas = [*commissioned_areas(text), *(name for name in written if name.is_area)]
    mentions = _unambiguous(text, gazetteer, misspelt=misspelt)
    longer = _LongerNames(sorted([*written, *areas], key=_start))
    found = [
        WrittenName(mention.start, mention.end, mention.forces[0])
        for mention in mentions
        if not longer.include(mention) and _stands_alone(text, mention)
    ]
    found += [replace(area, name=force) for area in areas if (force := gazetteer.canonical(area.name))]
    return sorted([*found, *_new_names(written, mentions, gazetteer)], key=_start)


def unknown_names(text: str, mentions: Sequence[ForceMention], gazetteer: Gazetteer) -> list[WrittenName]:
    """Returns the names of forces written in full that the gazetteer does not know; `mentions` are what it found."""
    written = [name for name in written_names(text) if not _is_joint(name, gazetteer)]
    return _new_names(written, mentions, gazetteer)


def _new_names(
    written: Sequence[WrittenName], mentions: Sequence[ForceMention], gazetteer: Gazetteer
) -> list[WrittenName]:
    """Returns the names that the gazetteer does not know, and does not take for a misspelling of one it knows."""
    misspellings = {mention.start for mention in mentions if mention.match is NameMatch.SPELLING}
    new = (name for name in written if not name.is_area and gazetteer.canonical(name.name) is None)
    return [name for name in new if name.start not in misspellings]


def _start(name: WrittenName) -> int:
    return name.start


def _without_break(line: str) -> str:
    kept = line.rstrip("\r\n")
    return kept + " " * (len(line) - len(kept))


def _has_commissioner(text: str, ending: re.Match[str]) -> bool:
    return ending.group() == "Police" and _COMMISSIONER_FOLLOWS.match(text, ending.end()) is not None


def _start_of_name(text: str, start: int, end: int) -> int:
    """Returns where a name begins without the words that only stand in front of one; its end if nothing is left."""
    for other in _ENDING.finditer(text, start, end):  # the end of another name: "Westmere Police and Eastvale Police"
        start = other.end()
    while (word := _FIRST_WORD.search(text, start, end)) and _is_in_front(word.group()):
        start = word.end()
    rest = _FIRST_WORD.search(text, start, end)
    words = {word.lower() for word in _FIRST_WORD.findall(text, start, end)}
    return end if rest is None or words <= load_vocabulary().general_words else rest.start()


def _is_in_front(word: str) -> bool:
    return word.lower() in load_vocabulary().words_before_names or word.endswith(("'s", "’s"))


def _is_joint(written: WrittenName, gazetteer: Gazetteer) -> bool:
    """Whether an unknown name joins the names of two known forces: "Kent and Essex Police"."""
    parts = re.split(r" (?:and|&) ", written.name)
    return len(parts) > 1 and gazetteer.canonical(written.name) is None and all(map(gazetteer.canonical, parts))


def _unambiguous(text: str, gazetteer: Gazetteer, *, misspelt: bool) -> list[ForceMention]:
    """Returns the mentions of one force; misspelt ones only where there are no others."""
    mentions = [mention for mention in gazetteer.find(text, misspelt=misspelt) if len(mention.forces) == 1]
    well_spelt = [mention for mention in mentions if mention.match is not NameMatch.SPELLING]
    return well_spelt or mentions


class _LongerNames:
    """Names written in a text, in order. A mention within one of them is not the force's own name."""

    def __init__(self, names: Sequence[WrittenName]) -> None:
        self._names = names
        self._starts = [name.start for name in names]

    def include(self, mention: ForceMention) -> bool:
        """Whether a mention is part of a longer name, or is where an area is named."""
        before = bisect_right(self._starts, mention.start) - 1
        if before < 0 or mention.match is NameMatch.SPELLING:
            return False
        name = self._names[before]
        if name.is_area:
            return mention.start < name.end
        return name.start < mention.start and mention.end <= name.end


def _stands_alone(text: str, mention: ForceMention) -> bool:
    """Whether the force is named, and not another body or place whose name begins so: "Kent County Council"."""
    if mention.text.split()[-1].lower() in ("police", "constabulary", "service"):
        return _OTHER_BODY_FOLLOWS.match(text, mention.end) is None
    following = _NEXT_NAME_WORD.match(text, mention.end)
    return following is None or following[1].isupper() or _is_in_front(following[1])
