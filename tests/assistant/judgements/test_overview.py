"""The overview: what each cell counts and leads to, and that it says nothing where nothing is held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from assistant.answer_layout import Place
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.overview import places_within, row_of, sentences_of_cell
from assistant.judgements.praise_and_concern import Side, StatedJudgement, StatementRules
from assistant.messages import load_messages
from assistant.sources import SourcePage
from assistant.web.pages.overview import CELL, MAX_ROWS, cell_address, overview_routes
from assistant.web.security.responses import add_error_handlers
from index.records.record import RecordKind
from index.storage.reader import StoredSentence
from index.text.sentences import Sentence
from index.text.transcript import Metadata, Period, Role
from tests.fixtures.fictional import FictionalAssistant, FictionalSources, make_page
from tests.fixtures.lexicons import LEXICONS, judgements_of
from tests.fixtures.visible import Node, read_html

NORTH, LATER = "Northshire Constabulary", Period("2018/19", 2018, 2019)
SAID = (
    "I am pleased that there are no concerns about custody.",
    "The force investigates crime well.",
    "I am concerned about custody.",
    "Custody is a cause of concern.",
    "The force is good at preventing crime, but its supervision of detectives is poor.",
    "Grades: crime recording good; custody inadequate.",
    "There are three custody suites.",
    "The county has two rivers.",
    "This is limited by the number of cells.",
    "<b>Custody</b> is {{well}} & good.",
)
BLOCKS = st.lists(
    st.tuples(
        st.sampled_from([Role.FINDING, Role.FINDING, Role.HEADING]),
        st.lists(st.sampled_from([*SAID, "Custody", "Areas for improvement"]), min_size=1, max_size=3).map(tuple),
    ),
    max_size=6,
)


@settings(deadline=None)
@given(BLOCKS, BLOCKS)
def test_a_cell_counts_exactly_its_sentences_and_each_judges_that_way(first: list, second: list) -> None:
    metadata = Metadata(NORTH, LATER)
    pages = {name: make_page(name, name, of, metadata) for name, of in (("a", first), ("b", second))}
    judgements = judgements_of(FictionalSources(pages))
    row = row_of(judgements, Place(force=NORTH, period="2018/19"))
    assert [cell.theme for cell in row.cells] == [theme.key for theme in LEXICONS.themes]
    for cell in row.cells:
        shown = sentences_of_cell(judgements, row.place, cell.theme)
        counted = (cell.praise, cell.concern, cell.both, cell.other)
        assert counted == tuple(sum(sentence.side is side for sentence in shown) for side in (*Side, None))
        assert set(cell.terms) == {sentence.term for sentence in shown} - {None}
        for sentence in shown:
            text = pages[sentence.citation.transcript_id].transcript.text
            assert text[sentence.citation.start : sentence.citation.end] == sentence.citation.quote
            whole = LEXICONS.statement_rules.read(sentence.citation.quote)
            judged = {whole.side} | {Side.PRAISE if grade.grade == "good" else Side.CONCERN for grade in whole.grades}
            assert sentence.side in judged or sentence.term is not None


def shade_of(sentence: str, theme: str) -> str:
    page = make_page("a", "A", [(Role.FINDING, (sentence,))], Metadata(NORTH, LATER))
    row = row_of(judgements_of(FictionalSources({"a": page})), Place(force=NORTH, period="2018/19"))
    return next(cell.shade for cell in row.cells if cell.theme == theme)


@pytest.mark.parametrize(
    ("sentence", "theme", "shade"),
    [
        (SAID[0], "custody", "praise"),
        (SAID[2], "custody", "concern"),
        (SAID[4], "preventing", "both"),
        (SAID[5], "recording", "praise"),  # a grade of several is that of the theme it is given to
        (SAID[5], "custody", "concern"),
        (SAID[6], "custody", "other"),
        (SAID[7], "custody", "none"),
        (SAID[2], "recording", "none"),
    ],
)
def test_the_shade_of_a_cell_follows_the_judgements_on_its_theme(sentence: str, theme: str, shade: str) -> None:
    assert shade_of(sentence, theme) == shade


def test_a_sentence_has_the_themes_of_its_heading_and_of_the_sentence_it_depends_on() -> None:
    said = [
        (Role.HEADING, ("Custody",)),
        (Role.HEADING, ("Area for improvement",)),
        (Role.FINDING, ("It should review this.", "Vetting has fallen behind.", "This is a risk.")),
    ]
    page = make_page("a", "A", said, Metadata(NORTH, LATER))
    judged = {item.sentence.text: item for item in judgements_of(FictionalSources({"a": page})).of("a")}
    assert judged["It should review this."].themes == ("custody",)
    assert judged["It should review this."].stated.term is RecordKind.AREA_FOR_IMPROVEMENT
    assert judged["This is a risk."].themes[0] == "integrity"
    assert judged["This is a risk."].before is not None
    assert LEXICONS.themes.named("This is a risk.") == ()


def collection(forces: int, periods: int) -> FictionalAssistant:
    made = {}
    for force in range(forces):
        for year in range(2014, 2014 + periods):
            name = f"f{force:02}-{year}"
            metadata = Metadata(f"Force {force:02} Constabulary", Period(str(year), year, year))
            made[name] = make_page(name, name, [(Role.FINDING, SAID)], metadata)
    made["bare"] = make_page("bare", "Of no force", [(Role.FINDING, (SAID[2],))])
    assistant = FictionalAssistant()
    assistant.sources = FictionalSources(made)
    assistant.judgements = judgements_of(assistant.sources)
    return assistant


def client_of(assistant: FictionalAssistant) -> TestClient:
    app = FastAPI()
    add_error_handlers(app)
    app.include_router(overview_routes(assistant))
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(collection(43, 5))


def page_at(client: TestClient, address: str) -> Node:
    reply = client.get(address)
    assert reply.status_code == 200
    return read_html(reply.text)


def test_every_force_and_period_has_its_row_on_one_page_of_a_bounded_size(client: TestClient) -> None:
    seen: list[str] = []
    address: str | None = "/overview"
    while address:
        page = page_at(client, address)
        rows = [row.find("th")[0].text for row in page.find("tbody")[-1].find("tr")]
        assert 0 < len(rows) <= MAX_ROWS
        seen += rows
        following = page.find("a", rel="next")
        address = following[0].attributes["href"] if following else None
    assert len(seen) == len(set(seen)) == 43 * 5 + 1
    assert "Force and period not stated in the source" in seen


def test_only_the_transcripts_shown_are_read() -> None:
    assistant = collection(43, 5)
    client_of(assistant).get("/overview")
    assert 0 < len(assistant.judgements._by_transcript) <= MAX_ROWS


class CountingSources(FictionalSources):
    """Counts the transcripts that are read whole, and the sentences that are read again."""

    def __init__(self, pages: dict[str, SourcePage]) -> None:
        super().__init__(pages)
        self.whole: list[str] = []
        self.again: list[str] = []

    def transcript_page(self, transcript_id: str) -> SourcePage | None:
        self.whole.append(transcript_id)
        return super().transcript_page(transcript_id)

    def reread(self, sentences: Sequence[Sentence]) -> list[StoredSentence]:
        self.again += [sentence.text for sentence in sentences]
        return super().reread(sentences)


def test_a_cell_reads_its_transcript_once_and_judges_its_own_sentences_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []
    read = StatementRules.read

    def counted(rules: StatementRules, sentence: str, *more: Any) -> StatedJudgement:
        judged.append(sentence)
        return read(rules, sentence, *more)

    monkeypatch.setattr(StatementRules, "read", counted)
    on_theme = [f"Detention officer {number} looks after custody well." for number in range(5)]
    others = [f"The county has river {number}, which is good." for number in range(50)]
    metadata = Metadata(NORTH, LATER)
    pages = {
        "a": make_page("a", "A", [(Role.FINDING, (*others, *on_theme))], metadata),
        "b": make_page("b", "B", [(Role.FINDING, (SAID[2],))], Metadata("Westmere Police", LATER)),
    }
    sources = CountingSources(pages)
    judgements, place = judgements_of(sources), Place(force=NORTH, period="2018/19")
    first = sentences_of_cell(judgements, place, "custody")
    assert [sentence.citation.quote for sentence in first] == on_theme
    assert judged == sources.again == on_theme
    assert sources.whole == ["a"]
    assert sentences_of_cell(judgements, place, "custody") == first
    assert (judged, sources.whole) == (on_theme, ["a"])
    assert sources.again == on_theme * 2  # read again, so that each is checked before it is shown


def test_the_overview_is_limited_to_a_force_and_a_period(client: TestClient) -> None:
    page = page_at(client, "/overview?force=Force+07+Constabulary&period=")
    assert len(page.find("tbody")[-1].find("tr")) == 5
    page = page_at(client, "/overview?force=Force+07+Constabulary&period=2016")
    assert [row.find("th")[0].text for row in page.find("tbody")[-1].find("tr")] == ["Force 07 Constabulary 2016"]
    assert page.find("option", selected="")[0].text == "Force 07 Constabulary"


def test_a_cell_says_its_judgements_in_signs_and_words_and_nothing_where_there_is_nothing(client: TestClient) -> None:
    row = page_at(client, "/overview?force=Force+07+Constabulary&period=2016").find("tbody")[-1].find("tr")[0]
    by_theme = dict(zip((theme.key for theme in LEXICONS.themes), row.find("td"), strict=True))
    custody = by_theme["custody"]
    unseen = " ".join(element.text for element in custody.find("span", class_="unseen"))
    assert "Cause of concern. " in unseen
    assert "Concern or a low grade: " in unseen
    assert {element.text[0] for element in custody.find("span", class_="sign")} <= set("▲▼◆○■□")
    assert by_theme["domestic"].text == "Domestic abuse·Nothing found"
    assert by_theme["domestic"].find("a") == []
    words = load_messages()
    for cell in row.find("td"):
        assert "good" not in cell.text.lower().replace(words.say("side.praise").lower(), "")


def test_a_cells_page_shows_each_sentence_once_as_its_characters_with_its_source(client: TestClient) -> None:
    page = page_at(client, cell_address(Place(force="Force 07 Constabulary", period="2016"), "custody"))
    quoted = [quotation.text for quotation in page.find("blockquote")]
    assert len(quoted) == len(set(quoted))
    assert set(quoted) == {sentence for sentence in SAID if "ustody" in sentence} | ({SAID[8]} & set(quoted))
    assert SAID[9] in quoted
    assert page.find("b") == []
    links = [link for link in page.find("a") if (link.attributes["href"] or "").startswith("/sources/")]
    assert len(links) == len(quoted)
    headings = [element.text.split(" ", 1)[1] for element in page.find("h2")]
    assert headings[:2] == [
        "Concern or a low grade",
        "Praise or a good grade",
    ]


def test_a_cell_of_sources_without_a_force_and_one_that_holds_nothing_have_their_pages(client: TestClient) -> None:
    bare = page_at(client, cell_address(Place(force="", period=""), "custody"))
    assert [quotation.text for quotation in bare.find("blockquote")] == [SAID[2]]
    empty = page_at(client, cell_address(Place(force="", period=""), "vulnerable"))
    assert empty.find("blockquote") == []
    assert "Nothing found" in empty.text


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/overview?force=Eastvale+Police", 422),
        ("/overview?page=0", 422),
        ("/overview?page=many", 422),
        (f"{CELL}?force=Eastvale+Police&theme=custody", 422),
        (f"{CELL}?force=Force+07+Constabulary&period=2016&theme=rivers", 404),
        (f"{CELL}?force=Force+07+Constabulary&theme=custody", 404),
        (CELL, 404),
    ],
)
def test_what_is_not_there_is_said_on_a_page(client: TestClient, address: str, code: int) -> None:
    reply = client.get(address)
    assert reply.status_code == code
    assert len(read_html(reply.text).find("h1")) == 1


def test_a_page_beyond_the_last_is_the_last_and_nothing_held_is_said() -> None:
    page = page_at(client_of(collection(2, 1)), "/overview?page=99")
    assert len(page.find("tbody")[-1].find("tr")) == 3
    nothing = FictionalAssistant()
    nothing.sources = FictionalSources({})
    nothing.judgements = judgements_of(nothing.sources)
    assert page_at(client_of(nothing), "/overview").find("table") == []


def test_addresses_carry_what_is_looked_at_and_what_is_held_keeps_its_order() -> None:
    query = parse_qs(urlsplit(cell_address(Place(force="A & B", period="2018/19"), "custody")).query)
    assert query == {"force": ["A & B"], "period": ["2018/19"], "theme": ["custody"]}
    judgements = collection(2, 2).judgements
    places = places_within(judgements, EVERYTHING)
    assert places == tuple(sorted(places, key=lambda place: (place.force, place.period)))
    assert {place.period for place in places_within(judgements, Filter(periods=("2015",)))} == {"2015"}
