"""Reads PDFs (ISO 32000) from their text layer: the text of every page in reading order, with its page number.

Headings, paragraphs, list items, tables with their heads, and footnotes are kept; a paragraph that runs over a page is
one part with the locators of both pages. Running heads, page and line numbers, footnote marks, text at an angle and
pictures are left out and noted, and so are pages that are damaged or have no text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from index.readers.extracted import Extracted, UnreadableFileError, counted
from index.readers.pdf_characters import PdfPage, read_pages
from index.readers.pdf_lines import TextSegment, segments_of
from index.readers.pdf_margins import without_line_numbers, without_running_heads
from index.readers.pdf_order import reading_order
from index.readers.pdf_paragraphs import spacings_of, words_within_lines
from index.readers.pdf_structure import Style, parts_of, style_of
from index.text.transcript import Role

_END_MARK, _END_BYTES = b"%%EOF", 2048  # the mark is looked for at the end of the file, as other PDF readers do


def read_pdf(data: bytes) -> Extracted:
    """Returns the parts of a document. Raises `UnreadableFileError` when it is encrypted, damaged or without text."""
    pages = list(read_pages(data))
    if not any(page.characters for page in pages):
        raise UnreadableFileError(_no_text_reason(pages))
    drawn = [segments_of(page.characters, page.number) for page in pages]
    unnumbered, line_number_notes = without_line_numbers(drawn)
    segments, running_head_notes = without_running_heads(pages, unnumbered)
    body = _body_style(segments)
    order = reading_order(pages, segments, body[0], spacings_of(segments))
    known_words = words_within_lines(segment.text for on_page in segments for segment in on_page)
    parts = parts_of(order.paragraphs, body, known_words)
    notes = (
        *chain.from_iterable(map(_page_notes, pages)),
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


def _body_style(segments: Iterable[Sequence[TextSegment]]) -> Style:
    """Returns the font size of most of the text, and whether that is bold."""
    characters: Counter[Style] = Counter()
    for on_page in segments:
        for segment in on_page:
            characters[style_of(segment)] += len(segment.text)
    return max(characters, key=lambda style: (characters[style], style), default=(1.0, False))
