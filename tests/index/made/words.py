"""Word documents of the library."""

from __future__ import annotations

from collections.abc import Iterator

from tests.index.made.case import Case, title_of
from tests.index.made.pages import COST, GOOD, SLOW, SUPERVISORS
from tests.index.made.word_file import box, deleted, docx, inserted, p, run, table


def word() -> Iterator[Case]:
    """Word documents."""
    head = p(title_of(0), "T") + p("Custody", "H1")
    section = (("section", "Custody"),)
    named = {"title": title_of(0)}
    yield Case(
        "plain.docx", docx(head + p(f"{GOOD} {COST}") + p(SLOW)), (GOOD, COST, SLOW), places=((SLOW, section),), **named
    )
    yield Case("strict.docx", docx(head + p(GOOD), strict=True), (GOOD,), **named)
    yield Case(
        "own-style.docx",
        docx(head + p("Vetting", "Own") + p(GOOD)),
        (GOOD,),
        places=((GOOD, (("section", "Vetting"),)),),
    )
    yield Case(
        "unstyled.docx", docx(p(title_of(0)) + p("Custody") + p(GOOD)), (GOOD,), places=((GOOD, section),), **named
    )
    yield Case(
        "tracked.docx",
        docx(head + p(run("The force is ") + deleted("inadequate") + inserted("good") + run(" at preventing crime."))
             + f'<w:ins w:id="9">{p(SLOW)}</w:ins>' + f'<w:del w:id="8">{p(deleted("It was all removed."))}</w:del>'),
        (GOOD, SLOW),
        notes=("Tracked deletion left out: “inadequate” and 1 more",),
        absent=("inadequate", "all removed"),
    )  # fmt: skip
    yield Case(
        "moved.docx",
        docx(
            head + f'<w:moveFrom w:id="3">{p(SLOW)}</w:moveFrom>' + p(GOOD) + f'<w:moveTo w:id="4">{p(SLOW)}</w:moveTo>'
        ),
        (GOOD, SLOW),
        notes=("Tracked deletion left out: “However",),
    )
    yield Case(
        "table.docx",
        docx(head + table(("Area", "Grade"), (GOOD, COST), ("Custody", SLOW), heads=True) + p(SUPERVISORS)),
        (GOOD, COST, "Custody", SLOW, SUPERVISORS),
        others=(title_of(0), "Custody", "Area", "|", "Grade", "|", "|"),
        places=((SUPERVISORS, section),),
    )
    inner = table((SLOW, COST))
    yield Case("nested-table.docx", docx(head + table((p(GOOD) + inner, SUPERVISORS))), (GOOD, SLOW, COST, SUPERVISORS))
    yield Case("cell.docx", docx(head + table((p(GOOD) + p(COST), SLOW))), (GOOD, COST, SLOW))
    mark = '<w:r><w:footnoteReference w:id="5"/></w:r>'
    end_mark = '<w:r><w:endnoteReference w:id="5"/></w:r>'
    notes = {
        "footnotes": f'<w:footnote w:id="0" w:type="separator">{p("-")}</w:footnote>'
        f'<w:footnote w:id="5">{p("<w:r><w:footnoteRef/></w:r>" + run(SLOW))}</w:footnote>'
        f'<w:footnote w:id="6">{p(SUPERVISORS)}</w:footnote>',
        "endnotes": f'<w:endnote w:id="5">{p(COST)}</w:endnote>',
    }
    yield Case(
        "footnotes.docx",
        docx(head + p(run("The force is good") + mark + run(" at preventing crime.") + end_mark), notes),
        (GOOD, SLOW, COST, SUPERVISORS),
    )
    yield Case("box.docx", docx(head + p(run(GOOD) + box(p(SLOW) + table((COST, SUPERVISORS))))),
               (GOOD, SLOW, COST, SUPERVISORS))  # fmt: skip
    beside = {
        "header1": p("Official: Northshire inspection"),
        "footer1": p("Page 1 of many"),
        "comments": f'<w:comment w:id="1">{p("Is this true?")}</w:comment>',
    }
    yield Case(
        "beside.docx",
        docx(head + p(GOOD), beside),
        (GOOD,),
        notes=(
            "Running head left out: “Official: Northshire inspection” and 1 more",
            "Comment left out: “Is this true?”",
        ),
        absent=("Official", "Page 1", "Is this true"),
    )
    yield Case(
        "hidden.docx",
        docx(head + p(run("The force is ") + run("very, very ", "<w:vanish/>") + run("good at preventing crime."))),
        (GOOD,),
        notes=("Hidden text left out: “very, very”",),
    )
    listed = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    yield Case(
        "list.docx",
        docx(head + p("It found that:") + p(GOOD, properties=listed) + p(SLOW, properties=listed)),
        ("It found that:", GOOD, SLOW),
        notes=("2 automatic bullets or numbers shown as a bullet.",),
    )
    contents = f'<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>' \
               f"<w:sdtContent>{p('Custody suites 3')}</w:sdtContent></w:sdt>"  # fmt: skip
    yield Case(
        "contents.docx",
        docx(head + contents + p("Vetting of staff 7", "TOC1") + p(GOOD)),
        (GOOD,),
        notes=("Table of contents left out: “Custody suites 3” and 1 more",),
        absent=("suites", "Vetting"),
    )
    controlled = (
        f"<w:sdt><w:sdtContent>{p(GOOD)}</w:sdtContent></w:sdt>"
        + p('<w:hyperlink w:anchor="x">' + run("However, it answers") + "</w:hyperlink>" + run(" 999 calls ")
            + '<w:fldSimple w:instr="X"><w:r><w:t>too </w:t></w:r></w:fldSimple>'
            + "<w:r><w:instrText>PAGEREF</w:instrText></w:r>" + run("slowly."))
    )  # fmt: skip
    yield Case("controls.docx", docx(head + controlled), (GOOD, SLOW), absent=("PAGEREF",))
    special = run("Its super") + "<w:r><w:softHyphen/></w:r>" + run("visors meet each week, and they keep a record.")
    broken = (
        run("It is well") + "<w:r><w:noBreakHyphen/></w:r>" + run("known,") + "<w:r><w:br/></w:r>" + run("they say.")
    )
    yield Case(
        "special.docx",
        docx(head + p(special) + p(broken)),
        ("Its super\u00advisors meet each week, and they keep a record.", "It is well\u2011known,\nthey say."),
    )
    yield Case(
        "picture.docx", docx(head + p(run(GOOD) + "<w:r><w:drawing/></w:r>")), (GOOD,), notes=("1 picture not read.",)
    )
