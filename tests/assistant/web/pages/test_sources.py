"""A transcript's page as a permalink opens it: the marked sentence, its reference, the notice of a changed text."""

from dataclasses import replace

import pytest

from assistant.export.reference import quotation, reference
from assistant.messages import load_messages
from assistant.sources import SourcePage, permalink
from assistant.web.pages.sources import Permalink, transcript_html
from index.text.transcript import Role
from tests.fixtures.fictional import HOSTILE, NORTHSHIRE, cite, make_page
from tests.fixtures.visible import Node, read_html

OTHER = "0" * 64
SITE = "https://assistant.invalid"


def shown(page: SourcePage = NORTHSHIRE, text: str = "", sentence: str = "") -> Node:
    return read_html(transcript_html(page, load_messages(), Permalink(text, sentence), site=SITE))


def said(page: Node, kind: str) -> list[str]:
    return [node.text for node in page.find(class_=kind)]


def test_only_the_sentence_of_the_permalink_is_marked() -> None:
    citation = cite(NORTHSHIRE, 6, 1)
    page = shown(text=citation.sha256, sentence=citation.sentence)
    assert said(page, "cited") == [citation.quote]
    marked = page.find(class_="cited")[0]
    assert (marked.attributes["aria-current"], marked.attributes["tabindex"]) == ("true", "-1")
    assert len(page.find(tabindex="-1")) == 1
    assert marked.attributes["id"] == permalink(citation).partition("#")[2]
    assert said(page, "changed") == []


def test_a_labelled_box_has_the_reference_and_the_text_to_copy() -> None:
    citation = cite(NORTHSHIRE, 6, 1)
    box = shown(sentence=citation.sentence).find("section", class_="citation")[0]
    assert box.find(id=box.attributes["aria-labelledby"] or "")[0].text == "Cited sentence"
    assert said(box, "reference") == [reference(citation, site=SITE)]
    assert SITE + permalink(citation) in said(box, "reference")[0]
    assert said(box, "to-copy") == [quotation(citation, site=SITE)]
    assert [node.text for node in box.find(role="status")] == [""]


def test_the_box_links_to_the_sentence_and_its_neighbours() -> None:
    links = shown(sentence=NORTHSHIRE.sentences[6].id).find("section", class_="citation")[0].find("a")
    assert [(link.text, link.attributes["href"]) for link in links] == [
        ("Go to the sentence", f"#s-{NORTHSHIRE.sentences[6].id}"),
        ("Previous sentence", permalink(cite(NORTHSHIRE, 5, 1))),
        ("Next sentence", permalink(cite(NORTHSHIRE, 7, 1))),
    ]


@pytest.mark.parametrize(("place", "way"), [(0, "Next sentence"), (-1, "Previous sentence")])
def test_the_first_and_the_last_sentence_have_one_neighbour(place: int, way: str) -> None:
    box = shown(sentence=NORTHSHIRE.sentences[place].id).find("section", class_="citation")[0]
    assert [link.text for link in box.find("a")] == ["Go to the sentence", way]


def test_a_bullet_is_not_a_neighbour() -> None:
    page = make_page("list", "List", [(Role.FINDING, ("One.",)), (Role.MARKUP, ("-",)), (Role.FINDING, ("Two.",))])
    links = shown(page, sentence=page.sentences[2].id).find("section", class_="citation")[0].find("a")
    assert links[1].attributes["href"] == permalink(cite(page, 0, 1))


def test_the_page_says_if_the_text_has_changed_and_if_the_sentence_is_still_there() -> None:
    kept = shown(text=OTHER, sentence=NORTHSHIRE.sentences[6].id)
    assert len(said(kept, "changed")) == 1
    assert "is still there" in said(kept, "changed")[0]
    assert said(kept, "cited") == [NORTHSHIRE.sentences[6].text]
    gone = shown(text=OTHER, sentence="f" * 15)
    assert "no longer there" in said(gone, "changed")[0]
    assert (said(gone, "cited"), said(gone, "citation")) == ([], [])
    alone = shown(text=OTHER)
    assert said(alone, "changed") == ["The text of this source has changed since the link was made."]


def test_a_changed_text_is_detected_by_its_digest() -> None:
    before = make_page("t", "T", [(Role.FINDING, ("It was good.",))])
    after = make_page("t", "T", [(Role.FINDING, ("It was poor.",))])
    old = cite(before, 0, 1)
    assert said(shown(before, old.sha256, old.sentence), "changed") == []
    assert "no longer there" in said(shown(after, old.sha256, old.sentence), "changed")[0]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", ""),
        ("not a digest", "nor an id"),
        ("<script>alert(1)</script>", "<b>"),
        (OTHER + "0", ""),
        (OTHER + "\n", ""),
        (NORTHSHIRE.transcript.sha256, "f" * 15),
        (NORTHSHIRE.transcript.sha256.upper(), ""),
    ],
)
def test_a_malformed_permalink_is_ignored_and_not_shown(text: str, sentence: str) -> None:
    words = load_messages()
    assert transcript_html(NORTHSHIRE, words, Permalink(text, sentence)) == transcript_html(NORTHSHIRE, words)


def test_a_hostile_sentence_is_cited_as_text() -> None:
    for sentence in HOSTILE.sentences:
        page = shown(HOSTILE, sentence=sentence.id)
        assert said(page, "cited") == [sentence.text]
        assert {node.tag for node in page.find()} <= {
            node.tag for node in shown(sentence=NORTHSHIRE.sentences[6].id).find()
        }
        text = page.find("article")[0].text
        assert text == HOSTILE.transcript.text


@pytest.mark.parametrize("link", [Permalink(), Permalink(OTHER, NORTHSHIRE.sentences[6].id)])
def test_a_transcripts_page_has_one_main_heading_and_no_repeated_id(link: Permalink) -> None:
    page = read_html(transcript_html(NORTHSHIRE, load_messages(), link))
    assert [len(page.find(tag)) for tag in ("h1", "header", "main", "article")] == [1, 1, 1, 1]
    names = [node.attributes["aria-label"] for node in page.find("nav")]
    assert len(names) == len(set(names))
    ids = [node.attributes["id"] for node in page.find() if "id" in node.attributes]
    assert len(ids) == len(set(ids))


def test_the_heading_of_an_untitled_source_is_its_file_name() -> None:
    untitled = replace(NORTHSHIRE, transcript=replace(NORTHSHIRE.transcript, title=""))
    assert shown(untitled).find("h1")[0].text == NORTHSHIRE.transcript.source
