from __future__ import annotations

import pytest

from assistant.question.periods import asks_for_latest, inspections_asked, years_asked


@pytest.mark.parametrize(
    "question",
    [
        "How many officers left in 2022?",
        "Who joined the board in 2019?",
        "Which stations closed by 2023?",
        "What happened at the football ground in 2021?",
        "How much was spent on cars in 2020?",
        "What has been built since 2018?",
        "What did the force open on 3 May 2024?",
        "How many calls were answered in 2017?",
        "Where were the drones used in 2022?",
        "When in 2019 did the trial begin?",
    ],
)
def test_a_year_may_be_a_detail_of_what_happened(question: str):
    assert inspections_asked(question) == ()


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("How many PCSOs were there in 2021/22?", "2021/22"),
        ("How many officers left, by the 2019 inspection?", "2019"),
        ("What did PEEL 2018 cover?", "2018"),
        ("In its 2019 assessment, how long were the waits?", "2019"),
        ("How good was the force in 2016?", "2016"),
        ("What did the inspector find in 2016?", "2016"),
        ("How many stations are there in the report of 2017?", "2017"),
        ("Was custody adequate in 2020?", "2020"),
        ("How was it graded in 2023-25?", "2023-25"),
        ("How did it deal with burglary in 2014?", "2014"),
    ],
)
def test_a_year_names_an_inspection_where_the_question_is_about_one(question: str, period: str):
    assert [mention.period.label for mention in inspections_asked(question)] == [period]


@pytest.mark.parametrize(
    ("question", "latest"),
    [
        ("How good is it now?", True),
        ("What is the latest grade?", True),
        ("Does it still use paper?", True),
        ("What does the most recent report say?", True),
        ("How long do callers currently wait?", True),
        ("Is it short of officers these days?", True),
        ("Does it use paper any more?", True),
        ("What did the last inspection find?", True),
        ("Who is the newest inspector?", True),
        ("How good is it?", False),
        ("How long did the last detainee wait?", False),
        ("What does it know of its risks?", False),
    ],
)
def test_a_question_may_ask_how_things_are_now(question: str, latest: bool):
    assert asks_for_latest(question) is latest


def test_only_a_year_in_which_something_happened_limits_what_answers():
    assert [year.period.first for year in years_asked("How many officers left in 2022?")] == [2022]
    assert years_asked("How many officers left in 2018, and how many by 2022?") == ()
    assert years_asked("How many officers left in 2018, and how many leave now?") == ()
    assert years_asked("How many officers have left since 2022?") == ()
    assert years_asked("How good was it in 2022?") == ()
