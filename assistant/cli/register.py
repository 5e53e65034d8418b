"""The command `register`: prints the register, or writes it to a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer

from assistant.cli.common import ExitCode
from assistant.cli.index import note, open_with_index
from assistant.errors import RegisterError
from assistant.export.reference import source_location, source_title
from assistant.export.register_files import REGISTERS, notes_of
from assistant.filter import Filter
from assistant.judgements.register import Register, RegisterEntry, register_of
from assistant.messages import Messages, load_messages
from assistant.sanitise import one_line
from assistant.settings import Settings


def write_register(settings: Settings, within: Filter, output: Path | None) -> ExitCode:
    """Writes the register to a file, in the format of its extension, or prints it if `output` is None.

    Raises `RegisterError` when the extension is unknown or the file cannot be written, and `FilterError`.
    """
    extension = output.suffix.removeprefix(".").lower() if output else ""
    if output is not None and extension not in REGISTERS:
        extensions = ", ".join(f".{name}" for name in REGISTERS)
        raise RegisterError(f"{output} has no known format.", advice=f"Use a file name ending in {extensions}.")
    messages = load_messages()
    register = register_of(open_with_index(settings).judgements, within)
    if output is None:
        typer.echo(register_text(register))
    else:
        _write(output, REGISTERS[extension].render(register, datetime.now(UTC).date(), "", messages))
        note(f"{output}: {messages.count('entries', len(register.entries))}")
    return ExitCode.DONE if register.entries else ExitCode.NOT_ANSWERED


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise RegisterError(f"{path} cannot be written: {error.strerror}.", advice="Name another file.") from error


def register_text(register: Register) -> str:
    """Returns the register as text: its notes, then each entry with its source and position."""
    messages = load_messages()
    lines = [one_line(line) for line in notes_of(register, messages)]
    for entry in register.entries:
        lines += _entry_lines(entry, messages)
    if not register.entries:
        lines += ["", messages.say("register.nothing")]
    return "\n".join(lines)


def _entry_lines(entry: RegisterEntry, messages: Messages) -> Iterator[str]:
    citation = entry.citation
    assessment = ", ".join(part for part in (citation.force, citation.period) if part)
    yield ""
    yield f"[{citation.number}] {one_line(assessment)}: {entry.term_in_words(messages)}"
    if entry.before:
        yield f"    {messages.say('printed.in_context', quoted=one_line(entry.before))}"
    yield from (f"    {one_line(line)}" for line in entry.lines)
    yield f"    {source_title(citation)}"
    yield f"    {source_location(citation, messages)}"
