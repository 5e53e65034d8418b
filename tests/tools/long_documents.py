"""Measures a long report, Word or PDF: processor time and memory of reading and of indexing it, without a model.

Run as `python -m tests.tools.long_documents word 800` or `python -m tests.tools.long_documents pdf 500`. The sentences
are embedded by hashed words, so that the figures are those of reading, splitting, storing and publishing. The time that
reading may take is not limited, so that a busy machine does not decide; its processor time is what the limit is for.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.chroma import selfcheck
from index.readers.formats import ParserLimits
from index.readers.sandbox import SandboxedParser
from tests.fixtures.files.docx_builder import docx, paragraph, table
from tests.fixtures.files.pdf_builder import DrawnPage, pdf

TITLE = "Northshire Constabulary – PEEL 2023-25"
PARAGRAPHS_A_PAGE = 6
SENTENCE = "In ward {} of page {} the force answered {} calls within the hour, and supervisors checked each of them. "


def word_report(pages: int) -> bytes:
    """Returns a report with a heading and six paragraphs a page, and a table on every fifth page."""
    return docx(paragraph(TITLE, "T") + "".join(_pages(pages)))


def pdf_report(pages: int) -> bytes:
    """Returns a report with pages of one column, of two columns, and with a table, in turn, and running heads."""
    drawn = []
    for number in range(pages):
        page = DrawnPage()
        page.draw(60, 815, TITLE, 8)
        page.draw(290, 25, str(number + 1), 8)
        page.draw(60, 785, f"Area {number}", 15, bold=True)
        for column in range(1 + (number % 3 == 1)):
            y = 750.0
            for paragraph_number in range(6 if number % 3 < 2 else 3):
                words = "".join(SENTENCE.format(ward, number, paragraph_number * 7 + ward) for ward in range(4))
                width = 225 if number % 3 == 1 else 475
                y = page.draw_text(60 + 250 * column, y, width, words, 9) - 8
        if number % 3 == 2:
            for row, cells in enumerate(
                (("Ward", "2022", "2024"), *((f"Ward {ward}", "Good", "Adequate") for ward in range(14)))
            ):
                for column, words in enumerate(cells):
                    page.draw(60 + 150 * column, 500 - 16 * row, words, 9, bold=not row)
        drawn.append(page)
    return pdf(drawn)


def _pages(pages: int) -> Iterator[str]:
    for page in range(pages):
        yield paragraph(f"Area {page}", "H1")
        for number in range(PARAGRAPHS_A_PAGE):
            yield paragraph("".join(SENTENCE.format(ward, page, number * 7 + ward) for ward in range(4)))
        if page % 5 == 0:
            yield table(("Area", "2022", "2024"), *((f"Ward {ward}", "Good", "Adequate") for ward in range(10)))


def main(kind: str, pages: int) -> None:
    """Prints the figures for a report of some pages."""
    suffix, build = {"word": (".docx", word_report), "pdf": (".pdf", pdf_report)}[kind]
    data = build(pages)
    with SandboxedParser(ParserLimits(own_seconds=3600.0, wall_seconds=3600.0)) as parser:
        begun = time.perf_counter()
        parts = parser.extract(data, suffix).parts
        seconds = time.perf_counter() - begun
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = sum(len(part.text.split()) for part in parts)
    processor = child.ru_utime + child.ru_stime
    lines = [
        f"{pages} pages, {len(data) / 2**20:.1f} MB, {words:,} words, {len(parts):,} parts",
        f"read: {seconds:.1f} s; the child took {processor:.1f} s of processor time, {child.ru_maxrss / 1024:.0f} MB",
        _indexing(data, suffix),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def _indexing(data: bytes, suffix: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        sources, index = Path(folder, "sources"), Path(folder, "index")
        sources.mkdir()
        (sources / f"report{suffix}").write_bytes(data)
        begun, processor = time.perf_counter(), time.process_time()
        report = build_index(sources, index, HashedWordEmbedder(), self_check=selfcheck)
        seconds, processor = time.perf_counter() - begun, time.process_time() - processor
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    failed = report.failed or "no file failed"
    return f"indexed: {seconds:.1f} s; {processor:.1f} s of processor time in the main process, {own:.0f} MB; {failed}"


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
