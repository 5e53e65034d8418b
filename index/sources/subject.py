"""Finds whom a source names: the force that it is about, and its inspector.

The title, the cover and the first paragraphs say so. Nothing is guessed: where the first of these that names a force
names several, the force is not known. "HMI Rowan Ashby" and "Rowan Ashby, His Majesty's Inspector of Constabulary" both
name an inspector.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.sources.cover import Cover
from index.sources.force_names import WrittenName, forces_named, written_names
from index.sources.gazetteer import Gazetteer

_UPPER = "A-ZÀ-ÖØ-ÞĀĆČĎĐĒĘĚĞĪŁŃŇŌŐŘŚŞŠŢŤŪŮŰŹŻŽ"
_NAME_WORD = rf"[{_UPPER}][^\W\d_]*(?:['’-][^\W\d_]{{2,}})*"
_HONORIFIC = r"(?:(?:Sir|Dame|Dr|Mr|Mrs|Ms)\.?\s+)?"
_PARTICLE = "de|van|von|der|la|le|ap"
_GAP = r"[^\S\n\r]+"


def _person(gap: str) -> str:
    """Returns the pattern of a person's name whose words are divided by `gap`."""
    return (
        rf"(?P<name>{_HONORIFIC}(?:{_NAME_WORD}|[{_UPPER}]\.)"
        rf"(?:{gap}(?:{_NAME_WORD}|[{_UPPER}]\.|{_PARTICLE})){{0,3}}?{gap}{_NAME_WORD})"
    )


_PERSON = _person(r"\s+")
_PERSON_ON_LINE = _person(_GAP)
_RANK_NAME = (
    r"(?:HMI|HM\s+Inspector|H(?:er|is)\s+Majesty['’]s\s+Inspector)"
    r"(?:\s+of\s+(?:Constabulary|Fire\s+(?:and|&)\s+Rescue\s+Services?)){0,1}"
    r"(?:,?\s+and\s+(?:(?:HM\s+)?Inspector\s+)?of\s+Fire\s+(?:and|&)\s+Rescue\s+Services?)?"
)
_RANK = rf"{_RANK_NAME},?{_GAP}"
_POSTNOMINALS = r"(?:,?[^\S\n\r]{1,3}(?:[KMOC]BE|QPM|KPM|CB|KCB|DBE|QC|KC|DL|QFSM|KFSM))*"
_IN_TITLE = re.compile(rf"\b{_RANK}{_PERSON}(?=['’]s?(?!\w)|\s*[,–—|:(-]|\s+[a-z(–—-]|\Z)")
_RESPONSIBLE = re.compile(
    r"\b(?i:inspector\s+responsible|(?:responsible|lead)\s+inspector|inspector\s+for\s+the\s+force|the\s+inspector)"
    rf"(?:\s+(?:was|is)|:)\s+(?:{_RANK})?{_PERSON}(?=\s*(?:[.,;\n\r]|\Z))"
)
_RANK_FIRST = re.compile(rf"\b{_RANK}{_PERSON}(?=['’]s?(?!\w)|\s*[.,;:)]|\s+[a-z(–—-]|\s*\Z)")
_NAME_FIRST = re.compile(
    rf"(?:\A|[\n\r.:;(“\"][^\S\n\r]*|\b[a-z]+{_GAP}){_PERSON_ON_LINE}{_POSTNOMINALS}[^\S\n\r]{{0,3}}[,\n\r–—(-]\s{{0,4}}{_RANK_NAME}\b"
)
_NOT_A_PERSON = re.compile(
    r"\b(?:Probation|Prisons?|Constabulary|Police|Fire|Rescue|Inspectorate|Inspector|Report|Assessment|PEEL|Majesty"
    r"|Chief|Constable|Dear|From|Letter|Introduction|Foreword|Signed|Yours)\b"
)
_FORMER = re.compile(r"\b(?:former|formerly|previous|predecessor|then)\W+$", re.IGNORECASE)
_LOOK_BACK_CHARACTERS = 20


def inspector_of(title: str, cover: Cover, stated: Sequence[str]) -> str:
    """Returns the inspector that the title names, else the responsible one, else the only one given the rank.

    The cover counts before the rest of the text.
    """
    content = ["\n".join(stated)]
    for patterns, texts in (
        ((_IN_TITLE, _NAME_FIRST), [title]),
        ((_RESPONSIBLE,), stated),
        ((_NAME_FIRST, _RANK_FIRST), ["\n".join(cover.lines)]),
        ((_NAME_FIRST, _RANK_FIRST), content),
    ):
        people = {name for pattern in patterns for name in _people(pattern, texts)}
        if people:
            return people.pop() if len(people) == 1 else ""
    return ""


def names_inspector(part: str) -> bool:
    """Whether a part of a title names an inspector."""
    return any(_people(_IN_TITLE, [part])) or any(_people(_NAME_FIRST, [part]))


def _people(pattern: re.Pattern[str], texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - _LOOK_BACK_CHARACTERS) : match.start()]
            name = " ".join(match["name"].split())
            if not _NOT_A_PERSON.search(name) and not _FORMER.search(before):
                yield name


MAX_NEW_FORCES = 50  # names of one text that are learned: those that it repeats most
MIN_REPEATED_NAMES = 5  # of one force in a text, from which it is the subject if hardly another is named
MAX_OTHER_SHARE = 0.1  # of the names of forces in it that are another's

SEPARATOR = re.compile(r"(?<!\s)\s+[–—|-]\s+|(?<!\s)\s+[—|]\s*|[—|]\s*|:\s+")
_SUBJECT_FOLLOWS = re.compile(
    r"\b(?:assessment|inspection|report|review|judge?ment)\s+(?:of|on|for)\s+(?:the\s+)?$", re.IGNORECASE
)
_INSPECTED = re.compile(
    r"\b(?:this|our|my|the|an?)\s+(?:[\w/–-]+\s+){0,4}?"
    r"(?:assessment|(?:re-?)?inspection|(?:re)?visit|report|review)"
    r"\s+(?:visit\s+)?(?:of|on|into|to|at)\s+(?:the\s+)?(?:performance\s+of\s+)?$"
    r"|\b(?:we|I)\s+(?:have\s+)?(?:inspected|assessed|revisited|graded|judged)\s+$"
    r"|\bassess(?:ed|es)?\s+how\s+(?:good|well)\s+$",
    re.IGNORECASE,
)
_SERVES = re.compile(r"\s+(?:covers|serves|polices|is responsible for policing|provides policing)\b")
_COVER_ABOUT = re.compile(r"\b(?:inspection|assessment|report|review|visit|revisit)\b[^.]{0,60}$", re.IGNORECASE)
_LABEL = re.compile(r"(?:police force|force|constabulary|service)(?: inspected)?\s*:\s*(?=\S)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:to|from)\s*:|dear\b", re.IGNORECASE)
_COPIED = re.compile(r"(?:cc|copied to|copy to)\b", re.IGNORECASE)
_INSPECTORATE = re.compile(
    r"\b(?:PEEL|HMIC(?:FRS)?|HMI|HM Inspector|Majesty['’]s Inspector|[Cc]hief [Cc]onstable|Constabulary)\b"
)
_FULL_NAME_ENDS = ("Police", "Constabulary", "Service")
_SUBJECT_LOOK_BACK_CHARACTERS = 120


def subject_of(title: str, cover: Cover, content: str, gazetteer: Gazetteer) -> str:
    """Returns the force that a source is about, empty if that is not said. `content` is its text without markup.

    A force may be new to the gazetteer: one whose full name is in the text is known by its short name as well.
    """
    names = [name.name for name in written_names(content) if not name.is_area]
    often = (name for name, _ in Counter(names).most_common(MAX_NEW_FORCES))
    reader = _SubjectReader(gazetteer.with_forces(often), cover, content)
    in_title = reader.named(title)
    if in_title:
        return subject_of_title(title, in_title)
    for step in (reader.labelled, reader.addressed, reader.on_cover, reader.stated):
        if found := set(step()):
            return found.pop() if len(found) == 1 else ""
    return reader.repeated(names)


def subject_of_title(title: str, named: Sequence[WrittenName]) -> str:
    """Returns the one force that a title is about, of those that it names.

    It is the only force named, or the one named after "assessment of", or the only one in the title's first part.
    """
    separator = SEPARATOR.search(title)
    first_part = separator.start() if separator else len(title)
    subjects = {name.name for name in named if _SUBJECT_FOLLOWS.search(title, 0, name.start)}
    leading = {name.name for name in named if name.start < first_part}
    every = {name.name for name in named}
    return next((forces.pop() for forces in (every, subjects, leading) if len(forces) == 1), "")


@dataclass(frozen=True, slots=True)
class _SubjectReader:
    """Reads forces from the parts of a source. Its gazetteer also knows the names written in full in the text."""

    gazetteer: Gazetteer
    cover: Cover
    content: str

    def named(self, text: str, *, misspelt: bool = True) -> list[WrittenName]:
        return forces_named(text, self.gazetteer, misspelt=misspelt)

    def labelled(self) -> Iterator[str]:
        """The force of a line such as "Force: Westmere Police"."""
        for line in self.cover.lines:
            if label := _LABEL.match(line):
                yield from (name.name for name in self.named(line[label.end() :], misspelt=False))

    def addressed(self) -> Iterator[str]:
        """The forces in the address of a letter."""
        end = next((n for n, line in enumerate(self.cover.lines) if line.startswith("Dear ")), len(self.cover.lines))
        head = self.cover.lines[:end]
        if any(_ADDRESS.match(line) for line in self.cover.lines):
            for line in head:
                if not _COPIED.match(line):
                    yield from (name.name for name in self.named(line, misspelt=False))

    def on_cover(self) -> Iterator[str]:
        """The forces of cover lines such as "An inspection of Westmere Police" or "Westmere Police"."""
        for line in self.cover.lines:
            for name in self.named(line, misspelt=False):
                alone = (name.start, name.end) == (0, len(line))
                if _is_full(line, name) and (alone or _COVER_ABOUT.search(line, 0, name.start)):
                    yield name.name

    def stated(self) -> Iterator[str]:
        """The forces of which the first paragraphs say that they were inspected: "our inspection of Westmere"."""
        by_inspectorate = _INSPECTORATE.search(self.content) is not None
        for paragraph in self.cover.opening:
            for name in self.named(paragraph, misspelt=False):
                before = paragraph[max(0, name.start - _SUBJECT_LOOK_BACK_CHARACTERS) : name.start]
                full = _is_full(paragraph, name)
                if (full or by_inspectorate) and (
                    _INSPECTED.search(before) or (full and _SERVES.match(paragraph, name.end))
                ):
                    yield name.name

    def repeated(self, names: Iterable[str]) -> str:
        """The force whose full name the text repeats, if it names it early and hardly another."""
        counts = Counter(self.gazetteer.canonical(name) or name for name in names)
        if not counts:
            return ""
        force, count = max(counts.items(), key=lambda item: (item[1], item[0]))
        early = any(name.name == force for line in self.cover.opening for name in self.named(line, misspelt=False))
        few_others = counts.total() - count <= MAX_OTHER_SHARE * counts.total()
        return force if count >= MIN_REPEATED_NAMES and early and few_others else ""


def _is_full(text: str, name: WrittenName) -> bool:
    return text[name.start : name.end].endswith(_FULL_NAME_ENDS)
