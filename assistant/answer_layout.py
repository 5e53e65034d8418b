"""The layouts of an answer's quotations: in groups by force and period, as a table, or by theme with two sides.

Layouts refer to citations by number. An answer whose citations do not agree with its layout cannot be built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Frozen(BaseModel):
    """Base of models that are immutable and reject unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(Frozen):
    """The force and the inspection period of an assessment; empty where its source does not name one."""

    force: str = Field(description="The force's name; empty when the source does not name one.")
    period: str = Field(description="The inspection period; empty when the source does not name one.")


class Group(Place):
    """The quotations found for one force and period."""

    citations: tuple[int, ...] = Field(min_length=1, description="Numbers of the citations, in reading order.")


class Coverage(Frozen):
    """What was searched for an answer that lists everything, and where something was found.

    Every sentence in scope was considered. "Nothing found" means that no sentence was found that states what was asked;
    it does not mean that it does not happen.
    """

    groups: tuple[Group, ...] = Field(min_length=1, description="By force, then by period.")
    nothing_found: tuple[Place, ...] = Field(description="Forces and periods searched for which nothing was found.")
    held_forces: tuple[str, ...] = Field(description="The forces that were searched: the denominator of the counts.")
    not_held: tuple[str, ...] = Field(
        description="Those of the 43 forces of England and Wales that have no assessment (of the periods asked for); "
        "empty if none of the 43 has one."
    )
    unknown_force: int = Field(
        0, description="How many of the documents searched do not say which force they are about."
    )
    found_in_unknown: int = Field(0, description="In how many of these something was found.")

    @property
    def found_forces(self) -> tuple[str, ...]:
        """The forces searched for which something was found, in the order of `held_forces`."""
        found = {group.force for group in self.groups}
        return tuple(force for force in self.held_forces if force in found)

    @property
    def empty_forces(self) -> tuple[str, ...]:
        """The forces searched for which nothing was found in any period."""
        found = set(self.found_forces)
        return tuple(force for force in self.held_forces if force not in found)

    @model_validator(mode="after")
    def _check_places(self) -> Self:
        places = [(place.force, place.period) for place in (*self.groups, *self.nothing_found)]
        if len(set(places)) != len(places):
            raise ValueError("a force and period occurs twice in groups and nothing_found")
        if {force for force, _ in places if force} != set(self.held_forces):
            raise ValueError("held_forces are not the forces of groups and nothing_found")
        if set(self.not_held) & set(self.held_forces):
            raise ValueError("a force cannot be in held_forces and in not_held")
        return self


class Row(Place):
    """One row of a table: a force, a period, or both, and the citations in its cell."""

    citations: tuple[int, ...] = Field(description="Numbers of the cell's citations; none where nothing was found.")


class Table(Frozen):
    """A comparison of forces, or of one force's periods, with one row for each, in order of name and of time.

    What several inspections of one force say in answer to one question has the newest first.
    """

    rows: tuple[Row, ...] = Field(min_length=2)


class Aspect(Frozen):
    """One theme of a two-sided overview: the quotations that praise, that state a concern, and that do both."""

    theme: str = Field(description="The theme's name; empty for quotations without a theme.")
    praise: tuple[int, ...] = Field(description="Numbers of citations, in order of time; none where nothing was found.")
    concern: tuple[int, ...] = Field(description="The same for concern.")
    both: tuple[int, ...] = Field(description="The same for sentences that praise one thing and criticise another.")

    @model_validator(mode="after")
    def _check_citations(self) -> Self:
        if not (self.praise or self.concern or self.both):
            raise ValueError(f"the theme {self.theme!r} has no citations")
        return self


class Sides(Frozen):
    """The praise and the concerns in the assessments of one force, by theme."""

    themes: tuple[Aspect, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_themes(self) -> Self:
        names = [aspect.theme for aspect in self.themes]
        if len(set(names)) != len(names):
            raise ValueError("a theme occurs twice")
        return self


def check_groups(coverage: Coverage, cited: Mapping[int, tuple[str, str]]) -> None:
    """Raises `ValueError` unless the groups contain every citation once, under its own force and period.

    `cited` gives the force and the period of each citation by its number.
    """
    _check_all_once((number for group in coverage.groups for number in group.citations), cited)
    for group in coverage.groups:
        if any(cited[number] != (group.force, group.period) for number in group.citations):
            raise ValueError(f"a citation grouped under {group.force} {group.period} is of another force or period")


def check_rows(table: Table, cited: Mapping[int, tuple[str, str]]) -> None:
    """Raises `ValueError` unless the rows contain every citation once, in a row of its force and period."""
    _check_all_once((number for row in table.rows for number in row.citations), cited)
    for row in table.rows:
        for number in row.citations:
            force, period = cited[number]
            if row.force not in ("", force) or row.period not in ("", period):
                raise ValueError(f"citation {number} is in the row of {row.force} {row.period}, which is not its own")


def check_sides(sides: Sides, cited: Mapping[int, tuple[str, str]]) -> None:
    """Raises `ValueError` unless the themes contain every citation once, and all of one force."""
    _check_all_once(
        (number for aspect in sides.themes for number in (*aspect.praise, *aspect.concern, *aspect.both)), cited
    )
    if len({force for force, _ in cited.values()}) > 1:
        raise ValueError("a two-sided overview is of one force")


def _check_all_once(numbers: Iterable[int], cited: Mapping[int, tuple[str, str]]) -> None:
    if sorted(numbers) != sorted(cited):
        raise ValueError("groups, rows or sides must contain every citation exactly once, and no other number")
