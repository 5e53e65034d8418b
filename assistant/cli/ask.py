"""The commands `ask`, for a question or every line of a file, and `register`, which prints or writes it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer

from assistant.answer import Answer
from assistant.cli.common import ExitCode
from assistant.cli.index import note, open_with_index
from assistant.errors import QuestionFileError, RegisterError
from assistant.evaluation.json_lines import QuestionLine, open_lines, read_records
from assistant.export.plain_text import terminal_text
from assistant.export.reference import source_location, source_title
from assistant.export.register_files import REGISTERS, notes_of
from assistant.filter import Filter
from assistant.judgements.register import Register, RegisterEntry, register_of
from assistant.messages import Messages, load_messages
from assistant.sanitise import one_line
from assistant.settings import Settings


def ask_one(settings: Settings, question: str, within: Filter, *, as_json: bool) -> ExitCode:
    """Answers one question (`-` reads it from stdin) and prints the answer."""
    text = sys.stdin.buffer.read().decode("utf-8-sig", "replace") if question == "-" else question
    answer = open_with_index(settings).ask(_replace_surrogates(text).strip(), within=within)
    _print_answer(answer, as_json=as_json)
    return ExitCode.DONE if answer.status.answered else ExitCode.NOT_ANSWERED


def ask_lines(settings: Settings, name: str, within: Filter, *, as_json: bool) -> ExitCode:
    """Answers every line of a file (`-` is stdin), printing each answer as soon as it is ready."""
    code = ExitCode.DONE
    with open_lines(name) as lines:
        assistant = open_with_index(settings)
        for line in read_records(lines, name, QuestionLine):
            if isinstance(line, QuestionFileError):
                note(f"Error: {line}")
                code = ExitCode.USAGE
                continue
            answer = assistant.ask(line.question, line.history, within=within or line.within, id=line.id)
            if not as_json:
                typer.echo(f"{one_line(line.id)}. {one_line(line.question)}")
            _print_answer(answer, as_json=as_json)
            if not as_json:
                typer.echo()
    return code


def _print_answer(answer: Answer, *, as_json: bool) -> None:
    typer.echo(answer.model_dump_json() if as_json else terminal_text(answer))


def _replace_surrogates(text: str) -> str:
    """Replaces the surrogates that Python makes of argument bytes that are not UTF-8; they could not be printed."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


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
