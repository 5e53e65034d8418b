"""What the query of an address limits a page to: names of forces and of periods, as held."""

from __future__ import annotations

from pydantic import BaseModel, Field

from assistant.filter import Filter


class Limited(BaseModel):
    """The query of an address. A form sends an empty value where nothing was chosen: it limits nothing."""

    force: list[str] = Field(default_factory=list)
    period: list[str] = Field(default_factory=list)

    def within(self) -> Filter:
        """The filter that it says."""
        return Filter(chosen(self.force), chosen(self.period))


def chosen(given: list[str]) -> tuple[str, ...]:
    """The values that name something."""
    return tuple(value for value in given if value)
