"""What is good and what is not: which questions ask for it, which sentence stands where, and how it is shown."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from assistant.answer import Answer, Status
from assistant.answer_layout import Aspect, Sides
from assistant.chain import Chain, open_chain
from assistant.export.formats import to_print_html
from assistant.export.markdown import to_markdown
from assistant.export.plain_text import clipboard_text, terminal_text
from assistant.export.spreadsheet import to_csv
from assistant.export.turn_html import to_html
from assistant.export.word import to_word
from assistant.filter import Filter
from assistant.judgements.praise_and_concern import Side
from assistant.question.question import Question
from assistant.question.routing import asks_for_sides, themes_asked
from assistant.question.scope import Corpus
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.open import open_current
from index.published.open_index import OpenIndex
from index.storage.fingerprint import Fingerprint
from index.text.transcript import Metadata, Period
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, FictionalSources, cite, make_answer, two_sided
from tests.fixtures.lexicons import LEXICONS, understand
from tests.fixtures.visible import read_html

DAY = date(2026, 1, 31)
SOURCES = Path(__file__).parents[1] / "golden" / "northshire" / "sources"
SEVERAL = Corpus.of([Metadata("Northshire Constabulary", Period("2016", 2016, 2016)), Metadata("Westmere Police")])
ONE = Corpus.of([Metadata("Northshire Constabulary")])
SHOWN = two_sided("What are the strengths and concerns?")


def asked(question: str, corpus: Corpus) -> Question:
    return understand(question, corpus, ["northshire", "westmere", "constabulary", "police"])


@pytest.mark.parametrize(
    "question",
    [
        "What are the strengths and concerns?",
        "strengths and weaknesses",
        "What is good and bad?",
        "What does the force do well and what does it do badly?",
        "Give me an overview",
        "pros and cons",
        "What concerns and praise did the inspector give?",
        "Where is it good, and where must it improve?",
    ],
)
def test_a_question_for_both_sides_is_recognised_for_the_only_force_and_for_a_named_force(question: str) -> None:
    alone = asked(question, ONE)
    assert asks_for_sides(alone, ONE)
    assert themes_asked(alone, LEXICONS.themes) == {theme.key for theme in LEXICONS.themes} | {""}
    assert asks_for_sides(asked(f"{question} (Northshire Constabulary)", SEVERAL), SEVERAL)
    assert not asks_for_sides(asked(question, SEVERAL), SEVERAL)


@pytest.mark.parametrize(
    "question",
    [
        "What concerns did the inspector have?",
        "What is good?",
        "How good is the force at custody?",
        "What are the strengths and weaknesses of Northshire and Westmere?",
        "What are the strengths and weaknesses of Kent Police?",
    ],
)
def test_a_question_for_one_side_or_two_forces_or_an_unknown_force_is_not_two_sided(question: str) -> None:
    assert not asks_for_sides(asked(question, SEVERAL), SEVERAL)


def test_a_topic_limits_the_themes_unless_it_is_no_theme() -> None:
    custody = asked("What are the strengths and weaknesses in custody?", ONE)
    assert themes_asked(custody, LEXICONS.themes) == {"custody"}
    assert themes_asked(asked("What is good and bad about dragons?", ONE), LEXICONS.themes) is None


def opened_over(sources: Path, folder: Path) -> closing[OpenIndex]:
    embedder = HashedWordEmbedder()
    build_index(sources, folder, embedder)
    return closing(open_current(folder, Fingerprint.of(embedder)))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIndex]:
    with opened_over(SOURCES, tmp_path_factory.mktemp("index")) as opened:
        yield opened


@pytest.fixture(scope="module")
def chain(index: OpenIndex) -> Chain:
    return open_chain(index, HashedWordEmbedder(), length=200)


ASKED = [
    f"What are the strengths and weaknesses{topic} of {force}{period}?"
    for topic in ("", " in custody", " in the protection of vulnerable people")
    for force in ("Northshire Constabulary", "Westmere Police", "Eastvale Police")
    for period in ("", " in 2018/19")
]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(question=st.sampled_from(ASKED))
def test_every_sentence_on_a_side_is_a_slice_that_judges_that_way_by_rule(
    index: OpenIndex, chain: Chain, question: str
) -> None:
    answer = chain.answer(question)
    assert answer.sides is not None or not answer.status.answered or answer.citations
    cited = {citation.number: citation for citation in answer.citations}
    for aspect in answer.sides.themes if answer.sides else ():
        for side, numbers in zip(Side, (aspect.praise, aspect.concern, aspect.both), strict=True):
            for citation in (cited[number] for number in numbers):
                transcript = index.transcript(citation.transcript_id)
                assert transcript is not None
                assert transcript.text[citation.start : citation.end] == citation.quote
                assert citation.context or LEXICONS.statement_rules.read(citation.quote).side is side
                assert citation.force in question
                assert "2018" not in question or citation.period == "2018/19"


def test_every_quotation_under_a_theme_names_it_and_is_of_the_force_asked_about(chain: Chain) -> None:
    answer = chain.answer("What are the strengths and weaknesses of Northshire?")
    assert answer.sides is not None
    names = {theme.name: theme.key for theme in LEXICONS.themes}
    for aspect in answer.sides.themes:
        own = [
            citation
            for citation in answer.citations
            if citation.number in (*aspect.praise, *aspect.concern, *aspect.both)
        ]
        named = [LEXICONS.themes.named(citation.quote) for citation in own if not citation.context]
        assert all(not aspect.theme or not themes or names[aspect.theme] in themes for themes in named)
    assert {citation.force for citation in answer.citations} == {"Northshire Constabulary"}
    limited = chain.answer("What is good and bad?", within=Filter(("Westmere Police",), ("2016",)))
    assert {(citation.force, citation.period) for citation in limited.citations} == {("Westmere Police", "2016")}


def test_every_period_of_the_only_force_is_searched(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    for source in SOURCES.glob("northshire-*"):
        shutil.copy(source, tmp_path / "sources")
    with opened_over(tmp_path / "sources", tmp_path / "index") as held:
        alone = open_chain(held, HashedWordEmbedder(), length=200)
        answers = [alone.answer(asked) for asked in ("What is good and bad?", "What are the strengths and concerns?")]
    for answer in answers:
        assert answer.sides is not None
        assert {citation.period for citation in answer.citations} == {"2016", "2018/19", "2021/22"}


def test_with_several_forces_and_none_named_the_question_is_ambiguous(chain: Chain) -> None:
    assert chain.answer("What are the strengths and concerns?").status is Status.AMBIGUOUS


@pytest.mark.parametrize(
    "themes",
    [
        [Aspect(theme="A", praise=(1,), concern=(), both=())],  # a citation left out
        [Aspect(theme="A", praise=(1,), concern=(1, 2), both=())],  # one twice
        [Aspect(theme="A", praise=(1,), concern=(3,), both=(2,))],  # one that is not cited
    ],
)
def test_an_answer_whose_sides_disagree_cannot_be_built(themes: list[Aspect]) -> None:
    cited = [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 6, 2)]
    with pytest.raises(ValidationError):
        make_answer("Both?", Status.ANSWERED, cited, sides=Sides(themes=tuple(themes)))


def test_the_sides_are_of_one_force_and_no_theme_is_empty_or_twice() -> None:
    aspect = Aspect(theme="A", praise=(1,), concern=(2,), both=())
    with pytest.raises(ValidationError):
        make_answer(
            "Both?", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1), cite(WESTMERE, 1, 2)], sides=Sides(themes=(aspect,))
        )
    with pytest.raises(ValidationError):
        Aspect(theme="A", praise=(), concern=(), both=())
    with pytest.raises(ValidationError):
        Sides(themes=(aspect, aspect))


def words_of_word(answer: Answer) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(to_word([answer], DAY))).paragraphs)


@pytest.mark.parametrize(
    "write",
    [
        terminal_text,
        clipboard_text,
        lambda answer: to_markdown([answer], DAY),
        lambda answer: to_print_html([answer], DAY),
        words_of_word,
    ],
    ids=["terminal", "copied", "markdown", "print", "word"],
)
def test_every_format_has_each_sentence_under_its_theme_and_side(write: Callable[[Answer], str]) -> None:
    text = write(SHOWN).replace("&#x27;", "'")
    order = [
        "Investigating crime: Praise", NORTHSHIRE.sentences[5].text, "Investigating crime: Concern",
        NORTHSHIRE.sentences[6].text.split(",")[0], "Working with others: Praise", NORTHSHIRE.sentences[3].text,
        "Working with others: Concern", "Nothing found", "No single theme: Both in one sentence",
        NORTHSHIRE.sentences[2].text,
    ]  # fmt: skip
    place = 0
    for text_part in order:
        place = text.index(text_part, place)
    assert "By theme." in text


def test_the_page_has_a_section_for_each_theme_and_says_if_a_side_is_empty() -> None:
    html = to_html(SHOWN, FictionalSources())
    themes = read_html(html).find("section", class_="sides")
    assert [section.find("h4")[0].text for section in themes] == [
        "Investigating crime",
        "Working with others",
        "No single theme",
    ]
    sides = [[side.find("h5")[0].text for side in section.find("div", class_="side")] for section in themes]
    assert sides[0] == ["Praise or a good grade", "Concern or a low grade"]
    assert sides[2] == ["Praise or a good grade", "Concern or a low grade", "Both in one sentence"]
    empty = themes[1].find("div", class_="side")[1]
    assert (empty.find("blockquote"), "Nothing found" in empty.text) == ([], True)


def test_a_spreadsheet_has_the_theme_and_the_side_of_each_line() -> None:
    heads, *lines = list(csv.reader(io.StringIO(to_csv([SHOWN], DAY).decode("utf-8-sig"), newline="")))
    assert heads[-2:] == ["Theme", "Praise or concern"]
    assert [(line[2] != "Nothing found", *line[-2:]) for line in lines][:4] == [
        (True, "Investigating crime", "Praise or a good grade"),
        (True, "Investigating crime", "Concern or a low grade"),
        (True, "Working with others", "Praise or a good grade"),
        (False, "Working with others", "Concern or a low grade"),
    ]
    assert {len(line) for line in lines} == {len(heads)}
