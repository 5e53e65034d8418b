"""What the commands share: options, exit codes, error output and the settings."""

from __future__ import annotations

import sys
from enum import IntEnum
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from assistant.errors import TamperedSourceError
from assistant.settings import Settings, load_settings
from index.errors import AppError, IndexingError

DISTRIBUTION = "assessment-assistant"


class ExitCode(IntEnum):
    """The exit codes of all commands."""

    DONE = 0
    NOT_ANSWERED = 1
    USAGE = 2
    INDEX = 3
    NOT_VERIFIED = 4
    NOT_AIRGAPPED = 5
    BUG = 70  # EX_SOFTWARE of sysexits.h; Python's default of 1 would mean "not answered"
    INTERRUPTED = 130


def exit_code(error: AppError) -> ExitCode:
    """Returns the exit code of an error: 3 for sources and index, 4 for a changed quotation, else 2."""
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
EmptyFlag = Annotated[
    bool, typer.Option("--allow-empty", help="Empty the index if the folder has no sources, in place of keeping it.")
]
ForceOption = Annotated[list[str] | None, typer.Option("--force", metavar="NAME", help="Only this force; repeatable.")]
PeriodOption = Annotated[
    list[str] | None, typer.Option("--period", metavar="PERIOD", help="Only this inspection period; repeatable.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


class CommandGroup(TyperGroup):
    """The commands. An `AppError` is printed as one line on stderr, without a traceback."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # noqa: ANN401  # as typer declares it
        """Runs a command and turns an `AppError` into a message and an exit code."""
        try:
            return super().invoke(ctx)
        except AppError as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(exit_code(error)) from error


def settings_of(context: typer.Context, **options: object) -> Settings:
    """Loads the settings with a command's options; None means not given. Raises `SettingsError`."""
    return load_settings(options, context.obj)


def installed_version(distribution: str) -> str:
    """Returns the version of an installed distribution, or nothing when it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def print_version(*, requested: bool) -> None:
    """Prints the version and exits, when `--version` was given."""
    if requested:
        typer.echo(f"assistant {installed_version(DISTRIBUTION) or 'from a checkout'}")
        raise typer.Exit


def exit_on_bug(error_type: type[BaseException], error: BaseException, trace: TracebackType | None) -> NoReturn:
    """Prints the traceback as usual and exits with code 70. Used as `sys.excepthook`."""
    sys.__excepthook__(error_type, error, trace)
    raise SystemExit(ExitCode.BUG)
