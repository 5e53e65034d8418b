"""Three hundred questions that what is held cannot answer, and as many that it can, asked of the fictional forces.

Another force, another period, another subject, or no sense at all. The answerable ones are those of the golden set, put
in five ways. No question of another subject names one that the collection has a sentence about.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from assistant.app import Assistant, open_assistant
from assistant.settings import Settings
from tests.tools.prove.proof import Proof

NORTHSHIRE = Path(__file__).parents[2] / "golden" / "northshire"
AIM = 0.95  # share of either kind that ends as it must
HELD = ("Northshire", "Westmere", "Eastvale")
NOT_HELD = ("Kent", "Durham", "Essex", "Norfolk", "Cumbria", "Cheshire", "Southmoor", "Lowmarsh", "Surrey", "Dorset")
YEARS = ("2009", "2010", "2011", "2012", "2013", "2014", "2023-25", "2024", "2025")
THEMES = ("custody", "vetting", "crime recording", "knife crime", "domestic abuse", "staff wellbeing",
          "managing offenders", "answering emergency calls", "neighbourhood policing")  # fmt: skip
ELSEWHERE = (
    "teaching Welsh", "the price of oat milk", "tram timetables", "school dinners", "hip replacements", "council tax",
    "volcanoes", "chess openings", "wind farms", "the opera", "dental care", "beekeeping", "space travel",
    "library fines", "bin collections", "the tides", "opening a bakery", "growing tomatoes", "piano tuning",
    "the offside rule",
    "baggage allowances", "maternity wards", "potholes", "swimming lessons", "the cheese trade",
)  # fmt: skip
ABOUT = ("What does the assessment say about {}?", "How good is {force} at {}?", "What did the inspector find on {}?")
SENSELESS = ("How {} is the {} of {force}?", "What {} did the {} say?", "Does {force} {} its {}?")
WAYS = ("{}", "Please tell me: {}", "I would like to know: {}", "Hello. {}", "{} Thank you.")


def asked(draw: random.Random, count: int) -> Iterator[tuple[str, str]]:
    """Unanswerable questions, each with its kind, the kinds in turn."""
    kinds = (_of_another_force, _of_another_period, _of_another_subject, _without_sense)
    seen: set[str] = set()
    while len(seen) < count:
        make = kinds[len(seen) % len(kinds)]
        question = make(draw)
        if question not in seen:
            seen.add(question)
            yield make.__name__.removeprefix("_").replace("_", " "), question


def _of_another_force(draw: random.Random) -> str:
    force, theme = draw.choice(NOT_HELD), draw.choice(THEMES)
    return draw.choice(("How good is {} at {}?", "What concerns were there about {} and {}?", "Compare {} on {}.",
                        "What did the inspector say about {} and its {}?")).format(force, theme)  # fmt: skip


def _of_another_period(draw: random.Random) -> str:
    force, theme, year = draw.choice(HELD), draw.choice(THEMES), draw.choice(YEARS)
    return draw.choice(("How good was {} at {} in {}?", "What did the {} assessment say about {} in {}?",
                        "How was {} graded for {} in PEEL {}?")).format(force, theme, year)  # fmt: skip


def _of_another_subject(draw: random.Random) -> str:
    return draw.choice(ABOUT).format(draw.choice(ELSEWHERE), force=draw.choice(HELD))


def _without_sense(draw: random.Random) -> str:
    made_up = ["".join(draw.choice(("bl", "qu", "zw", "fr", "gl", "kr")) + draw.choice(("or", "an", "ee", "up", "ix"))
                       for _ in range(draw.randint(2, 3))) for _ in range(2)]  # fmt: skip
    return draw.choice(SENSELESS).format(*made_up, force=draw.choice(HELD))


def answerable() -> list[str]:
    """The golden questions that have an answer and need no conversation, each put in every way."""
    lines = (NORTHSHIRE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    golden = [one for one in map(json.loads, lines) if one["answerable"] and "history" not in one]
    return [way.format(one["question"]) for way in WAYS for one in golden]


def run(proof: Proof) -> None:
    """Three hundred of either kind, or twenty-four."""
    draw = proof.draw()
    count = proof.size(short=8, full=300)
    with tempfile.TemporaryDirectory(dir=proof.home) as folder:
        assistant = open_assistant(Settings(sources=NORTHSHIRE / "sources", index=Path(folder)))
        refused = _refused(proof, assistant, draw, count)
        given = _answered(proof, assistant, draw, count)
    assert min(refused, given) >= AIM, (refused, given)


def _refused(proof: Proof, assistant: Assistant, draw: random.Random, count: int) -> float:
    ended: Counter[tuple[str, bool]] = Counter()
    for kind, question in asked(draw, count):
        answer = assistant.ask(question)
        ended[kind, answer.status.answered] += 1
        if answer.status.answered:
            proof.say(f"answered, {kind}: {question} [{answer.statements[0].text[:80]}]")
    kinds = sorted({kind for kind, _ in ended})
    refused = sum(ended[kind, False] for kind in kinds)
    said = ", ".join(f"{kind} {ended[kind, False]} of {ended[kind, False] + ended[kind, True]}" for kind in kinds)
    proof.say(f"refused {refused} of {count} that cannot be answered: {said}")
    return refused / count


def _answered(proof: Proof, assistant: Assistant, draw: random.Random, count: int) -> float:
    questions = answerable()
    chosen = draw.sample(questions, min(count, len(questions)))
    missed = [question for question in chosen if not assistant.ask(question).status.answered]
    for question in missed:
        proof.say(f"not answered: {question}")
    proof.say(f"answered {len(chosen) - len(missed)} of {len(chosen)} that can be")
    return 1 - len(missed) / len(chosen)
