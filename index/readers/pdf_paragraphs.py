"""Joins the rows of a PDF page to paragraphs and table rows, and the words that were hyphenated at line ends."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from index.readers.pdf_lines import TextSegment, rows_of

# Lengths are in font sizes unless a comment says otherwise.
MIN_WORD_GAP = 0.15  # between two segments of a row that are separate words
MIN_CELL_GAP = 2.3  # between two segments of a row that are separate cells
_PARAGRAPH_SPACING = 1.4  # times the usual distance between lines: a wider one ends a paragraph
_DEFAULT_LINE_SPACING = 1.8  # in a region with too few lines to measure
_MIN_SIZE_CHANGE = 0.08  # share of the larger size
_MIN_INDENT = 0.9
_SHORT_LINE = 0.8  # of the region's width: a shorter line that ends a sentence ends its paragraph
_ITEM_START = re.compile(r"[•◦▪‣●○■□➢✓–*-](?=\s)|\(?(?:[0-9]{1,2}|[a-z]|[ivx]{1,4})[.)](?=\s)")
_ITEM_LABEL = re.compile(r"[•◦▪‣●○■□➢✓–*-]|\(?(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-z]|[ivx]{1,4})[.)]?")
DOT_LEADERS = re.compile(r"(?:\s?[.…]){5,}\s*[0-9ivxlc]*$")  # of a table of contents
SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]]*$")
_SOFT_HYPHEN = "\u00ad"
_CUT_WORD = re.compile(r"([^\W\d_]+)[-‐]$")
_FIRST_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")


@dataclass(slots=True)
class Paragraph:
    """Consecutive lines of a paragraph, or the cells of one row of a table."""

    lines: list[TextSegment] = field(default_factory=list)
    is_table_row: bool = False
    fills_last_line: bool = False  # its last line reaches the right edge of its region

    @property
    def size(self) -> float:
        return median(line.size for line in self.lines)

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


def paragraphs_of(region: Sequence[TextSegment]) -> Iterator[Paragraph]:
    """Yields the paragraphs of a region of a page, from the top down."""
    rows = [_merge_cells(row) for row in rows_of(region)]
    layout = _Layout.of(region, rows)
    current = Paragraph()
    for row in rows:
        if current.lines and (len(row) > 1 or current.is_table_row or layout.begins(current.lines[-1], row[0])):
            yield layout.closed(current)
            current = Paragraph()
        current.lines += row
        current.is_table_row = len(row) > 1
    yield layout.closed(current)


def words_within_lines(lines: Iterable[str]) -> frozenset[str]:
    """Returns the words that no line end may have cut, in lower case."""
    words: set[str] = set()
    for line in lines:
        for word in _WORD.finditer(line):
            if not line[word.end() :].startswith(("-", _SOFT_HYPHEN)):
                words.add(word[0].lower())
    return frozenset(words)


def join_lines(before: str, after: str, known_words: Collection[str]) -> str:
    """Joins two lines by a space, unless the first ends within a word.

    A soft hyphen is kept, and the word joined. A hyphen is removed where the document has the whole word elsewhere,
    and kept where it has the word with the hyphen. Where it has both or neither, hyphen and line end are kept.
    """
    if before.endswith(_SOFT_HYPHEN):
        return before + after
    head, tail = _CUT_WORD.search(before), _FIRST_LETTERS.match(after)
    if head is None or tail is None:
        return f"{before} {after}"
    is_whole = (head[1] + tail[0]).lower() in known_words
    is_hyphenated = f"{head[1]}-{tail[0]}".lower() in known_words
    if not tail[0][0].islower() or is_whole == is_hyphenated:
        return f"{before}\n{after}"
    return before[:-1] + after if is_whole else before + after


@dataclass(frozen=True, slots=True)
class _Layout:
    """The edges of a region and the usual distance between its lines, in font sizes."""

    left: float
    right: float
    line_spacing: float
    row_count: int

    @classmethod
    def of(cls, region: Sequence[TextSegment], rows: Sequence[Sequence[TextSegment]]) -> _Layout:
        """Measures a region."""
        left, right = min(segment.x0 for segment in region), max(segment.x1 for segment in region)
        lines = [row[0] for row in rows]
        return cls(left, right, _line_distance(lines) / median(line.size for line in lines), len(rows))

    def closed(self, paragraph: Paragraph) -> Paragraph:
        """Sets `fills_last_line` of a complete paragraph and returns it."""
        paragraph.fills_last_line = self.row_count > 1 and not self._is_short(paragraph.lines[-1])
        return paragraph

    def begins(self, last: TextSegment, line: TextSegment) -> bool:
        """Returns whether a line begins a paragraph, by its distance, size or label, or by the end of the last line."""
        is_apart = last.y - line.y > _PARAGRAPH_SPACING * max(self.line_spacing * line.size, 1.0)
        if is_apart or abs(last.size - line.size) > _MIN_SIZE_CHANGE * max(last.size, line.size):
            return True
        if _ITEM_START.match(line.text) or DOT_LEADERS.search(line.text) or DOT_LEADERS.search(last.text):
            return True
        is_short = self._is_short(last)
        if SENTENCE_END.search(last.text) and (is_short or self._is_first_line_indent(last, line)):
            return True
        return is_short and self._is_broken_off(last, line)

    def _is_short(self, line: TextSegment) -> bool:
        return line.x1 - self.left < _SHORT_LINE * (self.right - self.left)

    def _is_first_line_indent(self, last: TextSegment, line: TextSegment) -> bool:
        return line.x0 - self.left > _MIN_INDENT * line.size >= last.x0 - self.left

    def _is_broken_off(self, last: TextSegment, line: TextSegment) -> bool:
        """Returns whether a line ends early: the next begins like a sentence, and its first word would have fitted."""
        if not line.text[:1].isupper() or last.text.endswith((",", "-", "–")):
            return False
        first_word_width = (line.x1 - line.x0) * len(line.text.split()[0]) / len(line.text)
        return last.x1 + line.size + first_word_width < self.right


def _merge_cells(row: Sequence[TextSegment]) -> list[TextSegment]:
    """Returns the cells of a row. Segments without a cell gap are merged, and so is an item's label with its text."""
    cells = [replace(row[0])]
    for segment in row[1:]:
        last = cells[-1]
        gap = segment.x0 - last.x1
        if gap < MIN_CELL_GAP * segment.size or (len(cells) == 1 and _ITEM_LABEL.fullmatch(last.text)):
            last.text += (" " if gap > MIN_WORD_GAP * segment.size else "") + segment.text
            last.x1, last.size, last.marks = segment.x1, max(last.size, segment.size), last.marks + segment.marks
        else:
            cells.append(replace(segment))
    return cells


def _line_distance(lines: Sequence[TextSegment]) -> float:
    """Returns the usual distance between lines, in points."""
    distances = [
        upper.y - lower.y
        for upper, lower in pairwise(lines)
        if upper.y - lower.y <= _DEFAULT_LINE_SPACING * max(upper.size, lower.size)
    ]
    return median(distances) if distances else _DEFAULT_LINE_SPACING * lines[0].size / _PARAGRAPH_SPACING
