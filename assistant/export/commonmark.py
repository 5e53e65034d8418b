"""Text written so that CommonMark (spec 0.31.2) reads each character as itself, whatever it looks like.

Punctuation that could mean something is escaped with a backslash (section 2.4); white space that would be folded or
would end a line, and what turns the direction of writing, is a numeric character reference (section 2.5). The
notations beyond CommonMark that many readers know (tables, footnotes, mathematics, short names of emoji, bare
addresses, mentions) find nothing to take hold of either.
"""

from __future__ import annotations

import re
import string

from assistant.characters import DIRECTION_CONTROLS

_PUNCTUATION = frozenset(string.punctuation)
_NEXT_LINE = "\x85"  # ends no line in CommonMark, and a reference to it is read differently from one reader to the next
# Punctuation without a meaning where it stands: within a word, at the end of one, or anywhere.
_HARMLESS = re.compile(r"(?<=\w)(?:[.:!](?=\s|$)|['-](?=\w))|[,;?()/%]")
_LIST_MARKER = re.compile(r"\d+[.)]")


def escaped(text: str) -> str:
    """The text as CommonMark, on one line. What is read back is the text, provided it is `carried`."""
    bare = {match.start() for match in _HARMLESS.finditer(text)}
    marker = _LIST_MARKER.match(text)
    if marker:
        bare.discard(marker.end() - 1)
    return "".join(_written(text, place, bare=place in bare) for place in range(len(text)))


def _written(text: str, place: int, *, bare: bool) -> str:
    character = text[place]
    if character in _PUNCTUATION:
        return character if bare else f"\\{character}"
    if character in DIRECTION_CONTROLS:
        return f"&#{ord(character)};"
    if character.isspace() and character != _NEXT_LINE and not _single_space(text, place):
        return f"&#{ord(character)};"
    return character


def _single_space(text: str, place: int) -> bool:
    around = text[max(0, place - 1) : place + 2]
    return text[place] == " " and len(around) == 3 and not around[0].isspace() and not around[2].isspace()
