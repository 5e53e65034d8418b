"""A conversation taken away: the same words, the same numbers and the same references in every format."""

from datetime import date

import pytest
from markdown_it import MarkdownIt

from assistant.answer import Answer, Statement, Status
from assistant.export.conversation import lay_out
from assistant.export.formats import EXPORTS, file_name
from assistant.export.markdown import to_markdown
from assistant.export.print_html import POLICY, to_print_html
from assistant.export.reference import attribution, reference
from assistant.messages import load_messages
from tests.fixtures.fictional import HOSTILE, HOSTILE_SENTENCES, NORTHSHIRE, WESTMERE, cite, make_answer
from tests.fixtures.visible import Node, read_html

DAY = date(2026, 1, 31)
WORDS = load_messages()
CONVERSATION = (
    make_answer("What of supervision?", Status.ANSWERED,
                [cite(NORTHSHIRE, 5, 1, context=True), cite(NORTHSHIRE, 6, 2)]),
    make_answer("And fraud?", Status.PARTLY_ANSWERED, [cite(WESTMERE, 1, 1)],
                standalone_question="What of fraud in Westmere?", reason="Nothing on Northshire."),
    make_answer("How many officers?", nearest=[cite(NORTHSHIRE, 7, 1), cite(WESTMERE, 2, 2)]),
)  # fmt: skip
CITED = [one for answer in CONVERSATION for one in (*answer.citations, *answer.nearest)]
REFERENCES = [reference(citation) for citation in CITED]
HOSTILE_ANSWERS = tuple(
    make_answer(said, Status.ANSWERED, [cite(HOSTILE, ordinal, 1)]) for ordinal, said in enumerate(HOSTILE_SENTENCES)
)
CONTROLLED = make_answer(
    "?", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1).model_copy(update={"quote": "a\x0cb\x1b[31mc\x00"})]
)


def markdown_blocks(answers: tuple[Answer, ...]) -> list[tuple[str, str]]:
    """What a CommonMark reader finds: the elements each text stands in, and the text, emphasis left out."""
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


def test_notes_are_numbered_through_all_answers_in_the_order_of_appearance() -> None:
    handout = lay_out(CONVERSATION, DAY, site="", words=WORDS)
    quoted = [one for section in handout.sections for part in section.passages for one in part.quoted]
    nearest = [one for section in handout.sections for one in section.nearest]
    assert [one.note for one in (*quoted, *nearest)] == [1, 2, 3, 4, 5]
    assert list(handout.notes) == REFERENCES
    assert handout.remarks == (attribution(WORDS),)


def test_a_quotation_that_stands_twice_has_one_note_and_what_rests_on_it_is_told_apart() -> None:
    stated = (Statement(text="There is a plan.", citations=(2, 1)), Statement(text="It is clear.", citations=(1,)))
    cited = [cite(WESTMERE, 1, 1), cite(WESTMERE, 2, 2)]
    answer = make_answer("?", Status.ANSWERED, cited, statements=stated)
    handout = lay_out([answer], DAY, site="", words=WORDS)
    first, second = handout.sections[0].passages
    assert [first.claim, second.claim] == ["There is a plan.", "It is clear."]
    assert [(one.note, one.citation.number, one.first) for one in (*first.quoted, *second.quoted)] == [
        (1, 2, True), (2, 1, True), (2, 1, False),
    ]  # fmt: skip
    assert handout.notes == (reference(cited[1]), reference(cited[0]))


def test_markdown_says_everything_in_its_place() -> None:
    blocks = markdown_blocks(CONVERSATION)
    assert ("h1", "Questions put to the assessments") in blocks
    assert [text for tag, text in blocks if tag == "h2"] == [
        "What of supervision?", "And fraud?", "How many officers?", "References",
    ]  # fmt: skip
    quoted = [text for tag, text in blocks if tag == "blockquote p"]
    assert quoted == [f"{citation.quote}[^{number}]" for number, citation in enumerate(CITED, start=1)]
    notes = [f"[^{number}]: {line}" for number, line in enumerate(REFERENCES, start=1)]
    assert [text for _, text in blocks][-5:] == notes
    said = [text for tag, text in blocks if tag == "p"]
    assert said.index("Shown for context") < said.index("Understood as: What of fraud in Westmere?")
    assert {"Nothing on Northshire.", "Searched every force and period: 3 transcripts, 22 sentences."} <= set(said)
    assert ("h3", "Closest sentences (not an answer)") in blocks
    assert attribution(WORDS) in said
    assert "on 31 January 2026." in said[0]


def test_markdown_carries_hostile_questions_and_quotations_as_they_are() -> None:
    blocks = markdown_blocks(HOSTILE_ANSWERS)
    asked = [text for tag, text in blocks if tag == "h2"][:-1]
    quoted = [text for tag, text in blocks if tag == "blockquote p"]
    assert asked == list(HOSTILE_SENTENCES)
    assert quoted == [f"{said}[^{number}]" for number, said in enumerate(HOSTILE_SENTENCES, start=1)]


def test_html_says_everything_in_its_place() -> None:
    page = html_of(*CONVERSATION)
    assert [node.text for node in page.find("h2")] == [
        "What of supervision?", "And fraud?", "How many officers?", "References",
    ]  # fmt: skip
    assert [node.find("bdi")[0].text for node in page.find("blockquote")] == [one.quote for one in CITED]
    assert [node.text for node in page.find("p", class_="tag")] == ["Shown for context"]
    assert [node.find("bdi")[0].text for node in page.find("li")] == REFERENCES
    assert page.find("footer")[0].text == attribution(WORDS)
    assert "Understood as: What of fraud in Westmere?" in page.text
    assert page.find("html")[0].attributes["lang"] == "en"


def test_every_mark_in_html_leads_to_its_note_and_every_note_leads_back() -> None:
    page = html_of(*CONVERSATION)
    marks = page.find("a", role="doc-noteref")
    assert [mark.text for mark in marks] == ["1", "2", "3", "4", "5"]
    identities = [node.attributes["id"] for node in page.find() if "id" in node.attributes]
    assert len(identities) == len(set(identities))
    for number, mark in enumerate(marks, start=1):
        note = page.find("li", id=f"note-{number}")[0]
        assert mark.attributes["href"] == f"#{note.attributes['id']}"
        assert note.find("a")[0].attributes["href"] == f"#{mark.attributes['id']}"


def test_html_carries_hostile_questions_and_quotations_as_they_are() -> None:
    page = html_of(*HOSTILE_ANSWERS)
    assert [node.text for node in page.find("h2")][:-1] == list(HOSTILE_SENTENCES)
    assert [node.find("bdi")[0].text for node in page.find("blockquote")] == list(HOSTILE_SENTENCES)


def test_html_is_one_file_that_runs_nothing_and_loads_nothing() -> None:
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
    assert not set("<>&\"'") & set(style), "these would be escaped, and a style element does not read references"
    assert "url(" not in style


@pytest.mark.parametrize("write", [to_markdown, to_print_html])
def test_a_control_character_is_replaced_and_that_is_said_only_then(write: object) -> None:
    said = "This document cannot contain control characters."
    assert said in write([CONTROLLED], DAY)  # type: ignore[operator]
    assert not {"\x00", "\x0c", "\x1b"} & set(write([CONTROLLED], DAY))  # type: ignore[operator]
    assert said not in write(HOSTILE_ANSWERS, DAY)  # type: ignore[operator]


@pytest.mark.parametrize("key", ["md", "html", "docx"])
def test_each_format_has_what_a_download_needs(key: str) -> None:
    export = EXPORTS[key]
    made = export.make(CONVERSATION, DAY, site="https://assistant.example")
    assert made == export.make(CONVERSATION, DAY, site="https://assistant.example")
    assert made != export.make(CONVERSATION, date(2026, 2, 1), site="https://assistant.example")
    assert made.startswith({"md": b"# ", "html": b"<!doctype html>", "docx": b"PK"}[key])
    assert file_name(CONVERSATION, DAY, export.extension).endswith(f".{key}")
    assert WORDS.say(export.name) in {"Markdown", "Web page for printing", "Word document"}


def test_there_are_three_formats_and_their_media_types_are_the_registered_ones() -> None:
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
def test_a_file_name_is_safe_everywhere(question: str, slug: str) -> None:
    assert file_name([make_answer(question)], DAY, "docx") == f"assessments-2026-01-31{slug}.docx"


def test_a_conversation_without_a_question_still_has_a_name() -> None:
    assert file_name([], DAY, "md") == "assessments-2026-01-31.md"
