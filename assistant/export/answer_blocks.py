"""An answer's statements in the order they are shown: under a label for each force and period, table row, or side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Answer, Citation, Statement
from assistant.answer_layout import Aspect, Place
from assistant.messages import Messages


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """What stands under one label: statements and their citations, in order; none where nothing was found.

    `theme` and `side` are said where the answer is two-sided, and are empty elsewhere.
    """

    place: Place
    label: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    theme: str = ""
    side: str = ""


def answer_blocks(answer: Answer, words: Messages) -> tuple[AnswerBlock, ...]:
    """The blocks of an answer: its sides by theme, its table's rows, or its groups by force and period; or none."""
    if answer.sides is not None:
        return tuple(block for aspect in answer.sides.themes for block in _sided(answer, aspect, words))
    places = answer.table.rows if answer.table else answer.coverage.groups if answer.coverage else ()
    return tuple(_block(answer, place, place.citations, words) for place in places)


def named(place: Place, words: Messages) -> str:
    """A force and period as a label."""
    return " ".join(name for name in (place.force, place.period) if name) or words.say("coverage.unnamed")


def row_heading(answer: Answer, words: Messages) -> str:
    """What the first column of an answer's table holds: forces, periods or both."""
    rows = answer.table.rows if answer.table else ()
    if not any(row.period for row in rows):
        return words.say("table.force")
    return words.say("table.place" if any(row.force for row in rows) else "table.period")


def empty_by_force(places: Sequence[Place], words: Messages) -> list[str]:
    """Places by their force, a line each: `Northshire Constabulary: 2016, 2018/19`."""
    periods: dict[str, list[str]] = {}
    for place in places:
        periods.setdefault(place.force, []).extend([place.period] if place.period else [])
    return [
        ": ".join(part for part in (force or words.say("coverage.unnamed"), ", ".join(of_force)) if part)
        for force, of_force in periods.items()
    ]


def _sided(answer: Answer, aspect: Aspect, words: Messages) -> Iterator[AnswerBlock]:
    """A theme's two sides, whether something was found for them or not, and what is on both."""
    theme = aspect.theme or words.say("sides.other")
    for name, numbers in (("praise", aspect.praise), ("concern", aspect.concern), ("both", aspect.both)):
        if numbers or name != "both":
            side = words.say(f"side.{name}")
            label = words.say("sides.label", theme=theme, side=side)
            block = _block(answer, Place(force="", period=""), numbers, words)
            yield replace(block, label=label, theme=theme, side=side)


def _block(answer: Answer, place: Place, numbers: Sequence[int], words: Messages) -> AnswerBlock:
    own = set(numbers)
    return AnswerBlock(
        place,
        named(place, words),
        tuple(statement for statement in answer.statements if own.issuperset(statement.citations)),
        tuple(citation for citation in answer.citations if citation.number in own),
    )
