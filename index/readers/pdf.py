"""Reads PDFs (ISO 32000) from their text layer: the text of every page in reading order, with its page number.

Headings, paragraphs, list items, tables with their heads, and footnotes are kept; a paragraph that runs over a page is
one part with the locators of both pages. Running heads, page and line numbers, footnote marks, text at an angle and
pictures are left out and noted, and so are pages that are damaged or have no text. Fonts and indents show which
paragraphs are the title, headings and list items.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, takewhile

from index.readers.extracted import CELL, LINE, PARAGRAPH, Extracted, ExtractedPart, UnreadableFileError
from index.readers.pdf_characters import no_text_reason, page_notes, read_pages
from index.readers.pdf_lines import TextSegment, segments_of
from index.readers.pdf_margins import without_line_numbers, without_running_heads
from index.readers.pdf_order import reading_order
from index.readers.pdf_paragraphs import (
    DOT_LEADERS,
    SENTENCE_END,
    Paragraph,
    join_lines,
    spacings_of,
    words_within_lines,
)
from index.readers.pdf_tables import CellLines
from index.readers.styles import is_grade
from index.readers.tables import TableCell, heads_of
from index.text.transcript import Locator, Role

Style = tuple[float, bool]  # the font size in points, and whether it is bold

MIN_HEADING_SIZE = 1.12  # times the size of the body
MAX_HEADING_CHARACTERS = 200
MAX_BOLD_HEADING_CHARACTERS = 120
_MIN_BOLD_SIZE = 0.95  # times the size of the body
_MAX_COLON_WORDS = 4  # of a heading that ends with a colon; a longer one introduces what follows
_MIN_PROSE_WORDS = 5  # of a paragraph that shows that its page is no cover
_MIN_TABLE_ROWS = 2  # of several cells: less is a line with text at both ends
_INDENT_POINTS = 6.0  # by which an item of a list within a list is set in
_MAX_ITEM_INDENT_POINTS = 60.0  # by which a further paragraph of an item is set in
_WORD = re.compile(r"[^\W\d_]{2,}")
_MARK_OR_NUMBER = re.compile(r".*[\dxX✓✔●•].*")


def parts_of(paragraphs: Sequence[Paragraph], body: Style, known_words: Collection[str]) -> list[ExtractedPart]:
    """Returns the parts of a document in reading order. `body` is the style of most of its text."""
    styles = _HeadingStyles(body)
    headings = [paragraph for paragraph in paragraphs if styles.is_heading(paragraph)]
    title = _title(paragraphs, styles, guess=bool(headings))
    in_title = {id(paragraph) for paragraph in title}
    levels = sorted({style_of(heading) for heading in headings if id(heading) not in in_title}, reverse=True)
    writer = _PartWriter(known_words)
    number = 0
    while number < len(paragraphs):
        paragraph = paragraphs[number]
        if id(paragraph) in in_title:
            number += writer.add_title(title)
        elif paragraph.row is not None:
            number += writer.add_table(_rows_of_table(paragraphs, number))
        else:
            is_heading = styles.is_heading(paragraph)
            writer.add(paragraph, level=levels.index(style_of(paragraph)) + 1 if is_heading else 0)
            number += 1
    return writer.parts


def style_of(text: Paragraph | TextSegment) -> Style:
    """Returns the style of a paragraph or a line."""
    return round(2 * text.size) / 2, text.is_bold


@dataclass(frozen=True, slots=True)
class _HeadingStyles:
    body: Style

    def is_heading(self, paragraph: Paragraph) -> bool:
        """Returns whether a paragraph is a heading, by its font and its form. A grade alone is what is found."""
        if paragraph.row is not None or (paragraph.label and not paragraph.label.strip("().").isalnum()):
            return False
        text = paragraph.text
        if not _WORD.search(text) or is_grade(text) or DOT_LEADERS.search(text):
            return False
        return self._is_large(paragraph, text) or self._is_bold(paragraph, text)

    def _is_large(self, paragraph: Paragraph, text: str) -> bool:
        is_large = paragraph.size >= MIN_HEADING_SIZE * self.body[0]
        return is_large and len(text) <= MAX_HEADING_CHARACTERS and not text.endswith((".", ";", ","))

    def _is_bold(self, paragraph: Paragraph, text: str) -> bool:
        is_bold = paragraph.is_bold and not self.body[1] and paragraph.size >= _MIN_BOLD_SIZE * self.body[0]
        if not is_bold or len(text) > MAX_BOLD_HEADING_CHARACTERS or text.endswith((".", ";", ",")):
            return False
        return not text.endswith(":") or len(text.split()) <= _MAX_COLON_WORDS


def _title(paragraphs: Sequence[Paragraph], styles: _HeadingStyles, *, guess: bool) -> list[Paragraph]:
    """Returns the lines of the title: those of the first page in its most prominent font, with those above them.

    On a cover, which has no prose, the lines below them belong to the title too. Where no line is prominent, the first
    line of the document is the title if `guess` is true and it is no sentence.
    """
    first_page = paragraphs[0].lines[0].page if paragraphs else 0
    on_page = list(takewhile(lambda paragraph: paragraph.lines[0].page == first_page, paragraphs))
    prominent = {number for number, paragraph in enumerate(on_page) if styles.is_heading(paragraph)}
    if not prominent:
        return on_page[:1] if guess and _is_title_line(on_page[0]) else []
    best = max(prominent, key=lambda number: (style_of(on_page[number]), -number))
    is_cover = not any(map(_is_prose, on_page))
    below = {number for number in prominent if is_cover or style_of(on_page[number]) == style_of(on_page[best])}
    first = _extended(best, -1, prominent)
    return on_page[first : _extended(best, 1, below) + 1]


def _is_title_line(paragraph: Paragraph) -> bool:
    text = paragraph.text
    return paragraph.row is None and not SENTENCE_END.search(text) and _WORD.search(text) is not None


def _extended(number: int, step: int, belonging: Collection[int]) -> int:
    while number + step in belonging:
        number += step
    return number


def _is_prose(paragraph: Paragraph) -> bool:
    if DOT_LEADERS.search(paragraph.text):
        return True
    return len(paragraph.text.split()) >= _MIN_PROSE_WORDS and SENTENCE_END.search(paragraph.text) is not None


def _rows_of_table(paragraphs: Sequence[Paragraph], first: int) -> list[Paragraph]:
    """Returns the rows of the table that begins at a paragraph."""
    rows = [paragraphs[first]]
    for paragraph in paragraphs[first + 1 :]:
        if paragraph.row is None or paragraph.row.begins_table:
            break
        rows.append(paragraph)
    return rows


@dataclass(slots=True)
class _PartWriter:
    """The parts so far, and how far the items of the open lists are set in, from the outermost."""

    known_words: Collection[str]
    parts: list[ExtractedPart] = field(default_factory=list)
    _indents: list[float] = field(default_factory=list)

    def add_title(self, lines: Sequence[Paragraph]) -> int:
        """Adds the title. Returns of how many paragraphs it consists."""
        texts = [self._text_of(line.lines, line.label) for line in lines]
        text = "\n".join(words for words, _ in texts)
        self.parts.append(ExtractedPart(text, Role.TITLE, PARAGRAPH, texts[0][1], boxes=lines[0].boxes))
        return len(lines)

    def add(self, paragraph: Paragraph, *, level: int) -> None:
        """Adds a paragraph, a heading if it has a level, or a list item."""
        if level:
            self._indents.clear()
            text, locators = self._text_of(paragraph.lines, paragraph.label)
            boxes = paragraph.boxes
            self.parts.append(ExtractedPart(text, Role.HEADING, PARAGRAPH, locators, level=level, boxes=boxes))
            return
        text, locators = self._text_of(paragraph.lines)
        role = Role.MARKUP if DOT_LEADERS.search(text) else Role.FINDING
        separator = f"{PARAGRAPH}{paragraph.label} " if paragraph.label else PARAGRAPH
        depth = self._depth(paragraph)
        boxes = paragraph.boxes
        self.parts.append(ExtractedPart(text, role, separator, locators, list_depth=depth, boxes=boxes))

    def add_table(self, paragraphs: Sequence[Paragraph]) -> int:
        """Adds the cells of a table with their heads. Returns how many rows it has."""
        self._indents.clear()
        first = len(self.parts)
        cells = [
            self._add_cell(cell, number, paragraph)
            for number, paragraph in enumerate(paragraphs)
            for cell in paragraph.cells
        ]
        rows = sum(len(paragraph.cells) > 1 for paragraph in paragraphs)
        found = heads_of(cells if rows >= _MIN_TABLE_ROWS else [])
        for number in range(first, len(self.parts)):
            part = self.parts[number]
            role = Role.HEADING if number in found.headings else part.role
            self.parts[number] = replace(part, role=role, heads=found.heads.get(number, ()))
        return len(paragraphs)

    def _add_cell(self, cell: CellLines, row: int, paragraph: Paragraph) -> TableCell:
        is_first = cell is paragraph.cells[0]
        text, locators = self._text_of(cell.lines)
        separator = LINE if is_first else CELL
        table_cell = TableCell(row, cell.column, column_span=cell.span)
        if _WORD.search(text) or _MARK_OR_NUMBER.fullmatch(text):
            is_bold = all(line.is_bold for line in cell.lines)
            table_cell.add_part(len(self.parts), text, is_bold=is_bold)
        self.parts.append(
            ExtractedPart(
                text, Role.FINDING, separator, locators if is_first else (), is_cell=True, boxes=paragraph.boxes
            )
        )
        return table_cell

    def _depth(self, paragraph: Paragraph) -> int:
        """Returns the depth of a list item, or of a paragraph within one; 0 for any other."""
        indent = paragraph.indent
        nearest = _INDENT_POINTS if paragraph.label else -_INDENT_POINTS
        while self._indents and indent < self._indents[-1] - nearest:
            self._indents.pop()
        if paragraph.label:
            self._open_list(paragraph.label, indent)
        elif self._indents and indent > self._indents[-1] + _MAX_ITEM_INDENT_POINTS:
            self._indents.clear()
        return len(self._indents)

    def _open_list(self, label: str, indent: float) -> None:
        """Adds the indent of an item to those of the open lists, if it begins a list."""
        if self._indents:
            if indent > self._indents[-1] + _INDENT_POINTS:
                self._indents.append(indent)
        elif self._opens_list(label):
            self._indents.append(indent)

    def _opens_list(self, label: str) -> bool:
        """Returns whether a label begins a list: a bullet always, a number after a heading or a colon."""
        before = self.parts[-1] if self.parts else None
        is_number = label.strip("().").isalnum() and label != "o"
        return not is_number or before is None or before.role is not Role.FINDING or before.text.endswith(":")

    def _text_of(self, lines: Sequence[TextSegment], label: str = "") -> tuple[str, tuple[Locator, ...]]:
        """Returns the words of lines, and where its pages begin in it."""
        text = ""
        locators: list[Locator] = []
        for line in lines:
            words = f"{label} {line.text}" if label and not text else line.text
            text = join_lines(text, words, self.known_words) if text else words
            if not locators or locators[-1].label != str(line.page):
                locators.append(Locator("page", str(line.page), len(text) - len(words)))
        return text, tuple(locators)


_END_MARK, _END_BYTES = b"%%EOF", 2048  # the mark is looked for at the end of the file, as other PDF readers do


def read_pdf(data: bytes) -> Extracted:
    """Returns the parts of a document. Raises `UnreadableFileError` when it is encrypted, damaged or without text."""
    pages = list(read_pages(data))
    if not any(page.characters for page in pages):
        raise UnreadableFileError(no_text_reason(pages))
    drawn = [segments_of(page.characters, page.number) for page in pages]
    unnumbered, line_number_notes = without_line_numbers(drawn)
    segments, running_head_notes = without_running_heads(pages, unnumbered)
    body = _body_style(segments)
    order = reading_order(pages, segments, body[0], spacings_of(segments))
    known_words = words_within_lines(segment.text for on_page in segments for segment in on_page)
    parts = parts_of(order.paragraphs, body, known_words)
    notes = (
        *chain.from_iterable(map(page_notes, pages)),
        *line_number_notes,
        *running_head_notes,
        *_missing_end_notes(data),
        *_footnote_mark_notes(segments),
        *(
            f"Page {page}: a text begins within a sentence, and what precedes it is not known; kept apart."
            for page in order.doubtful_pages
        ),
    )
    declares_headings = any(part.role in (Role.TITLE, Role.HEADING) and not part.is_cell for part in parts)
    return Extracted(tuple(parts), notes, declares_headings=declares_headings)


def _missing_end_notes(data: bytes) -> Iterator[str]:
    if _END_MARK not in data[-_END_BYTES:]:
        yield "The end of the file is missing: it may have been cut short."


def _footnote_mark_notes(segments: Iterable[Sequence[TextSegment]]) -> Iterator[str]:
    for on_page in segments:
        marks = [mark for segment in on_page for mark in segment.marks]
        if marks:
            yield f"Page {on_page[0].page}: footnote marks left out of the text: {' '.join(marks)}."


def _body_style(segments: Iterable[Sequence[TextSegment]]) -> Style:
    """Returns the font size of most of the text, and whether that is bold."""
    characters: Counter[Style] = Counter()
    for on_page in segments:
        for segment in on_page:
            characters[style_of(segment)] += len(segment.text)
    return max(characters, key=lambda style: (characters[style], style), default=(1.0, False))
