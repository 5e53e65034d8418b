from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Answer, Citation, Statement, Status
from assistant.answer_layout import Coverage, Group
from assistant.export.turn_html import MAX_SHOWN, problem_html, to_html
from assistant.filter import Filter
from assistant.sources import SourcePage, permalink
from index.text.transcript import Role
from tests.fixtures.fictional import (
    HOSTILE,
    HOSTILE_TITLE,
    NORTHSHIRE,
    WESTMERE,
    FictionalSources,
    cite,
    make_answer,
    make_page,
)
from tests.fixtures.visible import Node, read_html

SOURCES = FictionalSources()
# A parser turns a NUL into U+FFFD and refuses a lone surrogate: neither can be in a decoded text file shown as HTML.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1).filter(str.strip)


def rendered(answer: object) -> Node:
    return read_html(to_html(answer, SOURCES))  # type: ignore[arg-type]


def quoted(quote: str, title: str = "Title") -> Citation:
    return cite(NORTHSHIRE, 5, 1).model_copy(update={"quote": quote, "title": title})


@given(TEXT, TEXT, TEXT)
def test_quotation_title_and_question_are_shown_character_for_character(quote: str, title: str, question: str) -> None:
    turn = rendered(make_answer(question, Status.ANSWERED, [quoted(quote, title)]))
    assert [node.text for node in turn.find("blockquote")] == [quote]
    assert [node.text for node in turn.find("cite")] == [title]
    assert turn.find("bdi")[0].text == question


@given(TEXT)
def test_a_turn_is_one_line_without_tabs(quote: str) -> None:
    html = to_html(make_answer("q", Status.ANSWERED, [quoted(quote)]), SOURCES)
    assert not set("\t\n\r") & set(html)
    assert html.startswith("<article")


@pytest.mark.parametrize("sentence", HOSTILE.sentences, ids=lambda sentence: str(sentence.ordinal))
def test_a_hostile_sentence_adds_no_element(sentence: object) -> None:
    plain = rendered(make_answer("q", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1)]))
    turn = rendered(make_answer("q", Status.ANSWERED, [cite(HOSTILE, sentence.ordinal, 1)]))  # type: ignore[attr-defined]
    assert {node.tag for node in turn.find()} <= {node.tag for node in plain.find()}
    assert turn.find("cite")[0].text == HOSTILE_TITLE


def _permalink(path: str, page: SourcePage, ordinal: int) -> str:
    sentence = page.sentences[ordinal].id
    return f"{path}?text={page.transcript.sha256}&sentence={sentence}#s-{sentence}"


def test_each_citation_number_links_to_its_sentence_in_the_source() -> None:
    turn = rendered(make_answer("q", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1), cite(WESTMERE, 1, 2)]))
    links = turn.find("a", class_="number")
    assert [link.find("span")[0].text + str(n) for n, link in enumerate(links, 1)] == ["Citation 1", "Citation 2"]
    assert [link.attributes["href"] for link in links] == [
        _permalink("/sources/northshire-2018", NORTHSHIRE, 5),
        _permalink("/sources/westmere%202021%2F%C2%A3", WESTMERE, 1),
    ]


def test_force_period_and_title_head_the_quotations_of_each_source() -> None:
    turn = rendered(
        make_answer("q", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 7, 2), cite(WESTMERE, 1, 3)])
    )
    assert [[part.text for part in line.find()] for line in turn.find("p", class_="source")] == [
        ["Northshire Constabulary", "2018/19", NORTHSHIRE.transcript.title, NORTHSHIRE.transcript.title],
        ["Westmere Police", "2021/22", WESTMERE.transcript.title, WESTMERE.transcript.title],
    ]
    assert [len(listed.find("blockquote")) for listed in turn.find("ol", class_="quotations")] == [2, 1]


def test_a_source_without_force_and_title_is_named_by_its_file() -> None:
    nameless = cite(HOSTILE, 0, 1).model_copy(update={"title": ""})
    line = rendered(make_answer("q", Status.ANSWERED, [nameless])).find("p", class_="source")[0]
    assert line.text == "hostile.txt"


def test_only_a_context_sentence_is_labelled_as_context() -> None:
    turn = rendered(make_answer("q", Status.ANSWERED, [cite(NORTHSHIRE, 6, 1, context=True), cite(NORTHSHIRE, 7, 2)]))
    tags = [[tag.text for tag in item.find("p", class_="tag")] for item in turn.find("li")]
    assert tags == [["Shown for context"], []]


def test_the_cited_sentence_is_marked_among_two_neighbours_on_each_side() -> None:
    place = rendered(make_answer("q", Status.ANSWERED, [cite(NORTHSHIRE, 6, 1)])).find("details")[0]
    assert [mark.text for mark in place.find("mark")] == [NORTHSHIRE.sentences[6].text]
    paragraphs = [paragraph.text for paragraph in place.find("p", dir="auto")]
    assert paragraphs == ["Investigating crime", " ".join(s.text for s in NORTHSHIRE.sentences[5:9])]


def test_a_source_that_was_removed_keeps_its_quotation_and_link() -> None:
    gone = cite(NORTHSHIRE, 6, 1).model_copy(update={"transcript_id": "gone"})
    turn = rendered(make_answer("q", Status.ANSWERED, [gone]))
    assert turn.find("mark") == []
    assert turn.find("details")[0].find("a")[0].attributes["href"] == permalink(gone)


def test_a_refusal_shows_its_reason_its_search_and_the_nearest_sentences() -> None:
    turn = rendered(make_answer("q", Status.DETAIL_NOT_GIVEN, nearest=[cite(NORTHSHIRE, 5, 1)], reason="No number."))
    assert turn.find("h3")[0].text == "That detail was not found in the assessments"
    assert turn.find("p", class_="reason")[0].text == "No number."
    assert turn.find("p", class_="searched")[0].text == (
        "Searched every force and period: 3 transcripts, 22 sentences."
    )
    nearest = turn.find("section", class_="nearest")[0]
    assert nearest.find("h4")[0].text == "Closest sentences (not an answer)"
    assert [node.text for node in nearest.find("blockquote")] == [NORTHSHIRE.sentences[5].text]
    assert turn.find("a", class_="number") == []


def test_a_refusal_without_nearest_sentences_has_no_heading_for_them() -> None:
    assert rendered(make_answer("q")).find("section") == []


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_heading(status: Status) -> None:
    cited = [cite(NORTHSHIRE, 5, 1)] if status.answered else []
    assert rendered(make_answer("q", status, cited)).find("h3")[0].text


def test_the_question_as_understood_is_shown_only_if_it_differs() -> None:
    assert rendered(make_answer("Why?")).find("p", class_="understood") == []
    followed = rendered(make_answer("Why?", standalone_question="Why is supervision not consistent?"))
    assert followed.find("p", class_="understood")[0].text == "Understood as: Why is supervision not consistent?"


def test_a_statement_that_is_not_its_quotation_is_shown_above_it() -> None:
    cited = [cite(NORTHSHIRE, 5, 1)]
    said = Statement(text="It was good.", citations=(1,))
    turn = rendered(make_answer("q", Status.ANSWERED, cited, statements=(said,)))
    assert [node.text for node in turn.find("p", class_="claim")] == ["It was good."]
    assert [node.text for node in turn.find("blockquote")] == [NORTHSHIRE.sentences[5].text]


def test_a_problem_is_shown_with_its_question() -> None:
    turn = read_html(problem_html("Why?", "The index is <being> rebuilt.", turn=4))
    assert turn.find("article")[0].attributes["id"] == "turn-4"
    assert turn.find("h2")[0].text == "Question: Why?"
    assert turn.find("p", class_="reason")[0].text == "The index is <being> rebuilt."


def test_neighbours_keep_their_own_line_ends() -> None:
    page = make_page("wrapped", "Wrapped", [(Role.FINDING, ("One\nline.", "Two\r\nlines."))])

    class Wrapped(FictionalSources):
        def neighbours(self, transcript_id: str, sentence_id: str, around: int = 2) -> tuple[object, ...]:  # type: ignore[override]
            return page.sentences

    turn = read_html(to_html(make_answer("q", Status.ANSWERED, [cite(page, 0, 1)]), Wrapped()))  # type: ignore[arg-type]
    assert turn.find("p", dir="auto")[0].text == "One\nline. Two\r\nlines."


def test_the_readings_of_an_ambiguous_question_are_links_with_the_same_filter():
    choices = ("How is custody at Northshire?", "How is <b>custody</b> at Westmere?")
    answer = make_answer("How is custody?", Status.AMBIGUOUS, []).model_copy(update={"choices": choices})
    html = read_html(to_html(answer, SOURCES, within=Filter(periods=("2018/19",))))
    links = [link for link in html.find("a") if link.attributes.get("class") == "choice"]
    assert [link.text for link in links] == list(choices)
    asked = [parse_qs(urlsplit(link.attributes["href"]).query) for link in links]
    assert asked == [{"q": [choice], "period": ["2018/19"]} for choice in choices]


def test_links_begin_with_the_path_of_the_site_and_copied_references_with_its_whole_address():
    answered = make_answer("q", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1)])
    turn = read_html(to_html(answered, SOURCES, site="https://assistant.invalid/below"))
    path = "/below" + permalink(answered.citations[0])
    quoted, whole, shared = (link.attributes["href"] or "" for link in turn.find("a"))
    assert (quoted, whole) == (path, path)
    assert shared.startswith("/below/ask?q=q&")
    assert turn.find("blockquote")[0].attributes["cite"] == path
    assert all(f"https://assistant.invalid{path}" in text.text for text in turn.find("pre"))
    ambiguous = make_answer("q", Status.AMBIGUOUS, []).model_copy(update={"choices": ("How?",)})
    turn = read_html(to_html(ambiguous, SOURCES, site="https://assistant.invalid/below"))
    choices = turn.find("a", class_="choice")
    assert [link.attributes["href"] for link in choices] == ["/below/ask?q=How%3F"]


def many(count: int) -> Answer:
    return make_answer("q", Status.ANSWERED, [cite(NORTHSHIRE, 5, number) for number in range(1, count + 1)])


def numbers_shown(turn: Node) -> list[str]:
    return [link.text.split(",")[0].split()[-1] for link in turn.find("a", class_="number")]


def test_a_page_shows_so_many_quotations_and_links_to_the_others() -> None:
    answer = many(2 * MAX_SHOWN + 7)
    turn = read_html(to_html(answer, SOURCES, within=Filter(("Northshire Constabulary",))))
    assert numbers_shown(turn) == [str(number) for number in range(1, MAX_SHOWN + 1)]
    [further] = turn.find("p", class_="further")
    assert further.text == f"{MAX_SHOWN + 7} more sentences"
    query = parse_qs(urlsplit(further.find("a")[0].attributes["href"]).query)
    assert query == {"q": ["q"], "force": ["Northshire Constabulary"], "from": [str(MAX_SHOWN + 1)]}
    last = read_html(to_html(answer, SOURCES, first=2 * MAX_SHOWN + 1))
    assert numbers_shown(last) == [str(number) for number in range(2 * MAX_SHOWN + 1, 2 * MAX_SHOWN + 8)]


def test_an_answer_of_one_page_has_no_link_to_others() -> None:
    assert read_html(to_html(many(MAX_SHOWN), SOURCES)).find("p", class_="further") == []


def test_a_group_whose_quotations_are_on_another_page_links_to_them() -> None:
    citations = [cite(NORTHSHIRE, 5, number) for number in range(1, MAX_SHOWN + 1)]
    citations += [cite(WESTMERE, 1, number) for number in (MAX_SHOWN + 1, MAX_SHOWN + 2)]
    groups = tuple(
        Group(force=force, period=period, citations=numbers)
        for force, period, numbers in (
            ("Northshire Constabulary", "2018/19", tuple(range(1, MAX_SHOWN + 1))),
            ("Westmere Police", "2021/22", (MAX_SHOWN + 1, MAX_SHOWN + 2)),
        )
    )
    forces = ("Northshire Constabulary", "Westmere Police")
    coverage = Coverage(groups=groups, nothing_found=(), held_forces=forces, not_held=())
    answer = make_answer("q", Status.ANSWERED, citations).model_copy(update={"coverage": coverage})
    shown, linked = rendered(answer).find("section", class_="group")
    assert (len(shown.find("blockquote")), len(shown.find("p", class_="further"))) == (MAX_SHOWN, 0)
    assert (len(linked.find("blockquote")), linked.find("p", class_="further")[0].text) == (0, "2 more sentences")
