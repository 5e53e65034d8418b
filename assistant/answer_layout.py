"""How an answer's quotations are set out: by force and period, with what nothing was found for; as a table; two-sided.

All name citations by their numbers only, and none can be in an answer whose citations it does not agree with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Frozen(BaseModel):
    """Values are built once, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(Frozen):
    """What one assessment is about. Where a source names no force or no period, that is empty."""

    force: str = Field(description="The force's name; empty when the source does not name one.")
    period: str = Field(description="The inspection period; empty when the source does not name one.")


class Group(Place):
    """The quotations found for one force and period."""

    citations: tuple[int, ...] = Field(min_length=1, description="Numbers of the citations, in reading order.")


class Coverage(Frozen):
    """What an answer to a question that asks for all was drawn from. Every sentence of every place was considered.

    "Nothing found" means that no sentence was found to state what was asked; never that it does not happen.
    """

    groups: tuple[Group, ...] = Field(min_length=1, description="By force, then by period.")
    nothing_found: tuple[Place, ...] = Field(description="Forces and periods looked at for which nothing was found.")
    held_forces: tuple[str, ...] = Field(description="The forces looked at: the denominator.")
    not_held: tuple[str, ...] = Field(
        description="Forces of the 43 of England and Wales of which no assessment is held (of the periods asked for); "
        "empty where none of the 43 is held."
    )

    @property
    def found_forces(self) -> tuple[str, ...]:
        """The forces looked at for which something was found, as in `held_forces`."""
        found = {group.force for group in self.groups}
        return tuple(force for force in self.held_forces if force in found)

    @property
    def empty_forces(self) -> tuple[str, ...]:
        """The forces looked at for none of whose periods anything was found."""
        found = set(self.found_forces)
        return tuple(force for force in self.held_forces if force not in found)

    @model_validator(mode="after")
    def _every_place_once(self) -> Self:
        places = [(place.force, place.period) for place in (*self.groups, *self.nothing_found)]
        if len(set(places)) != len(places):
            raise ValueError("a force and period stands twice among what was found and what was not")
        if {force for force, _ in places if force} != set(self.held_forces):
            raise ValueError("the forces held are not those that something, or nothing, was found for")
        if set(self.not_held) & set(self.held_forces):
            raise ValueError("a force cannot be held and not held")
        return self


class Row(Place):
    """One row of a table: a force, a period, or both, and its cell."""

    citations: tuple[int, ...] = Field(description="Numbers of the cell's citations; none where nothing was found.")


class Table(Frozen):
    """A comparison of forces, or of one force's periods: a row each, in order of name and of time."""

    rows: tuple[Row, ...] = Field(min_length=2)


class Aspect(Frozen):
    """One theme of a two-sided overview: the quotations that praise, that are concerned, and that do both in one."""

    theme: str = Field(description="The theme's name; empty for what is of no theme.")
    praise: tuple[int, ...] = Field(description="Numbers of citations, in order of time; none where nothing was found.")
    concern: tuple[int, ...] = Field(description="The same for concern.")
    both: tuple[int, ...] = Field(description="The same for sentences that praise one thing and criticise another.")

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if not (self.praise or self.concern or self.both):
            raise ValueError(f"nothing stands under the theme {self.theme!r}")
        return self


class Sides(Frozen):
    """What the assessments of one force praise and what they are concerned about, by theme."""

    themes: tuple[Aspect, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _every_theme_once(self) -> Self:
        names = [aspect.theme for aspect in self.themes]
        if len(set(names)) != len(names):
            raise ValueError("a theme stands twice")
        return self


def check_groups(coverage: Coverage, cited: Mapping[int, tuple[str, str]]) -> None:
    """Raises `ValueError` unless the groups hold every citation once, under its own force and period.

    `cited` gives the force and the period of each citation by its number.
    """
    _check_all_once((number for group in coverage.groups for number in group.citations), cited)
    for group in coverage.groups:
        if any(cited[number] != (group.force, group.period) for number in group.citations):
            raise ValueError(f"a citation grouped under {group.force} {group.period} is of another force or period")


def check_rows(table: Table, cited: Mapping[int, tuple[str, str]]) -> None:
    """Raises `ValueError` unless the rows hold every citation once, in a row of its force and period."""
    _check_all_once((number for row in table.rows for number in row.citations), cited)
    for row in table.rows:
        for number in row.citations:
            force, period = cited[number]
            if row.force not in ("", force) or row.period not in ("", period):
                raise ValueError(f"citation {number} stands in the row of {row.force} {row.period}")


def check_sides(sides: Sides, cited: Mapping[int, tuple[str, str]]) -> None:
    """Raises `ValueError` unless the themes hold every citation once, and all of one force."""
    _check_all_once(
        (n for aspect in sides.themes for side in (aspect.praise, aspect.concern, aspect.both) for n in side), cited
    )
    if len({force for force, _ in cited.values()}) > 1:
        raise ValueError("a two-sided overview is of one force")


def _check_all_once(numbers: Iterable[int], cited: Mapping[int, tuple[str, str]]) -> None:
    if sorted(numbers) != sorted(cited):
        raise ValueError("every citation stands exactly once in the groups, rows or sides, and nothing else does")
