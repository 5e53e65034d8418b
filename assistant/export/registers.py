"""The formats a register can be taken away in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from assistant.export.formats import EXPORTS, slug
from assistant.export.register_sheet import register_csv, register_xlsx
from assistant.export.table import TABLES
from assistant.phrasebook import Phrasebook
from assistant.register import Register

Maker = Callable[[Register, date, str, Phrasebook], bytes]


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """One format: its media type (RFC 6838), its file extension, the phrase that names it, and what writes it."""

    media_type: str
    extension: str
    name: str
    make: Maker


def _word(register: Register, day: date, site: str, words: Phrasebook) -> bytes:
    from assistant.export.register_word import register_docx  # python-docx is loaded by who takes a Word document

    return register_docx(register, day, site, words)


REGISTERS: Mapping[str, RegisterFile] = MappingProxyType(
    {
        "docx": RegisterFile(EXPORTS["docx"].media_type, "docx", "take.word", _word),
        "xlsx": RegisterFile(TABLES["xlsx"].media_type, "xlsx", "table.xlsx", register_xlsx),
        "csv": RegisterFile(TABLES["csv"].media_type, "csv", "table.csv", register_csv),
    }
)


def register_file_name(register: Register, day: date, extension: str, words: Phrasebook) -> str:
    """A name for the file that every system takes: the day, and the force where there is one only."""
    force = slug(register.forces[0]) if len(register.forces) == 1 else ""
    named = "-".join(part for part in (words.say("register.file"), day.isoformat(), force) if part)
    return f"{named}.{extension}"
