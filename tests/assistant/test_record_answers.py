"""Questions for formal records: answered by records of that kind alone, all of them, as the register lists them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Answer, Status
from assistant.app import Assistant, open_assistant
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.register import register_of
from assistant.settings import Settings
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from tests.fixtures.formal_collection import RECORDS, lines_of, write_collection

NOUNS = {
    "cause_of_concern": "causes of concern",
    "area_for_improvement": "areas for improvement",
    "recommendation": "recommendations",
    "innovative_practice": "innovative practice",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return over(tmp_path_factory.mktemp("formal"))


def over(folder: Path, texts: dict[str, str] | None = None) -> Assistant:
    """An assistant over the fictional collection, or over some texts by file name."""
    sources, index = folder / "sources", folder / "index"
    sources.mkdir()
    if texts is None:
        write_collection(sources)
    for name, text in (texts or {}).items():
        (sources / name).write_text(text, encoding="utf-8")
    build_index(sources, index, HashedWordEmbedder())
    return open_assistant(Settings(sources=sources, index=index), HashedWordEmbedder())


def sentences_of(answer: Answer) -> list[str]:
    """The sentences that an answer cites, without context."""
    return sorted(" ".join(citation.quote.split()) for citation in answer.citations if not citation.context)


def listed(kind: str, source: str = "", status: str = "made") -> list[dict[str, Any]]:
    return [
        record
        for record in RECORDS
        if record["kind"] == kind and source in record["source"] and record.get("status", "made") == status
    ]


def sentences_listed(records: list[dict[str, Any]]) -> list[str]:
    """The sentences of listed records; one that several records share is cited once."""
    shared = {(record["source"], line) for record in records for line in lines_of(record)}
    return sorted(line for _, line in shared)


@pytest.mark.parametrize("kind", NOUNS)
@pytest.mark.parametrize("form", ["What are the {noun}?", "List all {noun}", "every {noun} in the collection"])
def test_all_records_of_a_kind_answer_and_no_other(assistant: Assistant, kind: str, form: str) -> None:
    noun = NOUNS[kind].replace("causes", "cause").replace("areas", "area") if form.startswith("every") else NOUNS[kind]
    answer = assistant.ask(form.format(noun=noun))
    assert answer.status is Status.ANSWERED
    assert sentences_of(answer) == sentences_listed(listed(kind))
    assert answer.reason.startswith(f"The assessments list {len(listed(kind))} ")


@pytest.mark.parametrize("kind", ["cause_of_concern", "area_for_improvement", "recommendation"])
def test_the_chat_and_the_register_list_the_same(assistant: Assistant, kind: str) -> None:
    register = register_of(assistant.judgements, EVERYTHING)
    entries = [entry for entry in register.entries if entry.record.kind.value == kind]
    registered = {cited.sentence for entry in entries for cited in entry.citations if entry.record.status == "made"}
    answer = assistant.ask(f"What are the {NOUNS[kind]}?")
    assert {cited.sentence for cited in answer.citations if not cited.context} == registered
    assert len([entry for entry in entries if entry.record.status == "made"]) == len(listed(kind))


def test_grades_answer_with_the_heading_they_are_read_with(assistant: Assistant) -> None:
    answer = assistant.ask("What grades did Northshire get in 2018/19?")
    assert sentences_of(answer) == [
        "Effectiveness: good",
        "Efficiency: requires improvement",
        "Legitimacy: outstanding",
    ]
    answer = assistant.ask("How was Eastvale graded for custody in 2021/22?")
    assert [statement.text for statement in answer.statements] == ["Custody Good"]
    answer = assistant.ask("Which areas require improvement in Eastmarch in 2021/22?")
    assert [statement.text for statement in answer.statements] == ["Protecting vulnerable people Requires improvement"]


@pytest.mark.parametrize(
    ("question", "kind", "source"),
    [
        ("What are the causes of concern in Westmere in 2021/22?", "cause_of_concern", "westmere-2021"),
        ("Northshire 2018/19 AFIs", "area_for_improvement", "northshire-2019"),
        ("CoC for Eastmarch", "cause_of_concern", "eastmarch-talk"),
        ("Does Eastmarch have a cause of concern?", "cause_of_concern", "eastmarch-talk"),
        ("How many areas for improvement does Eastmarch have?", "area_for_improvement", "eastmarch-2022"),
        ("What innovative practice was found in Eastvale?", "innovative_practice", "eastvale-2023"),
    ],
)
def test_the_scope_of_a_question_limits_its_records(
    assistant: Assistant, question: str, kind: str, source: str
) -> None:
    assert sentences_of(assistant.ask(question)) == sentences_listed(listed(kind, source))


@pytest.mark.parametrize(
    ("question", "first_lines"),
    [
        ("What should the chief constable do by 30 June 2023?", ["By 30 June 2023, the chief constable should:"]),
        ("What must supervisors do?", ["With immediate effect, all supervisors must check custody records."]),
        ("What should Northshire do within 6 months?", ["Within six months, Northshire Constabulary should:"]),
        ("What should the Home Office do?", ["The Home Office should, within twelve months:"]),
        ("Which recommendations are due by 31 December 2024?",
         ["By 31 December 2024, Eastvale Police should review its staffing."]),
        ("Which areas for improvement are about stalking?", ["The force should improve how it records stalking"]),
        ("What is the cause of concern about missing children?",
         ["In our inspection of 2021/22 I raised a cause of concern about missing children."]),
    ],
)  # fmt: skip
def test_addressee_deadline_and_topic_limit_the_records(
    assistant: Assistant, question: str, first_lines: list[str]
) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.ANSWERED
    expected = [record for record in RECORDS if lines_of(record)[0] in first_lines]
    assert sentences_of(answer) == sentences_listed(expected)


def test_a_source_that_says_there_is_none_answers(assistant: Assistant) -> None:
    answer = assistant.ask("Did Northshire have a cause of concern in 2018/19?")
    assert sentences_of(answer) == ["There are none in this report."]
    assert answer.reason.startswith("The assessments say that there is none.")


def test_none_is_said_where_none_is_listed(assistant: Assistant) -> None:
    answer = assistant.ask("Does Eastmarch have a cause of concern?", within=Filter(periods=("2021/22",)))
    assert answer.status is Status.NOT_IN_ASSESSMENTS
    assert "list no cause of concern" in answer.reason


def test_only_closed_ones_are_said_to_be_closed(tmp_path: Path) -> None:
    text = "Westmere Police – PEEL 2021/22\n\nThe cause of concern about vetting has been closed.\n\nMore follows here."
    answer = over(tmp_path, {"w.txt": text}).ask("What are the causes of concern?")
    assert sentences_of(answer) == ["The cause of concern about vetting has been closed."]
    assert "report as closed 1 cause of concern" in answer.reason


@pytest.mark.parametrize(
    "question",
    [
        "What is a cause of concern?",
        "What is the difference between a cause of concern and an area for improvement?",
        "Has the cause of concern about vetting been closed?",
        "Why was a cause of concern raised?",
        "Which recommendations have been met?",
        "When will the cause of concern be looked at again?",
    ],
)
def test_a_question_about_a_term_is_not_answered_by_a_list(assistant: Assistant, question: str) -> None:
    assert not assistant.ask(question).reason.startswith("The assessments list")
