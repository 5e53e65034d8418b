"""A Word document, read back by python-docx for its text and part by part for its footnotes."""

import io
import zipfile
from xml.etree import ElementTree as ET

import docx
import pytest
from docx.document import Document

from assistant.answer import Answer, Statement, Status
from assistant.export.reference import attribution, reference
from assistant.export.word import to_word
from assistant.messages import load_messages
from tests.assistant.export.test_conversation import CITED, CONTROLLED, CONVERSATION, DAY, HOSTILE_ANSWERS, REFERENCES
from tests.fixtures.fictional import HOSTILE_SENTENCES, WESTMERE, cite, make_answer

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read_document(*answers: Answer) -> Document:
    return docx.Document(io.BytesIO(to_word(answers, DAY)))


def part(name: str, *answers: Answer) -> ET.Element:
    with zipfile.ZipFile(io.BytesIO(to_word(answers, DAY))) as package:
        return ET.fromstring(package.read(name))


def texts(document: Document, style: str) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs if paragraph.style and paragraph.style.name == style]


def test_every_text_has_its_place_and_style() -> None:
    document = read_document(*CONVERSATION)
    assert texts(document, "Title") == ["Questions put to the assessments"]
    assert texts(document, "Heading 1") == ["What of supervision?", "And fraud?", "How many officers?"]
    assert texts(document, "Heading 2") == [
        "What the assessments say", "Part of an answer", "No answer found in the assessments",
        "Closest sentences (not an answer)",
    ]  # fmt: skip
    assert texts(document, "Quote") == [citation.quote for citation in CITED]
    assert texts(document, "Quotation Label") == ["Shown for context"]
    paragraphs = texts(document, "Normal")
    assert paragraphs[-1] == attribution(load_messages())
    assert {"Understood as: What of fraud in Westmere?", "Nothing on Northshire."} <= set(paragraphs)


def test_every_quotation_has_a_footnote_with_the_full_reference() -> None:
    body, notes = part("word/document.xml", *CONVERSATION), part("word/footnotes.xml", *CONVERSATION)
    marks = [mark.get(f"{W}id") for mark in body.iter(f"{W}footnoteReference")]
    assert marks == ["1", "2", "3", "4", "5"]
    by_id = {note.get(f"{W}id"): note for note in notes}
    written = ["".join(text.text or "" for text in by_id[mark].iter(f"{W}t")).strip() for mark in marks]
    assert written == REFERENCES
    assert all(len(list(by_id[mark].iter(f"{W}footnoteRef"))) == 1 for mark in marks)


def test_the_footnote_separators_are_declared_in_the_settings() -> None:
    notes, settings = part("word/footnotes.xml", *CONVERSATION), part("word/settings.xml", *CONVERSATION)
    special = {note.get(f"{W}id"): note.get(f"{W}type") for note in notes if note.get(f"{W}type")}
    assert special == {"-1": "separator", "0": "continuationSeparator"}
    named = [child.tag.removeprefix(W) for child in settings]
    assert named.index("footnotePr") + 1 == named.index("compat")
    declared = settings.find(f"{W}footnotePr")
    assert declared is not None
    assert [separator.get(f"{W}id") for separator in declared] == ["-1", "0"]


def test_the_footnotes_part_is_declared_and_related_and_its_styles_exist() -> None:
    with zipfile.ZipFile(io.BytesIO(to_word(CONVERSATION, DAY))) as package:
        assert package.testzip() is None
        types = package.read("[Content_Types].xml").decode()
        relations = package.read("word/_rels/document.xml.rels").decode()
    assert "wordprocessingml.footnotes+xml" in types
    assert 'Target="footnotes.xml"' in relations
    styles = {style.get(f"{W}styleId"): style.get(f"{W}type") for style in part("word/styles.xml", *CONVERSATION)}
    assert (styles["FootnoteText"], styles["FootnoteReference"]) == ("paragraph", "character")


@pytest.mark.parametrize("ordinal", range(len(HOSTILE_SENTENCES)))
def test_hostile_questions_and_quotations_are_read_back_unchanged(ordinal: int) -> None:
    document = read_document(HOSTILE_ANSWERS[ordinal])
    assert texts(document, "Quote") == [HOSTILE_SENTENCES[ordinal]]
    assert texts(document, "Heading 1") == [HOSTILE_SENTENCES[ordinal]]


def test_characters_that_xml_cannot_contain_are_replaced_and_mentioned() -> None:
    document = read_document(CONTROLLED)
    assert texts(document, "Quote") == ["a\ufffdb\ufffd[31mc\ufffd"]
    assert "shown as \ufffd" in texts(document, "Normal")[-1]


def test_each_line_end_of_the_source_is_one_line_break() -> None:
    quoted = cite(WESTMERE, 1, 1).model_copy(update={"quote": "one\r\ntwo\rthree\nfour"})
    assert texts(read_document(make_answer("?", Status.ANSWERED, [quoted])), "Quote") == ["one\ntwo\nthree\nfour"]


def test_a_repeated_quotation_shows_its_number_without_a_second_footnote() -> None:
    stated = (Statement(text="There is a plan.", citations=(1,)), Statement(text="It is clear.", citations=(1,)))
    answer = make_answer("?", Status.ANSWERED, [cite(WESTMERE, 1, 1)], statements=stated)
    assert len(list(part("word/document.xml", answer).iter(f"{W}footnoteReference"))) == 1
    paragraphs = read_document(answer).paragraphs
    _, repeated = [paragraph for paragraph in paragraphs if paragraph.style and paragraph.style.name == "Quote"]
    assert (repeated.runs[-1].text, repeated.runs[-1].font.superscript) == ("1", True)


def test_the_document_is_british_english_dated_and_without_an_author() -> None:
    properties = read_document(*CONVERSATION).core_properties
    assert (properties.author, properties.last_modified_by, properties.comments) == ("", "", "")
    assert (properties.title, properties.language) == ("Questions put to the assessments", "en-GB")
    assert properties.created is not None
    assert properties.created.date() == DAY
    styles = part("word/styles.xml", *CONVERSATION)
    assert {language.get(f"{W}val") for language in styles.iter(f"{W}lang")} == {"en-GB"}
    with zipfile.ZipFile(io.BytesIO(to_word(CONVERSATION, DAY))) as package:
        assert [name for name in package.namelist() if "thumbnail" in name or name == "docProps/app.xml"] == []
        assert {entry.date_time for entry in package.infolist()} == {(2026, 1, 31, 0, 0, 0)}


def test_the_page_is_a4() -> None:
    section = read_document(*CONVERSATION).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


def test_every_permalink_begins_with_the_site() -> None:
    file = to_word(CONVERSATION, DAY, site="https://assistant.example")
    with zipfile.ZipFile(io.BytesIO(file)) as package:
        notes = package.read("word/footnotes.xml").decode()
    assert notes.count("https://assistant.example/sources/") == len(CITED)
    assert reference(CITED[0]) not in notes
