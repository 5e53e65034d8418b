"""The note that grades do not compare: which held sentence is its source, and that it is shown beside it everywhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import docx
import pytest
from pydantic import ValidationError

from assistant.answer import Answer, Status
from assistant.answer_layout import Row, Table
from assistant.chain import Chain, open_chain
from assistant.cli.verify import AnswerVerifier
from assistant.export.formats import to_print_html
from assistant.export.markdown import to_markdown
from assistant.export.plain_text import clipboard_text, terminal_text
from assistant.export.turn_html import to_html
from assistant.export.word import to_word
from assistant.filter import Filter
from assistant.judgements.grades import says_scales_changed
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.open import open_current
from index.storage.fingerprint import Fingerprint
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, FictionalSources, cite, compared, make_answer

DAY = date(2026, 1, 31)
SAYS = "Grades given before this inspection are not comparable with those of this year."
FORCES = {
    "north-2018": "Northshire Constabulary – PEEL 2018/19 – overall assessment\n\n"
    "The force is good at investigating crime.",
    "north-2021": "Northshire Constabulary – PEEL 2021/22 – overall assessment\n\n"
    "The force is adequate at investigating crime.",
    "west-2021": f"Westmere Police – PEEL 2021/22 – overall assessment\n\nIt is good at custody. {SAYS}",
    "west-2015": "Westmere Police – PEEL 2015 – overall assessment\n\n"
    "It was the first year in which legitimacy was graded, so no comparison with an earlier year is possible.",
}
NORTH = ["north-2018", "north-2021"]
QUESTION = "How was Northshire graded for investigating crime in 2018/19 and in 2021/22?"


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        (SAYS, True),
        ("Judgements cannot be compared with those of earlier years.", True),
        ("We now use a five-tier system of judgements.", True),
        ("We have changed the grading system.", True),
        ("The force compares its grades with those of others.", False),
        ("The force has changed its system of records.", False),
        ("Calls cannot be compared with those of last year.", False),
    ],
)
def test_a_sentence_that_says_grades_cannot_be_compared_is_recognised(sentence: str, says: bool) -> None:
    assert says_scales_changed(sentence) is says


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scales") / "sources"
    folder.mkdir()
    for name, text in FORCES.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def chain(sources: Path) -> Iterator[Chain]:
    embedder = HashedWordEmbedder()
    build_index(sources, sources.parent / "index", embedder)
    with closing(open_current(sources.parent / "index", Fingerprint.of(embedder))) as held:
        yield open_chain(held, embedder, length=200)


def test_such_a_sentence_is_the_source_of_the_note_and_not_part_of_the_answer(chain: Chain, sources: Path) -> None:
    answer = chain.answer(QUESTION)
    assert [citation.quote for citation in answer.note_sources] == [SAYS]
    assert SAYS not in [citation.quote for citation in answer.citations]
    assert len(answer.notes) == 1
    assert list(AnswerVerifier(sources).findings(answer)) == []
    other = answer.note_sources[0].model_copy(update={"quote": "Other words."})
    changed = answer.model_copy(update={"note_sources": (other,)})
    assert len(list(AnswerVerifier(sources).findings(changed))) == 1


@pytest.mark.parametrize("let_through", [NORTH, [*NORTH, "west-2015"]])
def test_the_note_has_no_source_if_the_filter_allows_no_such_sentence(chain: Chain, let_through: list[str]) -> None:
    named = {f"{name}.txt" for name in let_through}
    within = Filter(
        transcripts=tuple(
            transcript.id for transcript in chain._index.generation.transcripts if transcript.source in named
        )
    )
    answer = chain.answer(QUESTION, within=within)
    assert len(answer.notes) == 1
    assert answer.note_sources == ()


def noted() -> Answer:
    rows = (Row(force="", period="2018/19", citations=(1,)), Row(force="", period="2021/22", citations=()))
    return make_answer(
        "Compare", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1)], table=Table(rows=rows), notes=compared("x").notes,
        note_sources=(cite(WESTMERE, 2, 1),),
    )  # fmt: skip


def words_of_word(answer: Answer) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(to_word([answer], DAY))).paragraphs)


@pytest.mark.parametrize(
    "write",
    [
        terminal_text,
        clipboard_text,
        words_of_word,
        lambda answer: to_markdown([answer], DAY),
        lambda answer: to_print_html([answer], DAY),
        lambda answer: to_html(answer, FictionalSources()),
    ],
    ids=["terminal", "copied", "word", "markdown", "print", "page"],
)
def test_every_format_shows_the_source_after_the_note(write: Callable[[Answer], str]) -> None:
    text = write(noted())
    introduction = "An assessment in the collection says:"
    assert text.index(noted().notes[0]) < text.index(introduction) < text.index(WESTMERE.sentences[2].text)


def test_an_answer_cannot_have_a_source_without_a_note() -> None:
    with pytest.raises(ValidationError):
        make_answer("Compare", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1)], note_sources=(cite(WESTMERE, 2, 1),))
