"""Recognises what a line of a PDF begins with: the bullet or number of a list item, or the label of a speaker."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from index.readers.pdf_lines import TextSegment

_BULLET = re.compile(r"[•◦▪‣●○■□➢✓❖–*o-](?=\s+[\w“‘\"'(£])")
_NUMBER = re.compile(r"\(?([0-9]{1,2}|[a-z]|[ivx]{2,5})[.)](?=\s)")
LABEL_ALONE = re.compile(r"[•◦▪‣●○■□➢✓❖–*o-]|\(?(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-z]|[ivx]{1,5})[.)]?")
LABEL_OF_ITEM = re.compile(r"[•◦▪‣●○■□➢✓❖–*o-]|\(?(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-z]|[ivx]{1,5})[.)]")
_LINE_END = re.compile(r"(?:[.!?:;…,][\"'”’)\]]*|\b(?:and|or))$")
_TURN = re.compile(
    r"\[?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?\]?\s|[QA][.:]?\s{1,4}(?=\S)|"
    r"[A-Z][\w.'’-]{0,20}(?:\s[A-Z][\w.'’-]{0,20}){0,4}:\s"
)
_INITIAL = re.compile(r"[QA](?![.:])")
_SENTENCE_END = re.compile(r"[.!?:;…–—-][\"'”’)\]]*$")


def begins_turn(line: str, before: str) -> bool:
    """Returns whether a line begins with the label of a speaker, after a line that ends a sentence."""
    return _TURN.match(line) is not None and not _INITIAL.match(line) and _SENTENCE_END.search(before) is not None


@dataclass(slots=True)
class ItemLabels:
    """The labels of the list items of a region so far, by which the next ones are told from words and numbers."""

    _next: set[str] = field(default_factory=set)

    def label_of(self, line: TextSegment, last: TextSegment | None, *, is_apart: bool) -> str:
        """Returns the bullet or number that begins a line; empty when there is none.

        A number or letter is a label where it follows another or is the first, and no sentence runs on to it.
        """
        if bullet := _BULLET.match(line.text):
            return bullet[0]
        if (number := _NUMBER.match(line.text)) is None:
            return ""
        value = number[1]
        is_free = last is None or is_apart or _LINE_END.search(last.text) is not None
        begins_list = is_free and (value.isdecimal() or value in _FIRST_LETTERS)
        if value not in self._next and not begins_list:
            return ""
        self._next |= _successors(value)
        return number[0]

    def without_label(self, line: TextSegment, label: str) -> TextSegment:
        """Returns a line without its label."""
        return replace(line, text=line.text[len(label) :].lstrip()) if label else line


_FIRST_LETTERS = ("a", "i")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


def _successors(value: str) -> set[str]:
    if value.isdecimal():
        return {str(int(value) + 1)}
    after = {chr(ord(value) + 1)} if len(value) == 1 and value < "z" else set()
    if value in _ROMAN[:-1]:
        after.add(_ROMAN[_ROMAN.index(value) + 1])
    return after
