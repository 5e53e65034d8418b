"""The cells of tables have the heads of their row and column, in either orientation, in web pages and in Word."""

from __future__ import annotations

import pytest

from index.text.transcript import Role
from tests.fixtures.blocks import docx_file, html_file
from tests.fixtures.files import pages
from tests.fixtures.files.docx_builder import docx, paragraph, run, table

MATRIX = pages.page(
    """<h1>Westmere Police</h1><table><thead><tr><th>Outstanding</th><th>Good</th><th>Inadequate</th></tr></thead>
<tr><td></td><td>Preventing crime</td><td>Custody</td></tr><tr><td>Fraud</td><td>Workforce</td><td></td></tr></table>"""
)


def test_grades_at_the_heads_of_columns_head_what_is_below_them():
    assert html_file(MATRIX).cells() == {
        "Preventing crime": [("Good",)],
        "Custody": [("Inadequate",)],
        "Fraud": [("Outstanding",)],
        "Workforce": [("Good",)],
    }


def test_grades_at_the_heads_of_rows_head_what_is_next_to_them():
    file = html_file(pages.JUDGEMENTS_BY_ROW)
    assert file.cells() == {
        "Preventing crime": [("Good",)],
        "Custody": [("Good",)],
        "Investigating crime": [("Inadequate",)],
    }
    assert file.path("Custody") == ("Our graded judgements",)
    assert file.path("The force has a plan.") == ()


def test_a_plain_first_row_heads_the_columns_if_it_differs_in_kind():
    file = html_file(pages.JUDGEMENTS_PLAIN)
    cells = file.cells()
    assert cells["Adequate"] == [("Custody", "2021/22")]
    assert cells["Good"] == [("Custody", "2023–25"), ("Investigating crime", "2021/22"), ("Leadership",)]
    assert cells["Requires improvement"] == [("Investigating crime", "2023–25")]
    assert cells["Inadequate"] == [("Workforce",)]
    assert "Leadership" in file.words()


def test_a_definition_has_its_term_as_head():
    cells = html_file(pages.JUDGEMENTS_PLAIN).cells()
    assert cells["Outstanding"] == [("Protecting vulnerable people",)]
    assert cells["4 April 2025"] == [("Published",)]


def test_rows_and_columns_may_change_places_and_heads_may_span():
    cells = html_file(pages.TRANSPOSED).cells()
    assert ("Grade", "Custody") in cells["Good"]
    assert cells["Inadequate"] == [("Grade", "Workforce")]
    assert cells["Adequate"] == [("Eastvale", "Grade", "2021")]
    assert ("Eastvale", "Grade", "2023") in cells["Good"]


def test_a_row_across_the_table_heads_the_rows_below_it():
    body = (
        "<h1>T</h1><table><tr><th>Area</th><th>Grade</th></tr><tr><th colspan='2'>Eastvale</th></tr>"
        "<tr><td>Custody</td><td>Good</td></tr><tr><th colspan='2'>Westmere</th></tr>"
        "<tr><td>Fraud</td><td>Adequate</td></tr></table>"
    )
    cells = html_file(pages.page(body)).cells()
    assert cells["Good"] == [("Custody", "Eastvale", "Grade")]
    assert cells["Adequate"] == [("Fraud", "Westmere", "Grade")]


def test_a_table_that_only_arranges_the_page_has_no_cells():
    first = "<td><h1>Eastvale</h1><h2>Custody</h2><p>It is good.</p></td>"
    body = f"<table><tr>{first}<td><p>It is slow.</p></td></tr></table>"
    file = html_file(pages.page(body))
    assert file.cells() == {}
    assert file.path("It is good.") == ("Custody",)


@pytest.mark.parametrize("has_header", [True, False])
def test_a_word_table_has_heads_whether_or_not_its_first_row_is_marked(has_header):
    rows = (("Graded area", "2019", "2022"), ("Custody", "Good", "Requires improvement"), ("Workforce", "Adequate", ""))
    file = docx_file(docx(table(*rows, has_header=has_header)))
    assert file.cells() == {
        "Custody": [("Graded area",)],
        "Workforce": [("Graded area",)],
        "Good": [("Custody", "2019")],
        "Requires improvement": [("Custody", "2022")],
        "Adequate": [("Workforce", "2019")],
    }


def test_a_word_table_may_have_bold_heads_and_cells_merged_over_rows():
    def cells(*words: str, look: str = "") -> str:
        return "".join(f"<w:tc>{paragraph(run(word, look))}</w:tc>" for word in words)

    first = f'<w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr>{paragraph("Eastvale")}</w:tc>'
    below = f"<w:tc><w:tcPr><w:vMerge/></w:tcPr>{paragraph('')}</w:tc>"
    heads = cells("Force", "Area", "Remark", look="<w:b/>")
    rows = (heads, first + cells("Custody", "Quick"), below + cells("Fraud", "Slow"))
    file = docx_file(docx("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"))
    assert file.cells()["Quick"] == [("Eastvale", "Custody", "Remark")]
    assert file.cells()["Slow"] == [("Eastvale", "Fraud", "Remark")]
    assert {"Force", "Area", "Remark"} <= {*file.words(Role.HEADING), *file.words(Role.TITLE)}


def test_a_span_larger_than_any_table_is_cut():
    body = "<h1>T</h1><table><tr><td colspan='99999' rowspan='99999'>A</td><td>B</td></tr><tr><td>C</td></tr></table>"
    assert {"A", "B", "C"} <= set(html_file(pages.page(body)).words())
