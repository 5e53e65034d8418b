"""One answer as a file to take away: the formats a conversation has, plain text, and the Answer itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from assistant.answer import Answer
from assistant.export.formats import EXPORTS, Export, file_name
from assistant.export.table import TABLES, has_table
from assistant.phrasebook import Phrasebook
from assistant.plain_text import answer_as_text


def _text(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Phrasebook | None = None) -> bytes:  # noqa: ARG001
    return "\n\n".join(answer_as_text(one, site=site, phrases=phrases) for one in answers).encode() + b"\n"


def _json(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Phrasebook | None = None) -> bytes:  # noqa: ARG001
    """The Answer as the JSON interface gives it, a line each."""
    return "".join(f"{one.model_dump_json()}\n" for one in answers).encode()


FORMATS: Mapping[str, Export] = MappingProxyType(
    {
        **EXPORTS,
        "txt": Export("text/plain; charset=utf-8", "txt", "plain.text", _text),
        "json": Export("application/json", "json", "plain.json", _json),
    }
)


def formats_of(answer: Answer) -> dict[str, Export]:
    """The formats one answer can be taken away in: those of a table only where it has one."""
    return {**FORMATS, **(TABLES if has_table(answer) else {})}


def attachment(answer: Answer, day: date, kind: str, words: Phrasebook) -> dict[str, str]:
    """The headers that have a browser save the answer (RFC 6266). The file's name is plain ASCII."""
    name = file_name([answer], day, {**FORMATS, **TABLES}[kind].extension, words)
    return {"Content-Disposition": f'attachment; filename="{name}"'}
