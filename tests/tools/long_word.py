"""Measures reading and indexing a long Word report: processor time and memory of both processes, without a model.

Run as `python -m tests.tools.long_word [PAGES]`. The sentences are embedded by hashed words, so that the figures are
those of reading, splitting, storing and publishing.
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
from index.readers.sandbox import SandboxedParser
from tests.fixtures.files.docx_builder import docx, paragraph, table
from tests.fixtures.index_folders import prove_here

PARAGRAPHS_A_PAGE = 6
SENTENCE = "In ward {} of page {} the force answered {} calls within the hour, and supervisors checked each of them. "


def long_report(pages: int) -> bytes:
    """Returns a report with a heading and six paragraphs a page, and a table on every fifth page."""
    return docx(paragraph("Northshire Constabulary – PEEL 2023–25", "T") + "".join(_pages(pages)))


def _pages(pages: int) -> Iterator[str]:
    for page in range(pages):
        yield paragraph(f"Area {page}", "H1")
        for number in range(PARAGRAPHS_A_PAGE):
            yield paragraph("".join(SENTENCE.format(ward, page, number * 7 + ward) for ward in range(4)))
        if page % 5 == 0:
            yield table(("Area", "2022", "2024"), *((f"Ward {ward}", "Good", "Adequate") for ward in range(10)))


def main(pages: int) -> None:
    """Prints the figures for a report of some pages."""
    data = long_report(pages)
    with SandboxedParser() as parser:
        begun = time.perf_counter()
        parts = parser.extract(data, ".docx").parts
        seconds = time.perf_counter() - begun
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = sum(len(part.text.split()) for part in parts)
    processor = child.ru_utime + child.ru_stime
    lines = [
        f"{pages} pages, {len(data) / 2**20:.1f} MB, {words:,} words, {len(parts):,} parts",
        f"read: {seconds:.1f} s; the child took {processor:.1f} s of processor time, {child.ru_maxrss / 1024:.0f} MB",
        _indexing(data),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def _indexing(data: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        sources, index = Path(folder, "sources"), Path(folder, "index")
        sources.mkdir()
        (sources / "report.docx").write_bytes(data)
        begun, processor = time.perf_counter(), time.process_time()
        report = build_index(sources, index, HashedWordEmbedder(), self_check=prove_here)
        seconds, processor = time.perf_counter() - begun, time.process_time() - processor
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    failed = report.failed or "no file failed"
    return f"indexed: {seconds:.1f} s; {processor:.1f} s of processor time in the main process, {own:.0f} MB; {failed}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 800)
