from hypothesis import given
from hypothesis import strategies as st

from assistant.messages import load_messages
from assistant.sources import SourcePage
from assistant.web.layout import message_html
from assistant.web.pages.sources import contents_html, transcript_html
from index.text.sentences import Sentence
from index.text.transcript import Block, Role, Transcript
from tests.fixtures.fictional import HOSTILE, NORTHSHIRE, WESTMERE, FictionalSources, indexed_transcript, make_page
from tests.fixtures.visible import Node, read_html

MESSAGES = load_messages()

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1).filter(
    lambda text: text == text.strip()
)
BLOCKS = st.lists(
    st.tuples(st.sampled_from(list(Role)), st.lists(WORDS, min_size=1, max_size=3).map(tuple)), max_size=5
)


def shown_text(source: SourcePage) -> Node:
    """The element of the transcript's page that holds its text."""
    return read_html(transcript_html(source, MESSAGES)).find("article")[0]


@given(BLOCKS)
def test_the_whole_transcript_is_shown_and_each_sentence_has_an_anchor(
    blocks: list[tuple[Role, tuple[str, ...]]],
) -> None:
    page = make_page("t", "T", blocks)
    shown = shown_text(page)
    assert shown.text == page.transcript.text
    assert {node.attributes["id"]: node.text for node in shown.find("span")} == {
        f"s-{sentence.id}": sentence.text for sentence in page.sentences
    }


def test_text_outside_blocks_and_sentences_is_shown_too() -> None:
    text = "  one. [two] three\n"
    sentence = Sentence("a" * 15, "t", 0, 0, 2, 6, "one.", Role.FINDING)
    page = SourcePage(Transcript("t", "t.txt", "0", "T", text, (Block(Role.FINDING, 2, 12),)), (sentence,))
    assert shown_text(page).text == text


def test_a_bullet_shares_the_line_of_its_item() -> None:
    text = "# Head\n- one\n- two"
    spans = [(Role.MARKUP, 0, 1), (Role.HEADING, 2, 6), (Role.MARKUP, 7, 8), (Role.FINDING, 9, 12)]
    spans += [(Role.MARKUP, 13, 14), (Role.FINDING, 15, 18)]
    blocks = tuple(Block(role, start, end) for role, start, end in spans)
    shown = shown_text(SourcePage(Transcript("t", "t.txt", "0", "T", text, blocks), ()))
    assert [(node.tag, node.text) for node in shown.find()] == [("h2", "# Head"), ("p", "- one"), ("p", "- two")]


def test_a_transcripts_page_is_a_complete_document_with_only_our_script() -> None:
    page = read_html(transcript_html(NORTHSHIRE, MESSAGES))
    assert page.find("html")[0].attributes["lang"] == "en"
    assert [(node.attributes["src"], node.text) for node in page.find("script")] == [("/site/source.js", "")]
    assert [node.text for node in page.find("h1")] == [NORTHSHIRE.transcript.title]
    assert [node.text for node in page.find("h2")] == ["Investigating crime", "Treating people fairly"]
    facts = dict(zip((n.text for n in page.find("dt")), (n.text for n in page.find("dd")), strict=True))
    assert facts["Force"] == "Northshire Constabulary"
    assert facts["Inspection period"] == "2018/19"
    assert facts["SHA-256 of the file"] == NORTHSHIRE.transcript.sha256


def test_missing_metadata_is_shown_as_not_named() -> None:
    facts = [node.text for node in read_html(transcript_html(HOSTILE, MESSAGES)).find("dd")]
    assert facts[:2] == ["Not stated in the source", "Not stated in the source"]


def test_a_hostile_transcript_adds_no_element_to_its_page() -> None:
    ordinary = {node.tag for node in read_html(transcript_html(NORTHSHIRE, MESSAGES)).find()}
    page = read_html(transcript_html(HOSTILE, MESSAGES))
    assert {node.tag for node in page.find()} <= ordinary
    assert page.find("title")[0].text.startswith(HOSTILE.transcript.title)


def test_the_contents_list_transcripts_by_force_and_those_without_a_force_last() -> None:
    page = read_html(contents_html(FictionalSources().transcripts(), MESSAGES))
    groups = [
        (section.find("h2")[0].text, [(link.text, link.attributes["href"]) for link in section.find("ul")[0].find("a")])
        for section in page.find("main")[0].find("section")
    ]

    def links(transcript_id: str, title: str, query: str) -> list[tuple[str, str]]:
        asking = (f"Ask about this transcript: {title}", f"/ask?transcript={query}")
        return [(title, f"/sources/{transcript_id}"), asking]

    assert groups == [
        ("Northshire Constabulary", links("northshire-2018", NORTHSHIRE.transcript.title, "northshire-2018")),
        ("Westmere Police", links("westmere%202021%2F%C2%A3", WESTMERE.transcript.title, "westmere+2021%2F%C2%A3")),
        ("Not stated in the source", links("hostile", HOSTILE.transcript.title, "hostile")),
    ]


def test_a_force_with_several_transcripts_shows_their_number_and_a_link_to_ask_about_it() -> None:
    held = [
        indexed_transcript(f"e{year}", f"e{year}.txt", f"E {year}", "Eastmarch & Co", str(year), 2)
        for year in (2016, 2014)
    ]
    page = read_html(contents_html(held, MESSAGES))
    section = page.find("section")[0]
    assert section.find("p", class_="about")[0].text.startswith("2 transcripts, 4 sentences")
    assert section.find("a")[0].attributes["href"] == "/ask?force=Eastmarch+%26+Co"
    assert [node.text[:4] for node in section.find("ul")[0].find("p", class_="about")] == ["2014", "2016"]


def test_a_source_without_a_title_is_listed_by_its_file_name() -> None:
    page = read_html(contents_html((indexed_transcript("t", "plain.txt", "", "", "", 1),), MESSAGES))
    assert page.find("main")[0].find("a")[0].text == "plain.txt"
    assert page.find("ul")[0].find("p", class_="about")[0].text.startswith("1 sentence")


def test_the_contents_of_an_empty_index_say_what_to_do() -> None:
    assert "Add a file to the sources folder" in read_html(contents_html((), MESSAGES)).find("main")[0].text


def test_a_message_is_escaped() -> None:
    page = read_html(message_html("<b>", "a & b"))
    assert (page.find("h1")[0].text, page.find("main")[0].find("p")[0].text) == ("<b>", "a & b")
