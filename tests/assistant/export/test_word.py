"""A Word document read back: by python-docx for its text, and part by part for what Word asks of footnotes."""

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


def test_everything_is_said_in_its_place_and_style() -> None:
    document = read_document(*CONVERSATION)
    assert texts(document, "Title") == ["Questions put to the assessments"]
    assert texts(document, "Heading 1") == ["What of supervision?", "And fraud?", "How many officers?"]
    assert texts(document, "Heading 2") == [
        "What the assessments say", "Part of an answer", "No answer found in the assessments",
        "Closest sentences (not an answer)",
    ]  # fmt: skip
    assert texts(document, "Quote") == [citation.quote for citation in CITED]
    assert texts(document, "Quotation Label") == ["Shown for context"]
    said = texts(document, "Normal")
    assert said[-1] == attribution(load_messages())
    assert {"Understood as: What of fraud in Westmere?", "Nothing on Northshire."} <= set(said)


def test_every_quotation_has_a_footnote_of_words_own_with_the_full_reference() -> None:
    body, notes = part("word/document.xml", *CONVERSATION), part("word/footnotes.xml", *CONVERSATION)
    marks = [mark.get(f"{W}id") for mark in body.iter(f"{W}footnoteReference")]
    assert marks == ["1", "2", "3", "4", "5"]
    by_id = {note.get(f"{W}id"): note for note in notes}
    said = ["".join(words.text or "" for words in by_id[mark].iter(f"{W}t")).strip() for mark in marks]
    assert said == REFERENCES
    assert all(len(list(by_id[mark].iter(f"{W}footnoteRef"))) == 1 for mark in marks)


def test_the_separators_are_declared_where_word_looks_for_them() -> None:
    notes, settings = part("word/footnotes.xml", *CONVERSATION), part("word/settings.xml", *CONVERSATION)
    special = {note.get(f"{W}id"): note.get(f"{W}type") for note in notes if note.get(f"{W}type")}
    assert special == {"-1": "separator", "0": "continuationSeparator"}
    named = [child.tag.removeprefix(W) for child in settings]
    assert named.index("footnotePr") + 1 == named.index("compat")
    declared = settings.find(f"{W}footnotePr")
    assert declared is not None
    assert [one.get(f"{W}id") for one in declared] == ["-1", "0"]


def test_the_footnotes_part_is_declared_related_and_its_styles_exist() -> None:
    with zipfile.ZipFile(io.BytesIO(to_word(CONVERSATION, DAY))) as package:
        assert package.testzip() is None
        types = package.read("[Content_Types].xml").decode()
        relations = package.read("word/_rels/document.xml.rels").decode()
    assert "wordprocessingml.footnotes+xml" in types
    assert 'Target="footnotes.xml"' in relations
    styles = {style.get(f"{W}styleId"): style.get(f"{W}type") for style in part("word/styles.xml", *CONVERSATION)}
    assert (styles["FootnoteText"], styles["FootnoteReference"]) == ("paragraph", "character")


@pytest.mark.parametrize("ordinal", range(len(HOSTILE_SENTENCES)))
def test_hostile_questions_and_quotations_are_read_back_as_they_are(ordinal: int) -> None:
    document = read_document(HOSTILE_ANSWERS[ordinal])
    assert texts(document, "Quote") == [HOSTILE_SENTENCES[ordinal]]
    assert texts(document, "Heading 1") == [HOSTILE_SENTENCES[ordinal]]


def test_what_xml_cannot_hold_is_replaced_and_that_is_said() -> None:
    document = read_document(CONTROLLED)
    assert texts(document, "Quote") == ["a\ufffdb\ufffd[31mc\ufffd"]
    assert "shown as \ufffd" in texts(document, "Normal")[-1]


def test_a_line_end_of_the_source_is_one_line_break() -> None:
    quoted = cite(WESTMERE, 1, 1).model_copy(update={"quote": "one\r\ntwo\rthree\nfour"})
    assert texts(read_document(make_answer("?", Status.ANSWERED, [quoted])), "Quote") == ["one\ntwo\nthree\nfour"]


def test_a_quotation_that_stands_again_shows_its_number_without_a_second_footnote() -> None:
    stated = (Statement(text="There is a plan.", citations=(1,)), Statement(text="It is clear.", citations=(1,)))
    answer = make_answer("?", Status.ANSWERED, [cite(WESTMERE, 1, 1)], statements=stated)
    assert len(list(part("word/document.xml", answer).iter(f"{W}footnoteReference"))) == 1
    again = [one for one in read_document(answer).paragraphs if one.style and one.style.name == "Quote"][1]
    assert (again.runs[-1].text, again.runs[-1].font.superscript) == ("1", True)


def test_the_document_is_british_english_dated_and_says_nothing_of_who_made_it() -> None:
    about = read_document(*CONVERSATION).core_properties
    assert (about.author, about.last_modified_by, about.comments) == ("", "", "")
    assert (about.title, about.language) == ("Questions put to the assessments", "en-GB")
    assert about.created is not None
    assert about.created.date() == DAY
    styles = part("word/styles.xml", *CONVERSATION)
    assert {language.get(f"{W}val") for language in styles.iter(f"{W}lang")} == {"en-GB"}
    with zipfile.ZipFile(io.BytesIO(to_word(CONVERSATION, DAY))) as package:
        assert [name for name in package.namelist() if "thumbnail" in name or name == "docProps/app.xml"] == []
        assert {entry.date_time for entry in package.infolist()} == {(2026, 1, 31, 0, 0, 0)}


def test_it_is_printed_on_a4() -> None:
    section = read_document(*CONVERSATION).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


def test_the_site_stands_before_the_permalinks() -> None:
    made = to_word(CONVERSATION, DAY, site="https://assistant.example")
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        notes = package.read("word/footnotes.xml").decode()
    assert notes.count("https://assistant.example/sources/") == len(CITED)
    assert reference(CITED[0]) not in notes
