"""Joins the rows of a region of a PDF page to paragraphs, and the words that were hyphenated at line ends."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from statistics import median

from index.readers.pdf_characters import Rectangle
from index.readers.pdf_lines import TextSegment, rows_of
from index.readers.pdf_tables import CellLines, ItemLabels, TableRow, begins_turn, cells_of, table_rows

# Lengths are in font sizes unless a comment says otherwise.
_PARAGRAPH_SPACING = 1.4  # times the usual distance between lines: a wider one ends a paragraph
_DEFAULT_LINE_SPACING = 1.29  # where no line shows how far the next one is
_MAX_LINE_SPACING = 3.2
_MIN_SIZE_CHANGE = 0.08  # share of the larger size
_MIN_INDENT = 0.9
_SHORT_LINE = 0.8  # of the region's width: a shorter line that ends a sentence ends its paragraph
DOT_LEADERS = re.compile(r"(?<![.…])(?<![.…]\s)(?:\s?[.…]){5,}\s*[0-9ivxlc]*$")  # of a table of contents
SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]]*$")
_SOFT_HYPHEN = "\u00ad"
_CUT_WORD = re.compile(r"(?<![^\W\d_])([^\W\d_]+)[-‐]$")
_COMPOUND_END = re.compile(r"\w–$|:/{1,2}$|\w/$")  # of a range, an address or alternatives: no space follows
_FIRST_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")

Spacings = Mapping[float, float]  # the usual distance between the lines of each font size, in points


@dataclass(slots=True)
class Paragraph:
    """Consecutive lines of a paragraph, or one row of a table.

    `label` is the bullet or number of a list item, which is left out of its lines, and `indent` how far it is from the
    left edge of its region, in points.
    """

    lines: list[TextSegment] = field(default_factory=list)
    row: TableRow | None = None
    label: str = ""
    indent: float = 0.0
    fills_last_line: bool = False  # its last line reaches the right edge of its region
    boxes: tuple[int, ...] = ()  # the number of the box that it is in

    @property
    def size(self) -> float:
        """The font size of most of its lines."""
        return median(line.size for line in self.lines)

    @property
    def is_bold(self) -> bool:
        """Returns whether every line is bold."""
        return all(line.is_bold for line in self.lines)

    @property
    def cells(self) -> Sequence[CellLines]:
        """The cells of a row of a table; none of a paragraph."""
        return self.row.cells if self.row is not None else ()

    @property
    def text(self) -> str:
        """Its lines, joined by spaces."""
        return " ".join(line.text for line in self.lines)


def paragraphs_of(
    region: Sequence[TextSegment], document_spacings: Spacings, boxes: Sequence[Rectangle] = (), edge: float = 0.0
) -> Iterator[Paragraph]:
    """Yields the paragraphs and table rows of a region of a page, from the top down.

    Lines end early beside `boxes`, and have room up to `edge` where they all end before it.
    """
    rows = cells_of(rows_of(region))
    layout = _Layout.of(rows, document_spacings, boxes, edge)
    for lines, row in table_rows(rows):
        if row is not None:
            yield Paragraph([line for cell in row.cells for line in cell.lines], row)
        else:
            yield from layout.paragraphs([line for line, *_ in lines])


def spacings_of(pages: Iterable[Sequence[TextSegment]]) -> dict[float, float]:
    """Returns the usual distance between lines of each font size, as lines show that run on in the next."""
    return _spacings(chain.from_iterable(pages))


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
        return before + after if _COMPOUND_END.search(before) and after[:1].isalnum() else f"{before} {after}"
    is_whole = (head[1] + tail[0]).lower() in known_words
    is_hyphenated = f"{head[1]}-{tail[0]}".lower() in known_words
    if not tail[0][0].islower() or is_whole == is_hyphenated:
        return f"{before}\n{after}"
    return before[:-1] + after if is_whole else before + after


def _spacings(lines: Iterable[TextSegment]) -> dict[float, float]:
    distances: dict[float, list[float]] = defaultdict(list)
    for upper, lower in pairwise(lines):
        distance = upper.y - lower.y
        runs_on = lower.text[:1].islower() and not SENTENCE_END.search(upper.text)
        if runs_on and _same_size(upper, lower) and 0 < distance <= _MAX_LINE_SPACING * lower.size:
            distances[round(lower.size)].append(distance)
    return {size: median(found) for size, found in distances.items()}


def _same_size(upper: TextSegment, lower: TextSegment) -> bool:
    return abs(upper.size - lower.size) <= _MIN_SIZE_CHANGE * max(upper.size, lower.size)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The edges of a region, and the usual distances between its lines."""

    left: float
    right: float
    spacings: Spacings
    row_count: int
    boxes: Sequence[Rectangle]

    @classmethod
    def of(
        cls,
        rows: Sequence[Sequence[TextSegment]],
        document_spacings: Spacings,
        boxes: Sequence[Rectangle],
        edge: float,
    ) -> _Layout:
        """Measures a region."""
        left, right = min(row[0].x0 for row in rows), max(edge, *(row[-1].x1 for row in rows))
        return cls(left, right, {**document_spacings, **_spacings(row[0] for row in rows)}, len(rows), boxes)

    def paragraphs(self, lines: Iterable[TextSegment]) -> Iterator[Paragraph]:
        """Yields the paragraphs of lines that are one below the other."""
        labels = ItemLabels()
        current = Paragraph()
        for line in lines:
            last = current.lines[-1] if current.lines else None
            label = labels.label_of(line, last, is_apart=last is None or self._is_apart(current, line))
            if last is None or label or self._begins(current, line):
                if last is not None:
                    yield self._closed(current)
                current = Paragraph(label=label, indent=line.x0 - self.left)
            current.lines.append(labels.without_label(line, label))
        if current.lines:
            yield self._closed(current)

    def _closed(self, paragraph: Paragraph) -> Paragraph:
        """Sets `fills_last_line` of a complete paragraph and returns it."""
        paragraph.fills_last_line = self.row_count > 1 and not self._is_short(paragraph.lines[-1])
        return paragraph

    def _begins(self, paragraph: Paragraph, line: TextSegment) -> bool:
        """Returns whether a line begins a paragraph, by its distance, font or words, or by the end of the last line."""
        last = paragraph.lines[-1]
        if not _same_size(last, line) or DOT_LEADERS.search(line.text) or DOT_LEADERS.search(last.text):
            return True
        continues = line.text[:1].islower() and not SENTENCE_END.search(last.text)
        if self._is_apart(paragraph, line):
            return self._is_short(last) or not continues
        return not continues and (
            last.is_bold != line.is_bold or begins_turn(line.text, last.text) or self._ends_early(last, line)
        )

    def _ends_early(self, last: TextSegment, line: TextSegment) -> bool:
        """Returns whether a line is the last of its paragraph, by its length and by where the next one begins."""
        is_short = self._is_short(last)
        if SENTENCE_END.search(last.text) and (is_short or self._is_first_line_indent(last, line)):
            return True
        return is_short and self._is_broken_off(last, line)

    def _is_apart(self, paragraph: Paragraph, line: TextSegment) -> bool:
        """Returns whether a line is farther below a paragraph than its lines are from each other."""
        last = paragraph.lines[-1]
        usual = self.spacings.get(round(line.size), _DEFAULT_LINE_SPACING * line.size)
        if len(paragraph.lines) > 1:
            usual = max(1.0, min(usual, paragraph.lines[-2].y - last.y))
        return last.y - line.y > max(_PARAGRAPH_SPACING * usual, 1.0)

    def _is_short(self, line: TextSegment) -> bool:
        left, right = self._edges(line)
        return line.x1 - left < _SHORT_LINE * (right - left)

    def _edges(self, line: TextSegment) -> tuple[float, float]:
        """Returns between which edges there is room for a line: those of the region, or of a box beside it."""
        beside = [box for box in self.boxes if box.bottom <= line.y <= box.top]
        left = max((box.right for box in beside if self.left <= box.right <= line.x0), default=self.left)
        return left, min((box.left for box in beside if line.x1 <= box.left <= self.right), default=self.right)

    def _is_first_line_indent(self, last: TextSegment, line: TextSegment) -> bool:
        left, _ = self._edges(line)
        return line.x0 - left > _MIN_INDENT * line.size >= last.x0 - left

    def _is_broken_off(self, last: TextSegment, line: TextSegment) -> bool:
        """Returns whether a line ends early: the next begins with a capital or a figure that would have fitted."""
        if not (line.text[:1].isupper() or line.text[:1].isdigit()) or last.text.endswith((",", "-", "–")):
            return False
        first_word_width = (line.x1 - line.x0) * len(line.text.split()[0]) / len(line.text)
        return last.x1 + line.size + first_word_width < self._edges(last)[1]
