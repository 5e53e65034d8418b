"""How a command ends: its exit code.

What every command shares: its options, how it fails, and how it reads the settings.
"""

from __future__ import annotations

import sys
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from assistant.errors import TamperedSourceError
from assistant.settings import Settings, load_settings
from index.errors import AppError, IndexingError


class ExitCode(IntEnum):
    """Every code a command can end with."""

    DONE = 0
    NOT_ANSWERED = 1
    USAGE = 2
    INDEX = 3
    NOT_VERIFIED = 4
    OPEN = 5
    BUG = 70  # EX_SOFTWARE of sysexits.h: Python's own 1 would read as "not answered"
    INTERRUPTED = 130


def exit_code(error: AppError) -> ExitCode:
    """The code of an error by its family: what the person can mend in the command, the sources, or the answer."""
    match error:
        case IndexingError():
            return ExitCode.INDEX
        case TamperedSourceError():
            return ExitCode.NOT_VERIFIED
        case _:
            return ExitCode.USAGE


SourcesOption = Annotated[
    Path | None, typer.Option("--sources", metavar="DIR", help="Folder of the transcripts.", show_default="sources")
]
IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="Folder of the index.", show_default=".index")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


class Commands(TyperGroup):
    """Says what went wrong in one message, without a traceback, when it is not a bug."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # noqa: ANN401  # typer makes no other
        """Run a command; an error that a person can mend becomes a message and an exit code."""
        try:
            return super().invoke(ctx)
        except AppError as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(exit_code(error)) from error


def settings_of(context: typer.Context, **options: object) -> Settings:
    """The settings, with a command's options. Raises `SettingsError`."""
    return load_settings(options, context.obj)


def bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> NoReturn:
    """An exception hook: the usual traceback, and an exit code that no answer has."""
    sys.__excepthook__(kind, error, trace)
    raise SystemExit(ExitCode.BUG)
