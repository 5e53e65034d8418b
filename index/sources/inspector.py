"""Finds the inspector that a source names: in its title, as the one responsible, or with the rank of an inspector.

"HMI Rowan Ashby" and "Rowan Ashby, His Majesty's Inspector of Constabulary" both name one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from index.sources.cover import Cover

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
