"""The command `register`: the causes of concern and areas for improvement of a force, printed or as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from assistant.cli.common import ExitCode
from assistant.cli.index import note, open_with_index
from assistant.errors import RegisterError
from assistant.export.reference import source_location, source_title
from assistant.export.register_files import REGISTERS, notes_of
from assistant.filter import Filter
from assistant.judgements.register import Register, register_of, term_in_words
from assistant.messages import load_messages
from assistant.sanitise import plain
from assistant.settings import Settings


def write_register(settings: Settings, within: Filter, output: Path | None) -> ExitCode:
    """Write the register to a file whose ending names its format, or print it.

    Raises `RegisterError` when the ending names no format or the file cannot be written, and `FilterError`.
    """
    kind = output.suffix.removeprefix(".").lower() if output else ""
    if output is not None and kind not in REGISTERS:
        endings = ", ".join(f".{one}" for one in REGISTERS)
        raise RegisterError(f"{output} names no format of a register.", advice=f"Let it end in one of {endings}.")
    words = load_messages()
    register = register_of(open_with_index(settings).judgements, within)
    if output is None:
        typer.echo(register_text(register))
        return ExitCode.DONE if register.entries else ExitCode.NOT_ANSWERED
    made = REGISTERS[kind].render(register, datetime.now(UTC).date(), "", words)
    try:
        output.write_bytes(made)
    except OSError as error:
        raise RegisterError(f"{output} cannot be written: {error.strerror}.", advice="Name another file.") from error
    note(f"{output}: {words.count('sentences', len(register.entries))}")
    return ExitCode.DONE if register.entries else ExitCode.NOT_ANSWERED


def register_text(register: Register) -> str:
    """The register for a terminal: what it was drawn from and what the law asks, then each line with its place."""
    words = load_messages()
    lines = [plain(one) for one in notes_of(register, words)]
    for entry in register.entries:
        cited = entry.citation
        of = ", ".join(part for part in (cited.force, cited.period) if part)
        lines += ["", f"[{cited.number}] {plain(of)}: {term_in_words(entry.term, words)}"]
        lines += [f"    {words.say('printed.in_context', quoted=plain(entry.before))}"] if entry.before else []
        lines += [f"    {plain(cited.quote)}", f"    {source_title(cited)}", f"    {source_location(cited, words)}"]
    return "\n".join(lines if register.entries else [*lines, "", words.say("register.nothing")])
