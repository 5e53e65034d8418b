"""The order in which an answer is displayed: blocks of statements, each statement with its quotations.

Every format is written from these blocks, so all of them show the same statements in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Answer, Citation, Statement
from assistant.answer_layout import Aspect, Group, Place, Row
from assistant.messages import Messages

_NO_PLACE = Place(force="", period="")


@dataclass(frozen=True, slots=True)
class DisplayedStatement:
    """A statement and its citations.

    `claim` is the statement's text where its quotations do not say all of it; it is empty where they do. `opens_rest`
    marks the first quotation that no summary cites: a heading separates it from the summaries.
    """

    statement: Statement
    citations: tuple[Citation, ...]
    claim: str
    opens_rest: bool

    def claim_in_words(self, messages: Messages) -> str:
        """The claim, marked as a summary where it is one; empty without a claim."""
        if self.statement.kind == "summary":
            return messages.say("summary.marked", text=self.claim)
        return self.claim


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """The statements under one label, and their citations by number; none where nothing was found.

    The label names a force and period, or a theme and a side of it. The only block of an answer without groups, table
    or sides has none. `theme` and `side` are empty unless the answer is two-sided.
    """

    place: Place
    label: str
    statements: tuple[DisplayedStatement, ...]
    citations: tuple[Citation, ...]
    theme: str = ""
    side: str = ""


def answer_blocks(answer: Answer, messages: Messages) -> tuple[AnswerBlock, ...]:
    """The blocks of an answer: sides of themes, rows of a table, groups, questions asked, or one block for all.

    An answer without statements has none.
    """
    statements = displayed_statements(answer)
    if answer.sides is not None:
        themes = answer.sides.themes
        return tuple(block for aspect in themes for block in _sides(answer, statements, aspect, messages))
    if answer.asked:
        shown = (part for part in answer.asked if part.citations or not part.status.answered)
        return tuple(_block(answer, statements, _NO_PLACE, part.citations, part.question) for part in shown)
    if is_laid_out(answer):
        return tuple(
            _block(answer, statements, place, place.citations, place_label(place, messages))
            for place in _places(answer)
        )
    if not statements:
        return ()
    return (AnswerBlock(_NO_PLACE, "", statements, answer.citations),)


def displayed_statements(answer: Answer) -> tuple[DisplayedStatement, ...]:
    """The statements of an answer in order, as they are displayed."""
    return tuple(_displayed(answer, index, statement) for index, statement in enumerate(answer.statements))


def own_words(statement: Statement, citations: Sequence[Citation]) -> str:
    """The words of a statement that its quotations do not have; empty where there are none. White space is ignored."""
    remaining = " ".join(statement.text.split())
    for citation in citations:
        remaining = remaining.replace(" ".join(citation.quote.split()), "", 1)
    return remaining.strip()


def is_laid_out(answer: Answer) -> bool:
    """Whether an answer has groups, a table, sides, or several questions."""
    return bool(answer.asked) or any(layout is not None for layout in (answer.table, answer.coverage, answer.sides))


def place_label(place: Place, messages: Messages) -> str:
    """A force and period as a label."""
    return " ".join(name for name in (place.force, place.period) if name) or messages.say("coverage.unnamed")


def row_heading(answer: Answer, messages: Messages) -> str:
    """The heading of the first column of an answer's table: for forces, periods or both."""
    rows = answer.table.rows if answer.table else ()
    if not any(row.period for row in rows):
        return messages.say("table.force")
    return messages.say("table.place" if any(row.force for row in rows) else "table.period")


def periods_by_force(places: Sequence[Place], messages: Messages) -> list[str]:
    """Places as a line for each force: `Northshire Constabulary: 2016, 2018/19`."""
    periods: dict[str, list[str]] = {}
    for place in places:
        periods.setdefault(place.force, [])
        if place.period:
            periods[place.force].append(place.period)
    unnamed = messages.say("coverage.unnamed")
    return [": ".join(filter(None, (force or unnamed, ", ".join(named)))) for force, named in periods.items()]


def _displayed(answer: Answer, index: int, statement: Statement) -> DisplayedStatement:
    citations = tuple(answer.citations[number - 1] for number in statement.citations)
    has_claim = statement.kind == "summary" or own_words(statement, citations)
    return DisplayedStatement(statement, citations, statement.text if has_claim else "", index == answer.rest)


def _places(answer: Answer) -> Sequence[Row | Group]:
    if answer.table is not None:
        return answer.table.rows
    return answer.coverage.groups if answer.coverage else ()


def _sides(
    answer: Answer, statements: Sequence[DisplayedStatement], aspect: Aspect, messages: Messages
) -> Iterator[AnswerBlock]:
    """The two sides of a theme, even where nothing was found for one, and the sentences that are on both."""
    theme = aspect.theme or messages.say("sides.other")
    for name, numbers in (("praise", aspect.praise), ("concern", aspect.concern), ("both", aspect.both)):
        if numbers or name != "both":
            side = messages.say(f"side.{name}")
            label = messages.say("sides.label", theme=theme, side=side)
            yield replace(_block(answer, statements, _NO_PLACE, numbers, label), theme=theme, side=side)


def _block(
    answer: Answer, statements: Sequence[DisplayedStatement], place: Place, numbers: Sequence[int], label: str
) -> AnswerBlock:
    """The block of the citations with the given numbers."""
    own = set(numbers)
    return AnswerBlock(
        place,
        label,
        tuple(displayed for displayed in statements if own.issuperset(displayed.statement.citations)),
        tuple(citation for citation in answer.citations if citation.number in own),
    )
