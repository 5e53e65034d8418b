"""The register for a spreadsheet: a line a sentence, and empty cells for the comments and their date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from assistant.characters import carried
from assistant.export.sheet import Sheet, csv_of, xlsx_of
from assistant.phrasebook import Phrasebook
from assistant.reading import permalink
from assistant.reference import attribution
from assistant.register import Entry, Register, term_in_words

HEADS = (
    *("number", "force", "period", "kind", "sentence", "before", "source", "locator", "span", "sha256"),
    *("url", "licence", "permalink"),
    *("comments", "date"),
)
_WIDTHS = (8, 26, 12, 20, 70, 40, 34, 24, 14, 20, 34, 26, 40, 50, 14)
_NOTE_WIDTHS = (110,)


def register_csv(register: Register, day: date, site: str, words: Phrasebook) -> bytes:  # noqa: ARG001  # it names no day
    """The lines alone. `site` is the origin to put before every permalink, or nothing."""
    return csv_of(_lines(register, site, words))


def register_xlsx(register: Register, day: date, site: str, words: Phrasebook) -> bytes:
    """The lines on one sheet, and on a second what they are and what the law asks."""
    notes = [[words.say("register.heading")], *([note] for note in notes_of(register, words))]
    sheets = (
        Sheet(words.say("register.sheet"), list(_lines(register, site, words)), _WIDTHS),
        Sheet(words.say("register.notes"), notes, _NOTE_WIDTHS),
    )
    return xlsx_of(sheets, day)


def notes_of(register: Register, words: Phrasebook) -> tuple[str, ...]:
    """What stands beside every register, whatever its form, the attribution last."""
    looked_at = words.say(
        "register.looked_at",
        transcripts=words.count("transcripts", len(register.looked_at)),
        forces=", ".join(force for force in register.forces if force) or words.say("coverage.unnamed"),
    )
    said = tuple(words.say(f"register.{name}") for name in ("what", "duty", "law"))
    return (carried(looked_at), *said, *([attribution(words)] if register.entries else []))


def _lines(register: Register, site: str, words: Phrasebook) -> Iterator[list[str]]:
    yield [words.say(f"register_head.{head}") for head in HEADS]
    for entry in register.entries:
        yield [carried(cell) for cell in _cells(entry, site, words)]
    if not register.entries:
        force = register.forces[0] if len(register.forces) == 1 else ""
        yield ["", carried(force), "", "", words.say("register.nothing"), *[""] * (len(HEADS) - 5)]


def _cells(entry: Entry, site: str, words: Phrasebook) -> tuple[str, ...]:
    cited = entry.citation
    return (
        *(str(cited.number), cited.force, cited.period, term_in_words(entry.term, words), cited.quote, entry.before),
        *(cited.source, cited.locator, f"{cited.start}–{cited.end}", cited.sha256),
        *(cited.url, cited.licence, site + permalink(cited), "", ""),
    )
