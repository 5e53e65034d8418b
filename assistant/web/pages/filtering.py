"""The filter of a page: read from the query of its address, offered in its form, written into its links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query

from assistant.filter import Filter
from index.published.generation import IndexedTranscript

Values = Annotated[list[str], Query(default_factory=list)]


async def filter_of_query(force: Values, period: Values, transcript: Values) -> Filter:
    """Returns the filter of a query. A form sends an empty value where nothing is chosen, which is no limit."""
    forces, periods, transcripts = (tuple(filter(None, values)) for values in (force, period, transcript))
    return Filter(forces, periods, transcripts)


QueryFilter = Annotated[Filter, Depends(filter_of_query)]


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field of a form, `force` or `period`: the values it offers and those that are chosen.

    `no_limit` is the name of the message for the option that chooses all of them.
    """

    name: str
    no_limit: str
    values: tuple[str, ...]
    chosen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A link on a page: its text, and its address from the root of the site."""

    text: str
    address: str


def filter_fields(transcripts: Sequence[IndexedTranscript], within: Filter) -> tuple[FilterField, ...]:
    """Returns the fields that offer a choice, or in which something is chosen."""
    forces = {transcript.force for transcript in transcripts if transcript.force}
    periods = {transcript.period for transcript in transcripts if transcript.period}
    fields = (
        FilterField("force", "plain.all_forces", tuple(sorted(forces)), within.forces),
        FilterField("period", "plain.all_periods", tuple(sorted(periods)), within.periods),
    )
    return tuple(field for field in fields if len(field.values) > 1 or field.chosen)


def page_address(path: str, within: Filter, **more: str) -> str:
    """Returns the address of a page with a filter, from the root of the site."""
    query = urlencode([*within.pairs, *more.items()])
    return f"{path}?{query}" if query else path


def page_title(within: Filter, heading: str) -> str:
    """Returns the title of a page: what it is limited to, and its heading."""
    return " – ".join([*within.forces, *within.periods, heading])
