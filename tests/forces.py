"""A collection of 43 fictional forces and five inspection periods, made from templates, of which every answer is known.

An assessment states some of the facts below, each in one of several wordings; the rest of it is about other subjects
or says the opposite. No sentence names a force, so few texts have to be embedded.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

SEED = 43
PERIODS = ("2014", "2016", "2018/19", "2021/22", "2023-25")
_FIRST = ("Alder", "Birch", "Cedar", "Dapple", "Ember", "Fallow", "Gorse", "Hazel", "Iris", "Juniper", "Larch")
_LAST = ("mere", "stow", "wick", "holm")
FORCES = tuple(f"{first}{last} Constabulary" for first in _FIRST for last in _LAST)[:43]

# What can be stated, in the wordings it is stated in.
FACTS = {
    "recording, concern": (
        "The force needs to improve how it records crime.",
        "Crime recording is not accurate enough, and victims lose out.",
        "I am concerned that too many crimes are not recorded.",
        "The force must record crime more accurately.",
    ),
    "recording, praise": (
        "I am pleased that the force records crime accurately.",
        "The force is good at recording crime.",
    ),
    "vetting, cause": (
        "Vetting is a cause of concern.",
        "My cause of concern is that vetting has fallen far behind.",
    ),
    "vetting, concern": ("I am concerned about vetting, although new staff have joined the unit.",),
    "custody, improvement": (
        "The oversight of custody is an area for improvement.",
        "One area for improvement is the way detainees are looked after in custody.",
    ),
    "neighbourhood, praise": (
        "I commend the force for its neighbourhood policing.",
        "Neighbourhood policing is a strength, and local people say it is effective.",
    ),
    "neighbourhood, concern": ("Neighbourhood policing is weak in the towns.",),
    "firearms, mention": ("The force licenses firearms at one office.", "Its firearms licensing unit has moved."),
}
_OTHER = [
    f"{subject} {verb} {place}."
    for subject in (
        "The fleet",
        "The estate",
        "Call handling",
        "The budget",
        "Training",
        "The control room",
        "Wellbeing",
    )
    for verb in ("is kept under review", "has changed little", "was discussed with managers")
    for place in ("in the north of the area", "at headquarters", "in rural districts", "across every department")
]


@dataclass(frozen=True, slots=True)
class Stated:
    """A sentence of one assessment, and which fact it states."""

    force: str
    period: str
    fact: str
    sentence: str


def write_forces(folder: Path, sentences: int = 12) -> tuple[Stated, ...]:
    """Write a file an assessment, each of that many sentences, and give what is stated in all of them."""
    draw = random.Random(SEED)  # a sample, not a secret
    folder.mkdir(parents=True)
    stated: list[Stated] = []
    for force in FORCES:
        for period in PERIODS:
            facts = [fact for fact in FACTS if draw.random() < 0.15]
            own = [Stated(force, period, fact, draw.choice(FACTS[fact])) for fact in facts]
            stated += own
            others = [draw.choice(_OTHER) for _ in range(sentences - len(own))]
            lines = [*(one.sentence for one in own), *others]
            draw.shuffle(lines)
            title = f"{force} – PEEL {period} – overall assessment"
            name = f"{force.split()[0].lower()}-{period.replace('/', '-')}.txt"
            (folder / name).write_text("\n\n".join([title, *lines]), encoding="utf-8")
    return tuple(stated)
