"""Reads PDFs (ISO 32000) from their text layer: the text of every page in reading order, with its page number.

Headings, paragraphs, list items, table rows and footnotes are kept; a paragraph that runs over a page is one part
with the locators of both pages. Running heads, page numbers, footnote marks, text at an angle and pictures are left
out and noted, and so are pages that are damaged or have no text.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from index.readers.extracted import (
    CELL,
    LINE,
    PARAGRAPH,
    Extracted,
    ExtractedPart,
    UnreadableFileError,
    counted,
    excerpt,
)
from index.readers.pdf_characters import PdfPage, read_pages
from index.readers.pdf_lines import TextSegment, regions_of, row_text, rows_of, segments_of
from index.readers.pdf_paragraphs import (
    DOT_LEADERS,
    SENTENCE_END,
    Paragraph,
    join_lines,
    paragraphs_of,
    words_within_lines,
)
from index.text.transcript import Locator, Role

PageRow = tuple[int, list[TextSegment]]  # the number of a page, and a row on it
RowPlace = tuple[str, int]  # the text of a row with "#" for numbers, and its height on the page

MIN_HEADING_SIZE = 1.12  # times the size of the body
MAX_HEADING_CHARACTERS = 200
MAX_FOOTNOTE_SIZE = 0.92  # times the size of the body
MAX_FOOTNOTE_HEIGHT = 0.45  # of the page's height, from the bottom
MARGIN = 0.13  # of a page's height, at the top and at the bottom, in which running heads are looked for
MAX_MARGIN_ROWS = 3
_PLACE_POINTS = 4.0  # within which rows of two pages are at the same height
_SHORT_DOCUMENT_PAGES = 4
_MAX_LINE_DISTANCE = 1.6  # font sizes
_MAX_SIZE_DIFFERENCE = 0.08  # share of the size
_END_MARK, _END_BYTES = b"%%EOF", 2048  # the mark is looked for at the end of the file, as other PDF readers do
_FOOTNOTE_START = re.compile(r"(?:[0-9]{1,3}|[*†‡§]+)[.)]?\s*\S")
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_NUMBER_AT_EDGE = re.compile(r"^#\s|\s#$")
_PAGE_NUMBER = re.compile(r"[-–—|\s]*(?:page\s*)?#(?:\s*(?:of|/)\s*#)?[-–—|\s]*", re.IGNORECASE)


def read_pdf(data: bytes) -> Extracted:
    """Returns the parts of a document. Raises `UnreadableFileError` when it is encrypted, damaged or without text."""
    pages = list(read_pages(data))
    if not any(page.characters for page in pages):
        raise UnreadableFileError(_no_text_reason(pages))
    drawn = [segments_of(page.characters, page.number) for page in pages]
    segments, running_head_notes = without_running_heads(pages, drawn)
    body_size = _body_size(segments)
    known_words = words_within_lines(segment.text for on_page in segments for segment in on_page)
    paragraphs = list(_in_reading_order(pages, segments, body_size))
    parts = [part for paragraph in paragraphs for part in _parts(paragraph, known_words, body_size)]
    _mark_title(parts, paragraphs)
    notes = (
        *chain.from_iterable(map(_page_notes, pages)),
        *running_head_notes,
        *_missing_end_notes(data),
        *_footnote_mark_notes(segments),
    )
    return Extracted(tuple(parts), notes, declares_headings=any(part.role is Role.HEADING for part in parts))


def without_running_heads(
    pages: Sequence[PdfPage], segments: Sequence[list[TextSegment]]
) -> tuple[list[list[TextSegment]], list[str]]:
    """Returns the segments of each page without running heads and page numbers, and notes on those.

    A row in the margin is a running head when two pages have it at the same height, or three pages of a long
    document, numbers aside; and when it is at such a height and begins or ends with a number.
    """
    rows_by_place: dict[RowPlace, list[PageRow]] = defaultdict(list)
    for page, on_page in zip(pages, segments, strict=True):
        for row in _margin_rows(page, on_page):
            rows_by_place[_pattern(row), round(row[0].y / _PLACE_POINTS)].append((page.number, row))
    heads = _running_heads(rows_by_place, len(pages))
    removed = {id(segment) for rows in heads.values() for _, row in rows for segment in row}
    kept = [[segment for segment in on_page if id(segment) not in removed] for on_page in segments]
    return kept, [_running_head_note(pattern, rows) for (pattern, _), rows in heads.items()]


def _margin_rows(page: PdfPage, segments: Sequence[TextSegment]) -> list[list[TextSegment]]:
    """Returns the outermost rows in the top and bottom margins of a page."""
    heights = [segment.y for segment in segments]
    if not heights:
        return []
    bottom, top = min(0.0, *heights), max(page.height, *heights)  # the page may be turned
    margin = MARGIN * (top - bottom)
    rows = rows_of(segment for segment in segments if segment.y >= top - margin or segment.y <= bottom + margin)
    upper = [row for row in rows if row[0].y >= top - margin][:MAX_MARGIN_ROWS]
    return upper + [row for row in rows if row[0].y <= bottom + margin][-MAX_MARGIN_ROWS:]


def _pattern(row: Sequence[TextSegment]) -> str:
    return _NUMBER.sub("#", row_text(row).lower())


def _running_heads(rows_by_place: Mapping[RowPlace, list[PageRow]], page_count: int) -> dict[RowPlace, list[PageRow]]:
    min_pages = 2 if page_count <= _SHORT_DOCUMENT_PAGES else 3
    repeated = {place: rows for place, rows in rows_by_place.items() if len({page for page, _ in rows}) >= min_pages}
    heights = {height for _, height in repeated}
    numbered = {
        (pattern, height): rows
        for (pattern, height), rows in rows_by_place.items()
        if height in heights and _NUMBER_AT_EDGE.search(pattern)
    }
    return repeated | numbered


def _running_head_note(pattern: str, rows: Sequence[PageRow]) -> str:
    numbers = sorted({number for number, _ in rows})
    first, last = numbers[0], numbers[-1]
    if first == last:
        where = f"on page {first}"
    elif len(numbers) == last - first + 1:
        where = f"on pages {first} to {last}"
    else:
        where = f"on {len(numbers)} pages"
    if _PAGE_NUMBER.fullmatch(pattern):
        return f"Page {'number' if first == last else 'numbers'} {where} left out."
    return f"Running head {where} left out: {excerpt(row_text(rows[0][1]))}."


def _no_text_reason(pages: Sequence[PdfPage]) -> str:
    if all(page.damaged for page in pages):
        return f"all its {len(pages)} pages are damaged." if len(pages) > 1 else "its page is damaged."
    content = "its page contains" if len(pages) == 1 else f"its {len(pages)} pages contain"
    if any(page.pictures for page in pages):
        return f"{content} pictures and no text: it is a scan, which first needs text recognition (OCR)."
    return f"{content} no text."


def _page_notes(page: PdfPage) -> Iterator[str]:
    if page.damaged:
        yield f"Page {page.number}: damaged, not read."
    elif not page.characters:
        content = "a picture and no text, probably a scan; not read" if page.pictures else "no text"
        yield f"Page {page.number}: {content}."
    elif page.pictures:
        yield f"Page {page.number}: {counted(page.pictures, 'picture')} not read."
    if page.angled:
        yield f"Page {page.number}: {counted(page.angled, 'character')} at an angle left out."
    if page.unmapped:
        yield f"Page {page.number}: the file does not identify {counted(page.unmapped, 'character')}."


def _missing_end_notes(data: bytes) -> Iterator[str]:
    if _END_MARK not in data[-_END_BYTES:]:
        yield "The end of the file is missing: it may have been cut short."


def _footnote_mark_notes(segments: Iterable[Sequence[TextSegment]]) -> Iterator[str]:
    for on_page in segments:
        marks = [mark for segment in on_page for mark in segment.marks]
        if marks:
            yield f"Page {on_page[0].page}: footnote marks left out of the text: {' '.join(marks)}."


def _body_size(segments: Iterable[Sequence[TextSegment]]) -> float:
    """Returns the font size of most of the text."""
    characters: Counter[float] = Counter()
    for on_page in segments:
        for segment in on_page:
            characters[round(segment.size, 1)] += len(segment.text)
    return max(characters, key=lambda size: (characters[size], size), default=1.0)


def _in_reading_order(
    pages: Sequence[PdfPage], segments: Sequence[list[TextSegment]], body_size: float
) -> Iterator[Paragraph]:
    """Yields the paragraphs of all pages. One that runs over a column or a page comes before the footnotes between."""
    running: Paragraph | None = None
    waiting: list[Paragraph] = []  # footnotes, until the running paragraph ends
    for page, on_page in zip(pages, segments, strict=True):
        footnotes: list[Paragraph] = []
        for region in regions_of(on_page):
            at_top = True
            for paragraph in paragraphs_of(region):
                if _is_footnote(paragraph, page, body_size):
                    footnotes.append(paragraph)
                    continue
                if running is not None and at_top and _runs_on(running, paragraph):
                    running.lines += paragraph.lines
                    running.fills_last_line = paragraph.fills_last_line
                else:
                    yield from [running] if running else []
                    yield from waiting
                    running, waiting = paragraph, []
                at_top = False
        waiting += footnotes
    yield from [running] if running else []
    yield from waiting


def _is_footnote(paragraph: Paragraph, page: PdfPage, body_size: float) -> bool:
    is_small = paragraph.size <= MAX_FOOTNOTE_SIZE * body_size
    is_low = paragraph.lines[0].y <= MAX_FOOTNOTE_HEIGHT * page.height
    return is_small and is_low and _FOOTNOTE_START.match(paragraph.text) is not None


def _runs_on(before: Paragraph, after: Paragraph) -> bool:
    """Returns whether a paragraph continues in the next, over a column or a page: no sentence ends or begins there."""
    last, first = before.lines[-1], after.lines[0]
    if before.is_table_row or after.is_table_row or _is_set_apart(last, first):
        return False
    if abs(before.size - after.size) > _MAX_SIZE_DIFFERENCE * before.size or SENTENCE_END.search(last.text):
        return False
    start = first.text[:1]
    return start.islower() or (before.fills_last_line and start.isalnum())


def _is_set_apart(last: TextSegment, first: TextSegment) -> bool:
    """Returns whether a line is below another in the same column with a gap between them."""
    overlaps = first.x0 < last.x1 and last.x0 < first.x1
    is_below = last.page == first.page and last.y > first.y and overlaps
    return is_below and last.y - first.y > _MAX_LINE_DISTANCE * last.size


def _parts(paragraph: Paragraph, known_words: frozenset[str], body_size: float) -> Iterator[ExtractedPart]:
    if paragraph.is_table_row:
        first, *others = paragraph.lines
        yield ExtractedPart(first.text, Role.FINDING, LINE, (_page_locator(first, 0),), is_cell=True)
        for cell in others:
            yield ExtractedPart(cell.text, Role.FINDING, CELL, is_cell=True)
        return
    text = ""
    locators: list[Locator] = []
    for line in paragraph.lines:
        text = join_lines(text, line.text, known_words) if text else line.text
        if not locators or locators[-1].label != str(line.page):
            locators.append(_page_locator(line, len(text) - len(line.text)))
    yield ExtractedPart(text, _role(paragraph, text, body_size), PARAGRAPH, tuple(locators))


def _page_locator(line: TextSegment, start: int) -> Locator:
    return Locator("page", str(line.page), start)


def _role(paragraph: Paragraph, text: str, body_size: float) -> Role:
    if DOT_LEADERS.search(text):
        return Role.MARKUP
    is_large = paragraph.size >= MIN_HEADING_SIZE * body_size
    is_heading = is_large and len(text) <= MAX_HEADING_CHARACTERS and not text.endswith(".")
    return Role.HEADING if is_heading else Role.FINDING


def _mark_title(parts: list[ExtractedPart], paragraphs: Sequence[Paragraph]) -> None:
    """Makes the heading in the largest font size of the first page the title."""
    largest = _largest_on_first_page(paragraphs)
    for number, part in enumerate(parts):
        if part.role is Role.HEADING and part.text.split() in largest:
            parts[number] = replace(part, role=Role.TITLE)
            return


def _largest_on_first_page(paragraphs: Sequence[Paragraph]) -> list[list[str]]:
    """Returns the words of each paragraph in the largest font size of the first page."""
    first_page = paragraphs[0].lines[0].page if paragraphs else 0
    candidates = [item for item in paragraphs if item.lines[0].page == first_page and not item.is_table_row]
    largest_size = max((paragraph.size for paragraph in candidates), default=0.0)
    return [paragraph.text.split() for paragraph in candidates if paragraph.size == largest_size]
