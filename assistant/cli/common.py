"""What the commands share: options, exit codes, error output and the settings."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from assistant.errors import TamperedSourceError, installed_version
from assistant.messages import LANGUAGE
from assistant.settings import Settings, load_settings
from index.errors import AppError, IndexingError

OWN_LOGGERS = ("assistant", "index")


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
    str | None,
    typer.Option("--index", metavar="DIR|URL", help="Folder or database of the index.", show_default=".index"),
]
SourceIndexArgument = Annotated[str, typer.Argument(metavar="FROM", help="Folder or database of the index.")]
TargetIndexArgument = Annotated[str, typer.Argument(metavar="TO", help="Folder or database to publish it in.")]
EmptyFlag = Annotated[
    bool, typer.Option("--allow-empty", help="Empty the index if the folder has no sources, in place of keeping it.")
]
ForceOption = Annotated[list[str] | None, typer.Option("--force", metavar="NAME", help="Only this force; repeatable.")]
PeriodOption = Annotated[
    list[str] | None, typer.Option("--period", metavar="PERIOD", help="Only this inspection period; repeatable.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def print_version(*, requested: bool) -> None:
    """Prints the version and exits, when `--version` was given."""
    if requested:
        typer.echo(f"assistant {installed_version() or 'from a checkout'}")
        raise typer.Exit


ConfigOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Settings file in TOML.", show_default="assistant.toml")
]
VersionFlag = Annotated[
    bool,
    typer.Option(
        "--version",
        help="Print the version and exit.",
        is_eager=True,
        callback=lambda requested: print_version(requested=requested),
    ),
]
QuestionArgument = Annotated[
    list[str] | None, typer.Argument(metavar="QUESTION", help="The question; - reads it from stdin.")
]
InputOption = Annotated[
    str | None, typer.Option("--input", metavar="FILE", help="Ask every line of a JSON Lines file; - reads stdin.")
]
RegisterOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A file ending in .docx, .xlsx or .csv.", show_default="stdout, as text"),
]
HostOption = Annotated[str | None, typer.Option(help="Address to serve on.", show_default="127.0.0.1")]
PortOption = Annotated[int | None, typer.Option(help="Port to serve on; 0 picks a free one.", show_default="7860")]
NoIndexFlag = Annotated[
    bool | None,
    typer.Option(
        "--no-index",
        help="Serve what another process publishes; index nothing.",
        callback=lambda given: False if given else None,
        show_default=False,
    ),
]
CheckFlag = Annotated[
    bool, typer.Option("--check", help="Print only the problems; the exit code is 3 if there are any.")
]
TemplateFlag = Annotated[
    bool, typer.Option("--template", help="Print a catalogue.toml with blanks for missing metadata.")
]
GoldArgument = Annotated[
    Path, typer.Argument(metavar="QUESTIONS", help="Gold questions as JSON Lines.", exists=True, dir_okay=False)
]
TrecOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write TREC qrels and run files into this folder too.")
]
AirgapFlag = Annotated[
    bool, typer.Option("--airgap", help="List instead the features that could contact another machine.")
]


class CommandGroup(TyperGroup):
    """The commands. An `AppError` is printed as one line on stderr, without a traceback."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # noqa: ANN401  # as typer declares it
        """Runs a command and turns an `AppError` into a message and an exit code."""
        try:
            return super().invoke(ctx)
        except AppError as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(exit_code(error)) from error


app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback()
def assistant(
    context: typer.Context,
    *,
    config: ConfigOption = None,
    version: VersionFlag = False,  # noqa: ARG001  # its callback prints it
) -> None:
    """Answer questions about inspection assessments with sentences quoted from them, each with its source.

    \b
    Start here:
      assistant ask "What did the inspector say about serious and organised crime?"
      assistant serve

    Answers go to stdout; progress, notes and errors go to stderr. Each setting comes from a command-line option, the
    environment variable ASSISTANT_<NAME>, assistant.toml or its default, in that order. `assistant doctor` lists them.

    \b
    Exit codes:
      0    success; for `ask`, the question was answered
      1    `ask`: not answered, the reason is printed; `register`: nothing found
      2    wrong command line, setting or line of an input file
      3    the sources, the index or the embedding model is missing or broken
      4    `verify`: a quotation differs from its source
      5    `doctor --airgap`: a feature could contact another machine
      70   a bug: please report the traceback
      130  interrupted
    """
    context.obj = config


def settings_of(context: typer.Context, **options: object) -> Settings:
    """Loads the settings with a command's options, and logs as they say until the command ends.

    An option that is None was not given. Raises `SettingsError`.
    """
    settings = load_settings(options, context.obj)
    context.call_on_close(log_to_stderr(settings))
    token = LANGUAGE.set(settings.languages[0])
    context.call_on_close(lambda: LANGUAGE.reset(token))
    return settings


def log_to_stderr(settings: Settings) -> Callable[[], None]:
    """Logs to standard error in the form and from the level that the settings name. Returns a function that ends it.

    Libraries log warnings and errors only: below that, some log what is asked or sent to a chat model.
    """
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    root, handler = logging.getLogger(), StderrHandler()
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else logging.Formatter("%(message)s"))
    handler.addFilter(lambda record: record.levelno >= level)
    root.addHandler(handler)
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(min(level, logging.WARNING))
    return lambda: root.removeHandler(handler)


class StderrHandler(logging.Handler):
    """Writes each record to what is standard error at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record as one line, or as several with its traceback."""
        sys.stderr.write(f"{self.format(record)}\n")
        sys.stderr.flush()


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object on a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the time, level, logger and message, and the traceback if there is one."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        trace = {"traceback": self.formatException(record.exc_info)} if record.exc_info else {}
        return json.dumps(line | trace, ensure_ascii=False)


def exit_on_bug(error_type: type[BaseException], error: BaseException, trace: TracebackType | None) -> NoReturn:
    """Prints the traceback as usual and exits with code 70. Used as `sys.excepthook`."""
    sys.__excepthook__(error_type, error, trace)
    raise SystemExit(ExitCode.BUG)
