"""Words cut at the end of a line: joined where the document itself says how they are written, and else left cut."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

SOFT = "\u00ad"
_CUT = re.compile(r"([^\W\d_]+)[-‐]$")
_REST = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")


def vocabulary(lines: Iterable[str]) -> frozenset[str]:
    """The words that stand within lines, in small letters: how the document writes them when it does not cut them."""
    found: set[str] = set()
    for line in lines:
        words = [match for match in _WORD.finditer(line) if not line[match.end() :].startswith(("-", SOFT))]
        found.update(match[0].lower() for match in words)
    return frozenset(found)


def joined(before: str, after: str, known: Collection[str]) -> str:
    """A line and the one after it as one text: a space between them, unless a word was cut.

    A soft hyphen is kept, and the word whole. A hyphen goes where the document has the word without it elsewhere, and
    stays where it has the word with it. Where it has both or neither, hyphen and line end stay.
    """
    if before.endswith(SOFT):
        return before + after
    cut, rest = _CUT.search(before), _REST.match(after)
    if cut is None or rest is None:
        return f"{before} {after}"
    whole, hyphened = (cut[1] + rest[0]).lower(), f"{cut[1]}-{rest[0]}".lower()
    if rest[0][0].islower() and (whole in known) != (hyphened in known):
        return before[:-1] + after if whole in known else before + after
    return f"{before}\n{after}"
