"""The command `ask`: answers one question, or every line of a file."""

from __future__ import annotations

import sys

import typer

from assistant.answer import Answer
from assistant.cli.common import ExitCode
from assistant.cli.index import note, open_with_index
from assistant.errors import QuestionFileError
from assistant.evaluation.json_lines import QuestionLine, open_lines, read_records
from assistant.export.plain_text import terminal_text
from assistant.filter import Filter
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
