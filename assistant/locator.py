"""Where in its source a sentence stands, in the words people use: "page 14, “Custody”"."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.phrasebook import load_phrasebook
from index.transcript import Locator


def locator(places: Iterable[Locator]) -> str:
    """Page, time, speaker and section, as far as they are known, in that order; empty when none is."""
    words = load_phrasebook()
    return ", ".join(words.say(f"locator.{place.kind}", label=place.label) for place in places)
