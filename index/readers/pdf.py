"""PDF: the text of each page in reading order, with the number of the page it stands on, counted from 1.

Running heads and page numbers: lines at the edge of a page that others have at the same place.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from index.readers.extracted import CELL, LINE, PARAGRAPH, Extracted, ExtractedPart, UnreadableFileError, excerpt
from index.readers.pdf_characters import PdfPage, sheets_of
from index.readers.pdf_lines import Stretch, regions_of, row_text, rows_of, stretches_of
from index.readers.pdf_paragraphs import ENDS, LEADERS, Paragraph, joined, paragraphs_of, vocabulary
from index.text.transcript import Locator, Role

MARGIN = 0.13  # of a page's height, at the top and at the bottom
ROWS = 3  # looked at in each margin
_PLACE = 4.0  # points within which a line stands at the same place
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_NUMBERED = re.compile(r"^#\s|\s#$")
_PAGE = re.compile(r"[-–—|\s]*(?:page\s*)?#(?:\s*(?:of|/)\s*#)?[-–—|\s]*", re.IGNORECASE)


def without_running_heads(
    sheets: Sequence[PdfPage], stretches: Sequence[list[Stretch]]
) -> tuple[list[list[Stretch]], list[str]]:
    """The stretches of each page but for those of running heads and page numbers, and notes on these.

    A line is a running head when two pages have it at the same place, or three in a longer document, whatever its
    figures say; and when it stands at such a place and begins or ends with a page's number.
    """
    found: dict[tuple[str, int], list[tuple[int, list[Stretch]]]] = defaultdict(list)
    for number, (sheet, of_page) in enumerate(zip(sheets, stretches, strict=True)):
        for row in _edge_rows(sheet, of_page):
            found[_pattern(row), round(row[0].y / _PLACE)].append((number, row))
    wanted = 2 if len(sheets) <= 4 else 3
    repeated = {key: rows for key, rows in found.items() if len({number for number, _ in rows}) >= wanted}
    places = {place for _, place in repeated}
    repeated |= {key: rows for key, rows in found.items() if key[1] in places and _NUMBERED.search(key[0])}
    gone = {id(one) for rows in repeated.values() for _, row in rows for one in row}
    left = [[one for one in of_page if id(one) not in gone] for of_page in stretches]
    return left, [
        _note(pattern, [(sheets[n].number, row) for n, row in rows]) for (pattern, _), rows in repeated.items()
    ]


def _edge_rows(sheet: PdfPage, stretches: Sequence[Stretch]) -> list[list[Stretch]]:
    heights = [one.y for one in stretches]
    if not heights:
        return []
    bottom, top = min(0.0, *heights), max(sheet.height, *heights)  # of a turned page too
    edge = MARGIN * (top - bottom)
    rows = rows_of(one for one in stretches if one.y >= top - edge or one.y <= bottom + edge)
    upper = [row for row in rows if row[0].y >= top - edge][:ROWS]
    return upper + [row for row in rows if row[0].y <= bottom + edge][-ROWS:]


def _pattern(row: Sequence[Stretch]) -> str:
    return _NUMBER.sub("#", row_text(row).lower())


def _note(pattern: str, rows: Sequence[tuple[int, list[Stretch]]]) -> str:
    pages = sorted({page for page, _ in rows})
    where = (
        f"on pages {pages[0]} to {pages[-1]}" if len(pages) == pages[-1] - pages[0] + 1 else f"on {len(pages)} pages"
    )
    if _PAGE.fullmatch(pattern):
        return f"Page numbers {where} left out."
    return f"Running head {where} left out: {excerpt(row_text(rows[0][1]))}."


_END, _TAIL = b"%%EOF", 2048  # bytes, as readers of PDF allow
LARGER = 1.12  # times the size of the body: a heading
SMALLER = 0.92  # times the size of the body, at the foot of a page: a footnote
FOOT = 0.45  # of a page's height, within which footnotes stand
_NEXT_LINE = 1.6  # font sizes
LONGEST_HEADING = 200  # characters
_NOTE_MARK = re.compile(r"(?:[0-9]{1,3}|[*†‡§]+)[.)]?\s*\S")


def read_pdf(data: bytes) -> Extracted:
    """The parts of a document: a paragraph that runs over a page is one part, with both pages.

    Running heads, page numbers, footnote marks and text across the page are left out and noted; a page without text is
    said to be one. Raises `UnreadableFileError` for what is encrypted, damaged or has no text at all.
    """
    sheets = list(sheets_of(data))
    if not any(sheet.letters for sheet in sheets):
        raise UnreadableFileError(_no_text(sheets))
    stretches, notes = without_running_heads(sheets, [stretches_of(sheet.letters, sheet.number) for sheet in sheets])
    body = _body_size(one for of_page in stretches for one in of_page)
    known = vocabulary(one.text for of_page in stretches for one in of_page)
    paragraphs = list(_in_order(sheets, stretches, body))
    parts = [part for paragraph in paragraphs for part in _parts(paragraph, known, body)]
    _name_the_title(parts, paragraphs)
    if _END not in data[-_TAIL:]:
        notes.append("The file lacks its end: it may have been cut short.")
    notes = [note for sheet in sheets for note in _notes(sheet)] + notes + list(_marks(stretches))
    return Extracted(tuple(parts), tuple(notes), told=any(part.role is Role.HEADING for part in parts))


def _no_text(sheets: Sequence[PdfPage]) -> str:
    if all(sheet.damaged for sheet in sheets):
        return f"{len(sheets)} pages are damaged, and there is no other." if len(sheets) > 1 else "its page is damaged."
    pages = "its page holds" if len(sheets) == 1 else f"its {len(sheets)} pages hold"
    if any(sheet.pictures for sheet in sheets):
        return f"{pages} pictures and no text: it is a scan, to be put through text recognition (OCR) first."
    return f"{pages} no text."


def _notes(sheet: PdfPage) -> Iterator[str]:
    if sheet.damaged:
        yield f"Page {sheet.number}: damaged, and not read."
    elif not sheet.letters:
        what = "a picture and no text, as a scan has: not read" if sheet.pictures else "no text"
        yield f"Page {sheet.number}: {what}."
    elif sheet.pictures:
        yield f"Page {sheet.number}: {sheet.pictures} {'picture' if sheet.pictures == 1 else 'pictures'} not read."
    if sheet.askew:
        yield f"Page {sheet.number}: {sheet.askew} characters written across the page left out."
    if sheet.unmapped:
        yield f"Page {sheet.number}: the file does not say what {sheet.unmapped} of its characters are."


def _marks(stretches: Iterable[Sequence[Stretch]]) -> Iterator[str]:
    for of_page in stretches:
        marks = [mark for stretch in of_page for mark in stretch.marks]
        if marks:
            yield f"Page {of_page[0].page}: footnote marks left out of the text: {' '.join(marks)}."


def _body_size(stretches: Iterable[Stretch]) -> float:
    """The size most of the text is in."""
    sizes: Counter[float] = Counter()
    for stretch in stretches:
        sizes[round(stretch.size, 1)] += len(stretch.text)
    return max(sizes.items(), key=lambda item: (item[1], item[0]))[0] if sizes else 1.0


def _in_order(sheets: Sequence[PdfPage], stretches: Sequence[list[Stretch]], body: float) -> Iterator[Paragraph]:
    """Paragraphs in reading order. One that runs on over a column or a page comes before the footnotes there."""
    running: Paragraph | None = None
    waiting: list[Paragraph] = []
    for sheet, of_page in zip(sheets, stretches, strict=True):
        footnotes: list[Paragraph] = []
        for region in regions_of(of_page):
            at_top = True
            for paragraph in paragraphs_of(region):
                if _is_footnote(paragraph, sheet, body):
                    footnotes.append(paragraph)
                    continue
                if running is not None and at_top and _runs_on(running, paragraph):
                    running.lines += paragraph.lines
                    running.full = paragraph.full
                else:
                    yield from [running] if running else []
                    yield from waiting
                    running, waiting = paragraph, []
                at_top = False
        waiting += footnotes
    yield from [running] if running else []
    yield from waiting


def _is_footnote(paragraph: Paragraph, sheet: PdfPage, body: float) -> bool:
    small = paragraph.size <= SMALLER * body and paragraph.lines[0].y <= FOOT * sheet.height
    return small and _NOTE_MARK.match(paragraph.text) is not None


def _runs_on(before: Paragraph, after: Paragraph) -> bool:
    """Whether a paragraph goes on in the next, over a column or a page: nothing ended there, and nothing begins."""
    last, first = before.lines[-1], after.lines[0]
    below = last.page == first.page and last.y > first.y and last.x0 < first.x1 and first.x0 < last.x1
    apart = below and last.y - first.y > _NEXT_LINE * last.size
    if before.cells or after.cells or apart or abs(before.size - after.size) > 0.08 * before.size:
        return False
    begins = first.text[:1]
    return not ENDS.search(last.text) and (begins.islower() or (before.full and begins.isalnum()))


def _parts(paragraph: Paragraph, known: frozenset[str], body: float) -> Iterator[ExtractedPart]:
    if paragraph.cells:
        for number, cell in enumerate(paragraph.lines):
            marks = () if number else (_page(cell, 0),)
            yield ExtractedPart(cell.text, Role.FINDING, CELL if number else LINE, marks, cell=True)
        return
    text = ""
    page_marks: list[Locator] = []
    for line in paragraph.lines:
        text = joined(text, line.text, known) if text else line.text
        if not page_marks or page_marks[-1].label != str(line.page):
            page_marks.append(_page(line, len(text) - len(line.text)))
    heads = paragraph.size >= LARGER * body and len(text) <= LONGEST_HEADING and not text.endswith(".")
    role = Role.MARKUP if LEADERS.search(text) else Role.HEADING if heads else Role.FINDING
    yield ExtractedPart(text, role, PARAGRAPH, tuple(page_marks))


def _page(line: Stretch, start: int) -> Locator:
    return Locator("page", str(line.page), start)


def _name_the_title(parts: list[ExtractedPart], paragraphs: Sequence[Paragraph]) -> None:
    """The heading in the largest letters of the first page becomes the title."""
    first_page = [one for one in paragraphs if one.lines[0].page == paragraphs[0].lines[0].page and not one.cells]
    largest = max((one.size for one in first_page), default=0.0)
    texts = [" ".join(one.text.split()) for one in first_page if one.size == largest]
    for number, part in enumerate(parts):
        if part.role is Role.HEADING and " ".join(part.text.split()) in texts:
            parts[number] = ExtractedPart(part.text, Role.TITLE, part.before, part.marks)
            return
