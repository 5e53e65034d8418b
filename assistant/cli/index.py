"""The command `index`, and the update of the index that other commands start with. Reports go to stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar

from assistant.errors import SettingsError
from assistant.export.plain_text import counted
from assistant.sanitise import one_line
from assistant.setting_values import index_place, with_access
from assistant.settings import Settings
from index.errors import (
    CatalogueError,
    GenerationError,
    IndexDatabaseError,
    NoSourcesError,
    NotIndexedError,
    StorageError,
    WriterBusyError,
)

if TYPE_CHECKING:
    from assistant.app import Assistant
    from index.build import BuildReport, Progress
    from index.embedding.embedder import Embedder
    from index.storage.postgres import IndexPlace


WAIT_SECONDS = 1.0  # between looks for an index that another process publishes
_KEEPS_THE_INDEX = (
    CatalogueError, WriterBusyError, IndexDatabaseError, StorageError, GenerationError, NoSourcesError
)  # fmt: skip


def note(text: str) -> None:
    """Prints a line to stderr."""
    typer.echo(text, err=True)


def update_index(settings: Settings, embedder: Embedder | None = None, *, allow_empty: bool = False) -> BuildReport:
    """Indexes the sources that are new or have changed, with a progress bar if stderr is a terminal.

    Raises `NotIndexedError` when there is nothing to search afterwards, unless `allow_empty`, and whatever
    `build_index` raises.
    """
    from index.build import build_index
    from index.embedding.models import open_embedder

    with _build_progress() as progress:
        embedder = embedder or open_embedder(settings.embedding_model)
        report = build_index(settings.sources, settings.index_place, embedder, progress, allow_empty=allow_empty)
    _print_notes(report)
    if not report.sentences and not allow_empty:
        raise NotIndexedError(
            f"{settings.sources} contains nothing that can be indexed.",
            advice="Add assessments to it as text, Word or PDF files.",
        )
    return report


def _print_notes(report: BuildReport) -> None:
    for failure in report.failed:
        note(f"Not indexed: {one_line(failure.source)}: {one_line(failure.reason)}")
    for warning in report.warnings:
        note(f"{one_line(warning.source)}: {one_line(warning.note)}")
    if report.published:
        for source, later in report.superseded:
            note(f"{one_line(source)}: superseded by {one_line(later)}, so not searched; it can still be read.")


def copy(settings: Settings, source: str, target: str) -> str:
    """Copies an index from one folder or database to another. Returns one line with its digest and generation."""
    from index.build import copy_index
    from index.embedding.models import open_embedder
    from index.storage.fingerprint import Fingerprint

    try:
        before, after = (
            with_access(index_place(place), settings.index_password_file, settings.index_work)
            for place in (source, target)
        )
    except ValueError as error:
        raise SettingsError(
            f"This is no place of an index: {error}.", advice="Give a folder, or an address."
        ) from error
    copied = copy_index(before, after, Fingerprint.of(open_embedder(settings.embedding_model)))
    return f"Copied {before} to {after}: generation {copied.id}, digest {copied.digest}"


def summary(report: BuildReport) -> str:
    """Returns one line with the counts of a build."""
    counts = {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "deleted": report.deleted,
        "failed": len(report.failed),
    }
    sources = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    return f"{sources}; {counted(report.sentences, 'sentence')}, {report.embedded:,} embedded now"


def open_with_index(settings: Settings) -> Assistant:
    """Updates the index and opens an assistant over it.

    When the index cannot be updated (another process is indexing, the folder is read-only, the disk is full, the
    catalogue is invalid, the sources folder is empty), the assistant uses the existing index. Raises `IndexingError`
    when there is none. With the setting `indexing` off, it updates nothing, and waits for an index if there is none.
    """
    from assistant.app import open_assistant
    from index.embedding.models import open_embedder

    embedder = open_embedder(settings.embedding_model)
    if not settings.indexing:
        return _wait_for_index(lambda: open_assistant(settings, embedder), settings.index)
    try:
        report = update_index(settings, embedder)
    except _KEEPS_THE_INDEX as error:
        note(f"The index was not updated: {error}")
    else:
        if report.published:
            note(f"Indexed {settings.sources}: {summary(report)}.")
    return open_assistant(settings, embedder)


def _wait_for_index(open_index: Callable[[], Assistant], place: IndexPlace) -> Assistant:
    """Opens what another process publishes, and waits until there is something."""
    for attempt in count():
        try:
            return open_index()
        except NotIndexedError:
            if not attempt:
                note(f"Waiting until another process has published an index in {place}.")
            time.sleep(WAIT_SECONDS)
    raise AssertionError("counting has no end")


@contextmanager
def progress_bar(stage: str, total: int) -> Iterator[Callable[[], None]]:
    """Displays a progress bar if stderr is a terminal. Yields a function that advances it by one."""
    with _bar() as bar:
        task = bar.add_task(stage, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def _build_progress() -> Iterator[Callable[[Progress], None]]:
    """Displays a progress bar for each stage of a build. Yields a function that takes its progress reports."""
    with _bar() as bar:
        tasks: dict[str, TaskID] = {}

        def update(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bar.add_task(progress.stage.capitalize(), total=progress.total)
            bar.update(tasks[progress.stage], completed=progress.done, total=progress.total)

        yield update


def _bar() -> ProgressBar:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return ProgressBar(*columns, console=console, transient=True, disable=not console.is_terminal)
