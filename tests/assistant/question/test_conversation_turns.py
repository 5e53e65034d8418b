"""Turns of conversations about fictional forces, each with what its stand-alone form has to name."""

from __future__ import annotations

import pytest

from assistant.question.conversation import Turn, standalone
from assistant.question.scope import Corpus
from index.sources.dates import find_periods, make_period
from index.text.transcript import Metadata
from tests.fixtures.lexicons import LEXICONS

CORPUS = Corpus.of(
    [
        Metadata(force, make_period(first, last))
        for force in ("Northshire Constabulary", "Westmere Police", "Eastvale Police", "Eastmarch Constabulary")
        for first, last in ((2018, 2019), (2021, 2022), (2023, 2023))
    ]
)
REFUSAL = "A search of Northshire Constabulary found no sentence that answers this question."

ROAD = ("How many collisions did Westmere's road policing unit attend in 2023?", "It attended 2,140 collisions.")
DOGS = ("Does Northshire have its own dog section?", "The dog section was closed in March to save £300,000.")
CADETS = ("How many cadets does Eastvale have?", "Eastvale has 212 cadets in nine units.")
FRAUD = (
    "What did inspectors find about fraud at Eastmarch in 2021/22?",
    "The fraud team has a backlog of 460 cases. Victims are not told when their case is closed.",
)
GRADE = ("How was Northshire graded for preventing crime in 2018/19?", "Preventing crime: requires improvement")
FLEET = ("Why were Westmere's response vehicles off the road?", "The workshop had lost four of its seven mechanics.")
CHIEF = ("Who is the chief constable of Eastvale?", "The chief constable is Harriet Lonsdale, appointed in 2020.")
LIST = (
    "What causes of concern did Northshire get in 2023?",
    "Vetting is out of date for 300 officers. Firearms records are incomplete.",
)
BOTH = ("How do Westmere and Eastvale compare on rural crime?", "Westmere has a rural team. Eastvale has none.")
REFUSED = ("How many horses does Northshire keep?", REFUSAL)
WELFARE = (
    "How does Eastmarch look after call handlers?",
    "A counsellor visits the control room on Tuesdays, and call handlers value her visits.",
)
LABS = ("Is Westmere's digital forensics unit accredited?", "The unit lost its accreditation in 2022.")

# history, turn, force, period, words that it needs, separated by spaces
TURNS = [
    # another force
    ([ROAD], "and eastvale?", "Eastvale", "2023", "collisions"),
    ([ROAD], "What about Northshire", "Northshire", "2023", "collisions road"),
    ([CADETS], "same for westmere please", "Westmere", "", "cadets"),
    ([GRADE], "Eastmarch?", "Eastmarch", "2018/19", "graded preventing crime"),
    ([DOGS], "how about eastvale police", "Eastvale", "", "dog section"),
    ([CHIEF], "and of Westmere", "Westmere", "", "chief constable"),
    # corrections
    ([ROAD], "no, Northshire", "Northshire", "2023", "collisions"),
    ([ROAD], "sorry, I meant Eastmarch", "Eastmarch", "2023", "collisions"),
    ([FRAUD], "I meant 2018/19", "Eastmarch", "2018/19", "fraud"),
    ([GRADE], "no, 2023", "Northshire", "2023", "graded preventing"),
    ([CADETS], "i mean Eastmarch", "Eastmarch", "", "cadets"),
    ([LIST], "only the firearms ones", "Northshire", "2023", "firearms causes concern"),
    ([FRAUD], "just the criticisms", "Eastmarch", "2021/22", "fraud criticisms"),
    # another period
    ([ROAD], "what about 2018/19?", "Westmere", "2018/19", "collisions"),
    ([GRADE], "and in 2023?", "Northshire", "2023", "graded preventing crime"),
    ([ROAD], "and the inspection before?", "Westmere", "2021/22", "collisions"),
    ([GRADE], "the next inspection?", "Northshire", "2021/22", "graded preventing crime"),
    ([ROAD], "the previous year?", "Westmere", "2021/22", "collisions"),
    ([ROAD], "two years earlier", "Westmere", "2021/22", "collisions"),
    ([FRAUD], "and in 2023, Westmere?", "Westmere", "2023", "fraud"),
    # a question word alone
    ([DOGS], "why?", "Northshire", "", "dog section"),
    ([FLEET], "since when?", "Westmere", "", "vehicles"),
    ([LABS], "how come?", "Westmere", "", "forensics"),
    ([FRAUD], "by whom?", "Eastmarch", "2021/22", "fraud"),
    ([LIST], "and why is that?", "Northshire", "2023", "concern"),
    ([GRADE], "why so", "Northshire", "2018/19", "graded preventing crime"),
    ([CHIEF], "since when", "Eastvale", "", "chief constable"),
    # words that refer back
    ([DOGS], "will it reopen?", "Northshire", "", "dog section"),
    ([DOGS], "what did closing it save", "Northshire", "", "dog section"),
    ([CADETS], "how old are they?", "Eastvale", "", "cadets"),
    ([CADETS], "do they wear a uniform", "Eastvale", "", "cadets"),
    ([CHIEF], "where did she work before?", "Eastvale", "", "Lonsdale"),
    ([CHIEF], "what are her priorities?", "Eastvale", "", "Lonsdale"),
    ([LABS], "when will it get it back?", "Westmere", "", "unit"),
    ([FRAUD], "how long do they wait", "Eastmarch", "", "victims"),
    ([WELFARE], "do they like that?", "Eastmarch", "", "handlers"),
    ([WELFARE], "is there anything else for them there?", "Eastmarch", "", ""),
    ([FLEET], "have they been replaced?", "Westmere", "", "mechanics"),
    ([ROAD], "what does that force do about drink driving", "Westmere", "", "drink driving"),
    ([REFUSED], "so who looks after them", "Northshire", "", "horses"),
    ([REFUSED], "did it ever have any", "Northshire", "", ""),
    # what the answer lists
    ([LIST], "what is being done about the second one?", "Northshire", "", "firearms"),
    ([LIST], "is the first still open?", "Northshire", "", "vetting"),
    ([BOTH], "how big is the first one's?", "Westmere", "", ""),
    ([BOTH], "why has the second one none?", "Eastvale", "", ""),
    ([LIST], "which of these were fixed?", "Northshire", "", ""),
    ([FRAUD], "were those cleared?", "Eastmarch", "", ""),
    # another topic of the same force
    ([GRADE], "and investigating crime?", "Northshire", "2018/19", "graded investigating crime"),
    ([FRAUD], "what about burglary?", "Eastmarch", "2021/22", "burglary"),
    ([CADETS], "and volunteers?", "Eastvale", "", "volunteers"),
    ([DOGS], "are officers given first aid training?", "Northshire", "", "first aid training"),
    ([ROAD], "how is custody?", "Westmere", "", "custody"),
    ([LIST], "Is supervision of sex offenders good?", "Northshire", "", "supervision sex offenders"),
    # back to an earlier topic
    ([ROAD, CADETS], "back to the collisions, how many were fatal?", "", "", "collisions fatal"),
    ([GRADE, LIST], "going back to preventing crime, was it better in 2023?", "Northshire", "2023", "preventing crime"),
    ([FRAUD, CADETS], "back to fraud", "Eastvale", "", "fraud"),
    ([DOGS, CHIEF], "and westmere?", "Westmere", "", "chief constable"),
    # follow-ups of follow-ups
    ([ROAD, ("and eastvale?", "It attended 800 collisions.")], "in 2021/22?", "Eastvale", "2021/22", "collisions"),
    ([DOGS, ("and westmere?", "Westmere has twelve dogs.")], "why?", "Westmere", "", "dog section"),
    ([CADETS, ("thanks", "")], "and westmere?", "Westmere", "", "cadets"),
    # other short forms
    ([FRAUD], "reason for the backlog?", "Eastmarch", "", "reason backlog"),
    ([CADETS], "names of the units", "Eastvale", "", "names units"),
    ([LABS], "cost of that?", "Westmere", "", "cost"),
    ([ROAD], "compare that with northshire", "Northshire", "", "compare"),
    ([WELFARE], "which day?", "Eastmarch", "", "day"),
]  # fmt: skip

COMPLETE = [
    "How many firearms officers does Westmere Police have?",
    "Which forces have a rural crime team?",
    "What did inspectors say about Eastmarch's control room in 2023?",
    "how is custody at northshire",
    "Which forces were praised for looking after their staff?",
    "Why was Eastvale's leadership judged inadequate in 2021/22?",
    "Has Westmere cleared its vetting backlog?",
    "thanks", "Thank you very much!", "hello", "Good morning", "ok great, cheers", "bye", "thanks for your help",
]  # fmt: skip


def rewritten(question: str, *exchanges: tuple[str, str]) -> str:
    history = [
        Turn("user" if place == 0 else "assistant", text)
        for exchange in exchanges
        for place, text in enumerate(exchange)
    ]
    return standalone(question, history, CORPUS, LEXICONS.vocabulary.stopwords)


@pytest.mark.parametrize(("history", "turn", "force", "period", "needed"), TURNS)
def test_a_stand_alone_form_names_what_the_turn_is_about(history, turn, force, period, needed):
    form = rewritten(turn, *history)
    assert "(" not in form
    if force:
        assert CORPUS.resolve(form).forces == (CORPUS.gazetteer.find(force)[0].forces)
    if period:
        assert [mention.period.label for mention in find_periods(form)] == [period]
    assert [word for word in needed.split() if word.lower() not in form.lower()] == []


@pytest.mark.parametrize("history", [[ROAD], [GRADE, LIST]])
@pytest.mark.parametrize("question", COMPLETE)
def test_a_complete_question_or_a_courtesy_takes_nothing_from_the_conversation(history, question):
    assert rewritten(question, *history) == question


@pytest.mark.parametrize("history", [[ROAD], [CADETS], [GRADE, LIST]])
@pytest.mark.parametrize(
    "question",
    [
        "What is said about burglary?", "what did they find about the treatment of detainees",
        "Did the inspector say anything about firearms licensing?", "is anything said about victims of fraud?",
        "what does the report say about horses?",
    ],
)  # fmt: skip
def test_a_question_what_is_said_about_something_is_about_nothing_else(history, question):
    form = rewritten(question, *history)
    assert "(" not in form
    assert not form.startswith("On ")
    assert question.rstrip("?").split()[-1] in form


def test_the_person_who_said_something_is_still_named():
    said = ("What did Superintendent Ada Holt say about custody at Westmere?", "Superintendent Holt said it was safer.")
    assert "Holt" in rewritten("what did she say about burglary?", said)
    assert "burglary" in rewritten("what did she say about burglary?", said)
