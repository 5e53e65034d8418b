"""One file of the library, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A file: the sentences that must be found word for word as findings, what its notes must say, and what must be in
    no sentence at all. `places` gives the locators of some sentences, by their words, as (kind, label).
    """

    name: str
    data: bytes
    known: tuple[str, ...]
    notes: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    title: str = ""
    places: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    others: tuple[str, ...] = ()  # sentences of another role than a finding's, in order of the text


FORCES = ("Northshire Constabulary", "Westmere Police", "Eastvale Police", "Lowmarsh Constabulary")


def title_of(number: int, year: int = 2018) -> str:
    """The title of an assessment of a fictional force."""
    return f"{FORCES[number % len(FORCES)]} – PEEL {year} – overall assessment"
