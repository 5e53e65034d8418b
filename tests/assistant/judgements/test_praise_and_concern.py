"""What a sentence states: praise, concern, the inspectorate's terms, grades, and nothing where it only seems to."""

from __future__ import annotations

import pytest

from assistant.judgements.praise_and_concern import Side
from index.records.grades import Grade, grades_given
from index.records.record import RecordKind
from tests.fixtures.lexicons import LEXICONS

PRAISE = """
I am pleased that there are no concerns.
I am pleased that there is no backlog.
The force is good at preventing crime and tackling anti-social behaviour.
I congratulate Eastvale Police on its improvement since the last inspection.
The wellbeing of the workforce is a priority for leaders, and officers told us that they feel supported.
Once again I am reassured that the force has already taken effective action to address these issues.
The force has a good understanding of current demand.
Officers are confident to raise concerns and are well supported.
The force works well to find missing children.
I was impressed by how the force deals with problems.
I commend the force for its neighbourhood policing.
The force is not only good at preventing crime but outstanding at investigating it.
The force has a strong approach to problem-solving.
There is no doubt that the force is good at investigating crime.
Vulnerable people are well protected without delay.
Effectiveness good; efficiency good; legitimacy outstanding.
I am pleased that the force has closed the cause of concern.
I am pleased that officers do not feel pressured to meet targets.
The force improved from requires improvement to good.
I would like to congratulate the force on its excellent performance.
Crime is rarely left uninvestigated and victims are well supported.
There was no evidence of bias, and supervisors check stop and search records thoroughly.
"""
CONCERN = """
I have some concerns about the force's approach to investigating crime, which has deteriorated since last year.
The force does not do this well.
It is not effective at managing offenders.
The force requires improvement at preventing crime.
The force should make sure that supervision is effective.
There is no clear plan for neighbourhood policing.
The force is inadequate at responding to the public.
It lacks a good understanding of demand.
Help does not always come quickly enough.
I am not satisfied with the progress the force has made.
I am not reassured that victims are well served.
The cause of concern that I raised has not been closed.
The weaknesses have not been addressed.
The force needs to address the weaknesses in supervision.
Records were not timely, effective or thorough.
The force is far from effective in recording crime.
The force does not have a clear and effective plan.
I am disappointed that the force's vetting arrangements have not kept pace.
The force is less good at recording crime.
Visits to 119 offenders were overdue when we inspected in October 2021.
It failed to provide a good service.
The force does not understand why people leave.
None of the weaknesses we found last year has been put right.
I remain to be persuaded that the strategy is working well.
Few supervisors check stop and search records thoroughly.
Not every victim receives a good service.
Effective and reliable processes were missing.
It answered 61 percent of calls within 10 seconds, well short of the national standard.
"""
BOTH = """
The force is good at preventing crime, but its supervision is poor.
I am satisfied with most aspects, but the force needs to improve in some areas to provide a consistently good service.
Although the force is effective at preventing crime, I am concerned about custody.
Effectiveness good; efficiency requires improvement; legitimacy good.
Serious crime is investigated well, while some lesser offences are not.
The unit uses intelligence well, but it does not have the software to monitor all of the force's systems.
"""
NEITHER = """
The chief constable said that he was pleased with our report.
A good grade means that the force is substantially meeting the standard.
Good policing depends on public trust.
All of the weaknesses we found last year have been put right.
The inspection identified no causes of concern.
We found no areas for improvement.
The cause of concern has been closed.
The force has closed both of the causes of concern that my predecessor raised.
I would be pleased to see improvement.
The force wants to be outstanding.
The force is adequate at supporting its workforce.
Good intentions have not led to change in the towns.
There are 12 outstanding warrants.
The force plans to be more effective.
The force is no longer inadequate.
The county has two rivers and an airport.
We asked whether the force was effective.
The force did not fail.
We did not identify any significant concerns.
The inspector is not worried about custody.
Its contact centre answers calls from victims concerned about noise.
Grades for the force: effectiveness not yet graded.
"""


def sentences(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize(
    ("side", "sentence"),
    [
        *((Side.PRAISE, sentence) for sentence in sentences(PRAISE)),
        *((Side.CONCERN, sentence) for sentence in sentences(CONCERN)),
        *((Side.BOTH, sentence) for sentence in sentences(BOTH)),
        *((None, sentence) for sentence in sentences(NEITHER)),
    ],
)
def test_the_side_of_a_sentence_is_recognised(side: Side | None, sentence: str) -> None:
    assert LEXICONS.statement_rules.read(sentence).side is side


def test_the_kind_of_a_record_makes_its_sentences_a_concern_unless_they_praise() -> None:
    read = LEXICONS.statement_rules.read
    assert read("Custody records are kept on paper.").side is None
    assert read("Custody records are kept on paper.", RecordKind.AREA_FOR_IMPROVEMENT).side is Side.CONCERN
    assert read("I am pleased with the custody records.", RecordKind.AREA_FOR_IMPROVEMENT).side is Side.PRAISE
    assert read("Custody records are kept on paper.", RecordKind.INNOVATIVE_PRACTICE).side is None


@pytest.mark.parametrize(
    ("sentence", "grades"),
    [
        ("The force is good at preventing crime.", [("good", "preventing crime")]),
        ("It requires improvement in the way it investigates crime.", [("requires improvement", "investigates crime")]),
        ("Effectiveness good; efficiency requires improvement.",
         [("good", "Effectiveness"), ("requires improvement", "efficiency")]),
        ("Protecting vulnerable people was inadequate.", [("inadequate", "Protecting vulnerable people")]),
        ("Investigation was graded requires improvement.", [("requires improvement", "Investigation")]),
        ("The force has a good understanding of demand.", []),
        ("The force wants to be outstanding.", []),
        ("There are outstanding warrants.", []),
        ("Effectiveness is not yet graded.", []),
        ("The force is not good at this.", []),
    ],
)  # fmt: skip
def test_a_grade_is_recognised_with_the_words_it_is_given_to(sentence: str, grades: list[tuple[str, str]]) -> None:
    assert list(grades_given(sentence)) == [Grade(*grade) for grade in grades]
    assert all(of in sentence for _, of in grades)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Crime recording is accurate.", "recording"),
        ("The force investigates crime to a good standard.", "investigating"),
        ("Victims of domestic abuse wait too long.", "victims"),
        ("Custody is safe for detainees.", "custody"),
        ("It uses stop and search fairly.", "public"),
        ("Vetting has fallen behind.", "integrity"),
        ("The county has two rivers.", ""),
    ],
)
def test_a_theme_is_recognised_by_its_terms(text: str, first: str) -> None:
    assert next(iter(LEXICONS.themes.named(text)), "") == first


def test_every_theme_has_a_unique_name_and_is_found_by_its_key() -> None:
    themes = list(LEXICONS.themes)
    assert len({theme.key for theme in themes}) == len({theme.name for theme in themes}) == len(themes) >= 13
    assert all(LEXICONS.themes.by_key(theme.key) is theme for theme in themes)
    assert LEXICONS.themes.by_key("rivers") is None
