"""PDF files of the library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.index.made.case import Case, title_of
from tests.index.made.pages import COST, GOOD, SLOW, SUPERVISORS
from tests.index.made.pdf_file import Page, pdf, width

LEFT = (
    "The left column says that crime",
    "recording is accurate in most",
    "of the cases that were looked at",
    "by the inspectors this year.",
)
RIGHT = (
    "The right column says that the",
    "custody suites are often visited",
    "by partners, and that detainees",
    "are treated with respect.",
)
COLUMNS = (" ".join(LEFT), " ".join(RIGHT))


def papers() -> Iterator[Case]:
    """PDF files, and what is known of each."""
    one = _headed()
    one.prose(60, 660, (f"{GOOD} {COST}", SLOW))
    yield Case("plain.pdf", pdf([one]), (GOOD, COST, SLOW), title=title_of(0),
               places=((SLOW, (("page", "1"), ("section", "Custody"))),))  # fmt: skip
    yield Case("unpacked.pdf", pdf([one], packed=False), (GOOD, COST, SLOW), title=title_of(0))
    yield Case("turned.pdf", pdf([_turned()]), (GOOD, SLOW))
    yield from _columns()
    yield from _running()
    yield from _cut()
    two = _headed()
    two.prose(60, 660, ("The of\ufb01cers had a \ufb02ow of work.",))
    yield Case("ligatures.pdf", pdf([two]), ("The officers had a flow of work.",))
    yield from _marked()
    listed = _headed()
    listed.prose(60, 660, ("Custody suites . . . . . . . . . . . . . 3", "Vetting of staff.................. 12"))
    listed.prose(60, 620, (SLOW,))
    yield Case(
        "contents.pdf",
        pdf([listed]),
        (SLOW,),
        others=(
            title_of(0),
            "Custody",
            "Custody suites . . . . . . . . . . . . . 3",
            "Vetting of staff.................. 12",
        ),
    )
    long = Page()
    long.prose(60, 740, ("Northshire Constabulary – PEEL 2018 –", "overall assessment"), 18)
    long.prose(60, 660, (GOOD, SLOW))
    yield Case("long-title.pdf", pdf([long]), (GOOD, SLOW), title=title_of(0))
    yield _one_size()
    yield _chapters()
    tabled = _headed()
    for number, row in enumerate((("Area", "Grade"), ("Preventing crime", "Good"), ("Custody suites", "Outstanding"))):
        for column, words in enumerate(row):
            tabled.put(60 + 240 * column, 640 - 16 * number, words)
    tabled.put(60, 560, SLOW)
    yield Case(
        "table.pdf", pdf([tabled]), ("Area", "Grade", "Preventing crime", "Good", "Custody suites", "Outstanding", SLOW)
    )
    yield Case("part-scan.pdf", pdf([one, Page()]), (GOOD,), notes=("Page 2: no text.",))
    yield Case("pictures.pdf", pdf([one], picture=True), (GOOD,), notes=("Page 1: 1 picture not read.",))
    yield Case(
        "cut.pdf",
        pdf([one]).removesuffix(b"%%EOF\n"),
        (GOOD,),
        notes=("The file lacks its end: it may have been cut short.",),
    )
    gone = pdf([one, Page([(60, 700, 11, "It is lost.")])]).replace(b"/Kids [7 0 R 9 0 R]", b"/Kids [7 0 R 5 0 R]")
    yield Case("lost-page.pdf", gone, (GOOD,), notes=("Page 2: damaged, and not read.",))
    askew = _headed()
    askew.put(60, 660, GOOD)
    askew.raw = " BT /F1 40 Tf 0.7 0.7 -0.7 0.7 200 200 Tm (DRAFT) Tj ET"
    yield Case(
        "askew.pdf",
        pdf([askew]),
        (GOOD,),
        notes=("Page 1: 5 characters written across the page left out.",),
        absent=("DRAFT",),
    )


def _headed() -> Page:
    page = Page()
    page.put(60, 740, title_of(0), 18)
    page.put(60, 690, "Custody", 14)
    return page


def _turned() -> Page:
    """A page that is written upwards, and shown turned."""
    page = Page(rotate=90)
    drawn = [f" BT /F1 11 Tf 0 1 -1 0 {200 + 30 * n} 60 Tm ({words}) Tj ET" for n, words in enumerate((GOOD, SLOW))]
    page.raw = "".join(drawn)
    return page


def _columns() -> Iterator[Case]:
    """Two columns, drawn one after the other or line by line: read one after the other."""
    for name, interleaved in (("columns", False), ("interleaved", True)):
        page = _headed()
        page.prose(60, 660, (f"{SUPERVISORS} This line goes over the whole width of it all.",))
        left = [(60.0, 620.0 - 14 * n, words) for n, words in enumerate(LEFT)]
        right = [(320.0, 620.0 - 14 * n, words) for n, words in enumerate(RIGHT)]
        pairs = [line for pair in zip(left, right, strict=True) for line in pair]
        for x, y, words in pairs if interleaved else left + right:
            page.put(x, y, words)
        page.put(60, 500, f"{SLOW} This goes over the whole width of the page again, as it did.")
        yield Case(f"{name}.pdf", pdf([page]), (SUPERVISORS, *COLUMNS, SLOW))


def _running() -> Iterator[Case]:
    """A sentence that runs over a page, with a running head, page numbers and a footnote in between."""
    first, second, third = _headed(), Page(), Page()
    first.prose(60, 120, ("The inspectors looked at many of the cases and found that each super-",))
    first.put(60, 80, "1 These are the cases of the year to March 2018.", 8)
    second.prose(60, 760, (f"visor had read them. {SUPERVISORS}", "No supervisor was absent."))
    third.prose(60, 760, (SLOW,))
    pages = (first, second, third)
    for number, page in enumerate(pages, start=1):
        page.put(60, 805, "Inspection of Northshire Constabulary", 9)
        page.put(290, 30, f"Page {number} of 3", 9)
    over = "The inspectors looked at many of the cases and found that each supervisor had read them."
    yield Case(
        "running.pdf",
        pdf(pages),
        (over, SUPERVISORS, "1 These are the cases of the year to March 2018.", SLOW),
        notes=(
            "Running head on pages 1 to 3 left out: “Inspection of Northshire Constabulary”.",
            "Page numbers on pages 1 to 3",
        ),
        absent=("Inspection of Northshire", "Page 2 of 3"),
        places=(
            (over, (("page", "1"), ("section", "Custody"))),
            (SUPERVISORS, (("page", "2"), ("section", "Custody"))),
        ),
    )


def _one_size() -> Case:
    """Title and heading in the letters of the text, with no more space after them: told by their being short."""
    page = Page()
    page.prose(
        60,
        700,
        (title_of(1), "Custody", f"{GOOD} {SUPERVISORS} It says of Northshire", "Constabulary that it is slow."),
    )
    return Case(
        "one-size.pdf",
        pdf([page]),
        (GOOD, SUPERVISORS, "It says of Northshire Constabulary that it is slow."),
        title=title_of(1),
        places=((GOOD, (("page", "1"), ("section", "Custody"))),),
    )


def _chapters() -> Case:
    """A running head that changes with the chapter, at the place of one that does not."""
    pages = []
    for number in range(1, 8):
        page = _headed() if number == 1 else Page()
        page.put(60, 805, f"{'Custody of those held' if number != 4 else 'Vetting of new staff'} {number}", 9)
        page.prose(60, 640, (f"Sentence of page number {number} is here.", SLOW))
        pages.append(page)
    known = tuple(f"Sentence of page number {number} is here." for number in range(1, 8))
    said = ("Running head on pages 1 to 7 left out", "Running head on pages 4 to 4 left out: “Vetting of new staff 4”.")
    return Case("chapters.pdf", pdf(pages), known, notes=said[1:], absent=("those held", "Vetting"))


def _cut() -> Iterator[Case]:
    """Hyphens at the ends of lines: certain, certain to stay, and uncertain."""
    page = _headed()
    _paragraph(page, 660, ("Its super-", "visors work with all supervisors of the region."))
    _paragraph(page, 600, ("It is a well-", "known force, and its well-known aims are met."))
    _paragraph(page, 540, ("Its over-", "sight is not named anywhere else in this text."))
    _paragraph(page, 480, ("Its re\u00ad", "cording is accurate in each of the cases here."))
    yield Case(
        "hyphens.pdf",
        pdf([page]),
        (
            "Its supervisors work with all supervisors of the region.",
            "It is a well-known force, and its well-known aims are met.",
            "Its over-\nsight is not named anywhere else in this text.",
        ),
    )


def _paragraph(page: Page, y: float, lines: Sequence[str]) -> None:
    page.prose(60, y, lines)


def _marked() -> Iterator[Case]:
    """A footnote mark within a sentence."""
    page = _headed()
    before = "The force is good"
    page.put(60, 660, before)
    page.put(60 + width(before), 665, "1", 7)
    page.put(60 + width(before) + 8, 660, "at preventing crime.")
    page.put(60, 80, f"1 {SUPERVISORS}", 8)
    yield Case(
        "marks.pdf", pdf([page]), (GOOD, f"1 {SUPERVISORS}"), notes=("Page 1: footnote marks left out of the text: 1.",)
    )
