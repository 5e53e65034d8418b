"""An exported conversation: the same texts, numbers and references in every format."""

from datetime import date

import pytest
from markdown_it import MarkdownIt

from assistant.answer import Answer, Statement, Status
from assistant.export.conversation import ExportedQuotation, ExportedStatement, ExportedTurn, lay_out
from assistant.export.formats import EXPORTS, POLICY, file_name, to_print_html
from assistant.export.markdown import to_markdown
from assistant.export.reference import attribution, reference
from assistant.messages import load_messages
from tests.fixtures.fictional import HOSTILE, HOSTILE_SENTENCES, NORTHSHIRE, WESTMERE, cite, make_answer
from tests.fixtures.visible import Node, read_html

DAY = date(2026, 1, 31)
MESSAGES = load_messages()
CONVERSATION = (
    make_answer("What of supervision?", Status.ANSWERED,
                [cite(NORTHSHIRE, 5, 1, context=True), cite(NORTHSHIRE, 6, 2)]),
    make_answer("And fraud?", Status.PARTLY_ANSWERED, [cite(WESTMERE, 1, 1)],
                standalone_question="What of fraud in Westmere?", reason="Nothing on Northshire."),
    make_answer("How many officers?", nearest=[cite(NORTHSHIRE, 7, 1), cite(WESTMERE, 2, 2)]),
)  # fmt: skip
CITED = [citation for answer in CONVERSATION for citation in (*answer.citations, *answer.nearest)]
REFERENCES = [reference(citation) for citation in CITED]
HOSTILE_ANSWERS = tuple(
    make_answer(sentence, Status.ANSWERED, [cite(HOSTILE, ordinal, 1)])
    for ordinal, sentence in enumerate(HOSTILE_SENTENCES)
)
CONTROLLED = make_answer(
    "?", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1).model_copy(update={"quote": "a\x0cb\x1b[31mc\x00"})]
)


def markdown_blocks(answers: tuple[Answer, ...]) -> list[tuple[str, str]]:
    """What a CommonMark reader finds: the elements around each text, and the text without emphasis."""
    found: list[tuple[str, str]] = []
    within: list[str] = []
    for token in MarkdownIt("commonmark").parse(to_markdown(answers, DAY)):
        if token.nesting == 1:
            within.append(token.tag)
        elif token.nesting == -1:
            within.pop()
        elif token.type == "inline":
            assert {child.type for child in token.children or []} <= {"text", "em_open", "em_close"}
            found.append((" ".join(within), "".join(child.content for child in token.children or [])))
    return found


def html_of(*answers: Answer) -> Node:
    return read_html(to_print_html(answers, DAY))


def statements_of(turn: ExportedTurn) -> list[ExportedStatement]:
    return [statement for block in turn.blocks for statement in block.statements]


def quotations_of(turn: ExportedTurn) -> list[ExportedQuotation]:
    return [quotation for statement in statements_of(turn) for quotation in statement.quotations]


def test_references_are_numbered_through_all_answers_in_order_of_appearance() -> None:
    conversation = lay_out(CONVERSATION, DAY, site="", messages=MESSAGES)
    quoted = [quotation for turn in conversation.turns for quotation in quotations_of(turn)]
    nearest = [quotation for turn in conversation.turns for quotation in turn.nearest]
    assert [quotation.number for quotation in (*quoted, *nearest)] == [1, 2, 3, 4, 5]
    assert list(conversation.references) == REFERENCES
    assert conversation.remarks == (attribution(MESSAGES),)


def test_a_repeated_quotation_has_one_reference_and_each_claim_is_kept() -> None:
    stated = (Statement(text="There is a plan.", citations=(2, 1)), Statement(text="It is clear.", citations=(1,)))
    cited = [cite(WESTMERE, 1, 1), cite(WESTMERE, 2, 2)]
    answer = make_answer("?", Status.ANSWERED, cited, statements=stated)
    conversation = lay_out([answer], DAY, site="", messages=MESSAGES)
    [turn] = conversation.turns
    assert [statement.claim for statement in statements_of(turn)] == ["There is a plan.", "It is clear."]
    assert [(quoted.number, quoted.citation.number, quoted.first) for quoted in quotations_of(turn)] == [
        (1, 2, True), (2, 1, True), (2, 1, False),
    ]  # fmt: skip
    assert conversation.references == (reference(cited[1]), reference(cited[0]))


def test_a_statement_that_is_exactly_its_quotations_has_no_claim() -> None:
    cited = [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 6, 2)]
    text = f"{cited[0].quote}\n{cited[1].quote}"  # white space does not count
    answer = make_answer("?", Status.ANSWERED, cited, statements=(Statement(text=text, citations=(1, 2)),))
    [turn] = lay_out([answer], DAY, site="", messages=MESSAGES).turns
    assert [statement.claim for statement in statements_of(turn)] == [""]


def test_markdown_has_every_text_in_its_element() -> None:
    blocks = markdown_blocks(CONVERSATION)
    assert ("h1", "Questions put to the assessments") in blocks
    assert [text for tag, text in blocks if tag == "h2"] == [
        "What of supervision?", "And fraud?", "How many officers?", "References",
    ]  # fmt: skip
    quoted = [text for tag, text in blocks if tag == "blockquote p"]
    assert quoted == [f"{citation.quote}[^{number}]" for number, citation in enumerate(CITED, start=1)]
    notes = [f"[^{number}]: {line}" for number, line in enumerate(REFERENCES, start=1)]
    assert [text for _, text in blocks][-5:] == notes
    paragraphs = [text for tag, text in blocks if tag == "p"]
    context, understood = "Shown for context", "Understood as: What of fraud in Westmere?"
    assert paragraphs.index(context) < paragraphs.index(understood)
    assert {"Nothing on Northshire.", "Searched every force and period: 3 transcripts, 22 sentences."} <= set(
        paragraphs
    )
    assert ("h3", "Closest sentences (not an answer)") in blocks
    assert attribution(MESSAGES) in paragraphs
    assert "on 31 January 2026." in paragraphs[0]


def test_markdown_shows_hostile_text_unchanged() -> None:
    blocks = markdown_blocks(HOSTILE_ANSWERS)
    questions = [text for tag, text in blocks if tag == "h2"][:-1]
    quoted = [text for tag, text in blocks if tag == "blockquote p"]
    assert questions == list(HOSTILE_SENTENCES)
    assert quoted == [f"{text}[^{number}]" for number, text in enumerate(HOSTILE_SENTENCES, start=1)]


def test_html_has_every_text_in_its_element() -> None:
    page = html_of(*CONVERSATION)
    assert [node.text for node in page.find("h2")] == [
        "What of supervision?", "And fraud?", "How many officers?", "References",
    ]  # fmt: skip
    assert [node.find("bdi")[0].text for node in page.find("blockquote")] == [citation.quote for citation in CITED]
    assert [node.text for node in page.find("p", class_="tag")] == ["Shown for context"]
    assert [node.find("bdi")[0].text for node in page.find("li")] == REFERENCES
    assert page.find("footer")[0].text == attribution(MESSAGES)
    assert "Understood as: What of fraud in Westmere?" in page.text
    assert page.find("html")[0].attributes["lang"] == "en"


def test_html_links_each_quotation_and_its_reference_both_ways() -> None:
    page = html_of(*CONVERSATION)
    marks = page.find("a", role="doc-noteref")
    assert [mark.text for mark in marks] == ["1", "2", "3", "4", "5"]
    identities = [node.attributes["id"] for node in page.find() if "id" in node.attributes]
    assert len(identities) == len(set(identities))
    for number, mark in enumerate(marks, start=1):
        note = page.find("li", id=f"note-{number}")[0]
        assert mark.attributes["href"] == f"#{note.attributes['id']}"
        assert note.find("a")[0].attributes["href"] == f"#{mark.attributes['id']}"


def test_html_shows_hostile_text_unchanged() -> None:
    page = html_of(*HOSTILE_ANSWERS)
    assert [node.text for node in page.find("h2")][:-1] == list(HOSTILE_SENTENCES)
    assert [node.find("bdi")[0].text for node in page.find("blockquote")] == list(HOSTILE_SENTENCES)


def test_html_is_one_file_that_runs_no_script_and_loads_nothing() -> None:
    page = html_of(*HOSTILE_ANSWERS)
    harmless = {"html", "head", "meta", "title", "style", "body", "main", "footer", "section", "article", "h1", "h2",
                "h3", "p", "ol", "li", "blockquote", "bdi", "sup", "a"}  # fmt: skip
    assert {node.tag for node in page.find()} <= harmless
    assert {"src", "style"} & {name for node in page.find() for name in node.attributes} == set()
    assert all(str(node.attributes["href"]).startswith("#") for node in page.find("a"))
    policies = [node for node in page.find("meta") if node.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert [node.attributes["content"] for node in policies] == [POLICY]
    style = page.find("style")[0].text
    assert "@media print" in style
    assert not set("<>&\"'") & set(style), "these would be escaped, and a style element has no character references"
    assert "url(" not in style


@pytest.mark.parametrize("write", [to_markdown, to_print_html])
def test_replaced_control_characters_are_mentioned_only_where_there_are_some(write: object) -> None:
    remark = "This document cannot contain control characters."
    assert remark in write([CONTROLLED], DAY)  # type: ignore[operator]
    assert not {"\x00", "\x0c", "\x1b"} & set(write([CONTROLLED], DAY))  # type: ignore[operator]
    assert remark not in write(HOSTILE_ANSWERS, DAY)  # type: ignore[operator]


@pytest.mark.parametrize("key", ["md", "html", "docx"])
def test_each_format_is_reproducible_dated_and_named(key: str) -> None:
    export = EXPORTS[key]
    file = export.render(CONVERSATION, DAY, site="https://assistant.example")
    assert file == export.render(CONVERSATION, DAY, site="https://assistant.example")
    assert file != export.render(CONVERSATION, date(2026, 2, 1), site="https://assistant.example")
    assert file.startswith({"md": b"# ", "html": b"<!doctype html>", "docx": b"PK"}[key])
    assert file_name(CONVERSATION, DAY, export.extension).endswith(f".{key}")
    assert MESSAGES.say(export.name) in {"Markdown", "Web page for printing", "Word document"}


def test_the_three_formats_have_their_registered_media_types() -> None:
    assert {key: export.media_type.split(";")[0] for key, export in EXPORTS.items()} == {
        "md": "text/markdown",
        "html": "text/html",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }


@pytest.mark.parametrize(
    ("question", "slug"),
    [
        ("What concerns were raised?", "-what-concerns-were-raised"),
        ("../../etc/passwd\x00\r\nSet-Cookie: a", "-etc-passwd-set-cookie-a"),
        ("Beth am Heddlu Gogledd-orllewin Ŵyn?", "-beth-am-heddlu-gogledd-orllewin-wyn"),
        ("שלום", ""),
        ("a" * 500, "-" + "a" * 48),
    ],
)
def test_a_file_name_is_safe_on_every_system(question: str, slug: str) -> None:
    assert file_name([make_answer(question)], DAY, "docx") == f"assessments-2026-01-31{slug}.docx"


def test_a_conversation_without_a_question_has_a_file_name() -> None:
    assert file_name([], DAY, "md") == "assessments-2026-01-31.md"
