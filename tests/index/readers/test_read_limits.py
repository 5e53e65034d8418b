"""Files written to be slow or huge: their work grows with their size, or the sandbox ends them, and they are named."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import process_time

import pytest

from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import SourceError
from index.readers.docx import read_docx
from index.readers.extracted import compose_text
from index.readers.formats import ParserLimits
from index.readers.html import read_html
from index.readers.markdown import blocks_of_markdown
from index.readers.read import read
from index.readers.sandbox import SandboxedParser
from index.readers.text import blocks_of_text
from index.sources.files import SourceFile
from index.text.words import clean
from tests.fixtures.files.docx_builder import docx, paragraph, table

REPEATED = (
    "<", "<!--", "<?", "<![CDATA[", "&", "_a ", "[a](", "![", "[", "*", "|", "> ", "- ", "# ", "`", "(a) ", "Q. ", "\n",
    " ", "•", "a|b\n", "1. ", "x: y\n", "Cookies on ", "SPEAKERS\n", "Contents\na\n",
)  # fmt: skip
ELEMENTS = (
    "<p>It is good.</p>", "<div class='menu'><a href='#x'>A</a></div>", "<ul><li>a</li></ul>", "<b>x</b>", "<br>",
    "<table><tr><td>a</td><td>b</td></tr></table>", "<tr><th>a</th><td>b</td></tr>", "<td rowspan='9'>a</td>",
    "<button aria-controls='p'>Open it</button>", "<div class='box'><h3>Cause of concern</h3>x</div>", "<h2>a</h2>x",
    "<details><summary>A b</summary>c</details>", "<dl><dt>a</dt><dd>b</dd></dl>", "<a href='#p'>word</a> ",
    "<p hidden>a</p>", "<sup><a href='#n'>1</a></sup>",
)  # fmt: skip
FEW = 100  # repetitions
MOST_GROWTH = 2.6  # of the work when the file becomes twice as long


def steps(work: Callable[[], object]) -> int:
    """How many lines and calls of Python some work takes: a measure that does not depend on the machine."""
    count = 0

    def trace(frame: object, event: str, argument: object) -> Callable[..., object]:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def grows_with_size(work: Callable[[int], object]) -> bool:
    """Whether the work grows no faster than the size."""
    work(FEW)  # once, so that nothing is loaded for the first time while it is counted
    return steps(lambda: work(2 * FEW)) <= MOST_GROWTH * steps(lambda: work(FEW))


@pytest.mark.parametrize("repeated", REPEATED)
def test_dividing_plain_text_takes_work_in_proportion_to_its_length(repeated):
    assert grows_with_size(lambda times: blocks_of_text(f"Title\n\n{repeated * times}\n\nIt is good."))


@pytest.mark.parametrize("repeated", REPEATED)
def test_dividing_markdown_takes_work_in_proportion_to_its_length(repeated):
    assert grows_with_size(lambda times: blocks_of_markdown(f"# Title\n\n{repeated * times}\n\nIt is good.\n"))


@pytest.mark.parametrize("opened", ["<", "<!--", "<?", "<![CDATA[", "[", "[a](", "`", "*a ", "_a ", "~~a", "&"])
def test_what_is_opened_and_never_closed_in_markdown_takes_processor_time_in_proportion(opened):
    times = {count: min(_processor_seconds(opened * count) for _ in range(3)) for count in (4_000, 32_000)}
    assert times[32_000] <= 8 * 3 * times[4_000]  # eight times as long: 64 times the time where it is quadratic


def _processor_seconds(marks: str) -> float:
    before = process_time()
    blocks_of_markdown(f"# Title\n\n{marks}\n\nIt is good.\n")
    for start in range(0, len(marks), 1000):  # no sentence that is cleaned is longer
        clean(marks[start : start + 1000], markdown=True)
    return process_time() - before


@pytest.mark.parametrize("element", ELEMENTS)
def test_reading_a_page_takes_work_in_proportion_to_its_length(element):
    page = "<html><body><h1>Title</h1><p>It is good.</p><div id='p'><p>Inside it is late.</p></div>{}</body></html>"
    assert grows_with_size(lambda times: compose_text(read_html(page.format(element * times).encode())))


@pytest.mark.parametrize(
    "repeated", [paragraph("It is good."), table(("a", "b"), ("c", "d")), table(("a",)), "<w:tbl/>", "<w:sdt/>"]
)
def test_reading_a_word_document_takes_work_in_proportion_to_its_length(repeated):
    documents = {times: docx(paragraph("Title") + repeated * times) for times in (FEW, 2 * FEW)}
    assert grows_with_size(lambda times: compose_text(read_docx(documents[times])))


def test_a_table_of_many_rows_takes_work_in_proportion_to_them():
    for row in ("<tr><th>a</th><th>b</th></tr>", "<tr><td></td><td></td></tr>", "<tr><td rowspan='9'>a</td></tr>"):
        assert grows_with_size(
            lambda times, row=row: compose_text(read_html(f"<h1>T</h1><table>{row * times}</table>".encode()))
        )


@pytest.mark.long
@pytest.mark.parametrize(
    ("suffix", "repeated"),
    [
        (".md", "<"),
        (".md", "<!--"),
        (".md", "["),
        (".md", "*"),
        (".md", "> "),
        (".txt", "<"),
        (".html", "<!--"),
        (".vtt", "<"),
    ],
)
def test_one_mark_a_hundred_thousand_times_is_read_or_refused_within_the_limits(tmp_path, suffix, repeated):
    path, good = tmp_path / f"hostile{suffix}", tmp_path / "good.md"
    path.write_text(f"# Title\n\nIt is good.\n\n{repeated * 100_000}\n", encoding="utf-8")
    good.write_text("# Title\n\nThe force is good.\n", encoding="utf-8")
    with SandboxedParser(ParserLimits(processor_seconds=1)) as parser:
        with suppress(SourceError):
            assert read(SourceFile(path, path.name, ""), parser).text
        assert read(SourceFile(good, good.name, ""), parser).title == "Title"


def test_a_huge_file_of_any_format_is_refused_by_name_before_it_is_read(tmp_path: Path):
    sources, index = tmp_path / "sources", tmp_path / "index"
    sources.mkdir()
    for name in ("huge.txt", "huge.md", "huge.html", "huge.docx", "huge.pdf", "huge.vtt"):
        with (sources / name).open("wb") as file:
            file.truncate(50 * 2**20 + 1)
    (sources / "good.txt").write_text("Westmere Police\n\nThe force is good.\n", encoding="utf-8")
    report = build_index(sources, index, HashedWordEmbedder())
    assert {failure.source for failure in report.failed} == {path.name for path in sources.glob("huge.*")}
    assert all(failure.reason.startswith("it has 50.0 MB; the limit is 50 MB.") for failure in report.failed)
