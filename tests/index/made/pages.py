"""Web pages and plain texts of the library."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from tests.index.made.case import Case, title_of

GOOD = "The force is good at preventing crime."
COST = "It cost £1.4m – “too much”, the inspector said."
SUPERVISORS = "Its supervisors meet each week, and they keep a record."
SLOW = "However, it answers 999 calls too slowly."


def texts() -> Iterator[Case]:
    """Plain text and Markdown in every encoding that is read."""
    written = f"{title_of(0)}\r\n\r\n{GOOD} {COST}\r\n\r\n{SLOW}\r\n"
    known = (GOOD, COST, SLOW)
    for name, data in (
        ("utf-8", written.encode()),
        ("mark", codecs.BOM_UTF8 + written.encode()),
        ("utf-16", codecs.BOM_UTF16_LE + written.encode("utf-16-le")),
        ("utf-16-be", codecs.BOM_UTF16_BE + written.encode("utf-16-be")),
        ("windows", written.encode("cp1252")),
    ):
        yield Case(f"text-{name}.txt", data, known, title=title_of(0))
    marked = f"# {title_of(1)}\n\n## Custody\n\n{GOOD}\n\n- {COST}\n- {SLOW}\n"
    yield Case("marked.md", marked.encode(), known, title=title_of(1), places=((GOOD, (("section", "Custody"),)),))


def web() -> Iterator[Case]:
    """Web pages."""
    head = f"<h1>{title_of(0)}</h1><h2>Custody</h2>"
    section = (("section", "Custody"),)

    def page(name: str, body: str, known: tuple[str, ...], **more: object) -> Case:
        data = f"<!DOCTYPE html><html><head><title>Site</title></head><body>{body}</body></html>".encode()
        return Case(f"{name}.html", data, known, **{"title": title_of(0), **more})  # type: ignore[arg-type]

    yield page(
        "plain", f"{head}<p>{GOOD} <b>{COST}</b></p><p>{SLOW}</p>", (GOOD, COST, SLOW), places=((SLOW, section),)
    )
    yield page("unclosed", f"{head}<p>{GOOD}<p>{COST}<div>{SLOW}", (GOOD, COST, SLOW))
    yield page("wrapped", f"{head}<p>\n  {GOOD.replace(' ', chr(10) + '    ')}\n</p>", (GOOD,))
    yield page(
        "inline", f"{head}<p>The <em>force</em> is <a href='/x'>good</a> at preventing cr<b>ime</b>.</p>", (GOOD,)
    )
    yield page(
        "furniture",
        "<header><a href='/'>Home of inspection</a></header><nav><ul><li>About us today.</li></ul></nav>"
        "<div id='cookie-banner'><p>We use cookies. You can accept them.</p></div>"
        f"<main><div class='breadcrumb'>Home &gt; Reports</div>{head}<p>{GOOD}</p>"
        f"<button>Print this page.</button></main><footer>Contact the office.</footer><script>var a = 1;</script>",
        (GOOD,),
        notes=(
            "Navigation left out",
            "Cookie notice left out: “We use cookies.",
            "Page footer left out",
            "Form control",
        ),
        absent=("cookies", "About us", "Contact the office", "var a", "Print this"),
    )
    yield page(
        "cookie-body",
        f"<main class='has-cookie-notice'>{head}<p>{GOOD}</p><p>The cookie of trust is a phrase it used.</p></main>",
        (GOOD, "The cookie of trust is a phrase it used."),
    )
    yield page(
        "table",
        f"{head}<table><tr><th>Area</th><th>Grade</th></tr><tr><td>{GOOD}</td><td>{COST}</td></tr>"
        f"<tr><td>Custody</td><td>{SLOW}</td></tr></table><p>{SUPERVISORS}</p>",
        (GOOD, COST, "Custody", SLOW, SUPERVISORS),
        others=(title_of(0), "Custody", "Area", "|", "Grade", "|", "|"),
        places=((SUPERVISORS, section),),
    )
    yield page("list", f"{head}<p>It found that:</p><ul><li>{GOOD}<ul><li>{COST}</li></ul></li><li>{SLOW}</li></ul>",
               ("It found that:", GOOD, COST, SLOW))  # fmt: skip
    yield page("lines", f"{head}<p>{GOOD}<br>{COST}</p><pre>{SLOW}</pre><dl><dt>One.</dt><dd>{SUPERVISORS}</dd></dl>",
               (GOOD, COST, SLOW, "One.", SUPERVISORS))  # fmt: skip
    yield page(
        "notes",
        f"{head}<p>The force is good<sup><a href='#n1'>1</a></sup> at preventing crime.</p><p id='n1'>{SLOW}</p>",
        (GOOD, SLOW),
        notes=("Footnote mark left out: “1”",),
    )
    yield page(
        "changes",
        f"{head}<p>The force is <del>outstanding</del><ins>good</ins> at preventing crime.</p>"
        f"<p hidden>Nobody reads this.</p><p style='display: none'>Nor this here.</p><img src='a.png' alt='A chart'>",
        (GOOD,),
        notes=("Deletion left out: “outstanding”", "Hidden text left out: “Nobody reads this.”", "1 picture"),
        absent=("outstanding", "Nobody"),
    )
    yield page("soft", f"{head}<p>Its super&shy;visors meet each week, and they keep a&nbsp;record.</p>",
               ("Its super\u00advisors meet each week, and they keep a\u00a0record.",))  # fmt: skip
    yield page("deep", f"{head}{'<div>' * 900}<p>{GOOD}</p>{'</div>' * 900}<p>{SLOW}</p>", (GOOD, SLOW))
    yield Case(
        "untitled.html",
        f"<html><head><title>{title_of(2)}</title></head><body><p>{GOOD}</p><p>{SLOW}</p></body></html>".encode(),
        (GOOD, SLOW),
        title=title_of(2),
    )
    declared = f'<html><head><meta charset="iso-8859-1"></head><body><h1>{title_of(0)}</h1><p>{COST}</p></body></html>'
    yield Case("latin.htm", declared.encode("cp1252"), (COST,), title=title_of(0))
    yield Case("wide.html", codecs.BOM_UTF16_LE + declared.encode("utf-16-le"), (COST,), title=title_of(0))
    wrong = declared.replace("iso-8859-1", "utf-8")
    yield Case("misdeclared.html", wrong.encode("cp1252"), (COST,), notes=("declares the encoding utf-8",))
    xhtml = f'<?xml version="1.0" encoding="utf-8"?><html><body><h1>{title_of(0)}</h1><p>{COST}</p></body></html>'
    yield Case("strict.html", xhtml.encode(), (COST,), title=title_of(0))
