"""The index made, or brought up to date, before it is asked, with a word about it on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar

from assistant.export.plain_text import counted
from assistant.sanitise import plain
from assistant.settings import Settings
from index.errors import (
    CatalogueError,
    GenerationError,
    IndexDatabaseError,
    NotIndexedError,
    StorageError,
    WriterBusyError,
)

if TYPE_CHECKING:
    from assistant.app import Assistant
    from index.build import BuildReport, Progress
    from index.embedding.models import Embedder


def note(text: str) -> None:
    """A line for the person, beside the answer."""
    typer.echo(text, err=True)


def update_index(settings: Settings, embedder: Embedder | None = None) -> BuildReport:
    """Index what is new or changed in the sources folder, with a progress bar where there is someone to see it.

    Raises `NotIndexedError` when there is nothing to search afterwards, and what `build_index` raises.
    """
    from index.build import build_index
    from index.embedding.models import open_embedder

    with _shown() as progress:
        report = build_index(
            settings.sources, settings.index, embedder or open_embedder(settings.embedding_model), progress
        )
    for failure in report.failed:
        note(f"Not indexed: {plain(failure.source)}: {plain(failure.reason)}")
    for warned in report.warnings:
        note(f"{plain(warned.source)}: {plain(warned.note)}")
    for source, later in report.superseded if report.published else ():
        note(f"{plain(source)}: not searched, being superseded by {plain(later)}; it can still be read.")
    if not report.sentences:
        raise NotIndexedError(
            f"{settings.sources} holds nothing that can be indexed.",
            advice="Put assessments into it as text, Word or PDF files.",
        )
    return report


def summary(report: BuildReport) -> str:
    """What a build did, in a line."""
    counts = {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "deleted": report.deleted,
        "failed": len(report.failed),
    }
    words = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    return f"{words}; {counted(report.sentences, 'sentence')}, {report.embedded:,} embedded now"


def open_with_index(settings: Settings) -> Assistant:
    """An assistant over an index that is up to date.

    Where the index cannot be written just now, because another process is indexing, the folder is read-only or the
    disk full or the sources' catalogue wrong, what it held before answers. Raises `IndexingError` when there is nothing
    to answer from.
    """
    from assistant.app import open_assistant
    from index.embedding.models import open_embedder

    embedder = open_embedder(settings.embedding_model)
    try:
        report = update_index(settings, embedder)
    except (CatalogueError, WriterBusyError, IndexDatabaseError, StorageError, GenerationError) as error:
        note(f"The index was not brought up to date: {error}")
    else:
        if report.published:
            note(f"Indexed {settings.sources}: {summary(report)}.")
    return open_assistant(settings, embedder)


@contextmanager
def progress_bar(stage: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr, where that is a terminal; calling what is yielded moves it on by one."""
    with _bar() as bar:
        task = bar.add_task(stage, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None]]:
    with _bar() as bar:
        tasks: dict[str, TaskID] = {}

        def show(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bar.add_task(progress.stage.capitalize(), total=progress.total)
            bar.update(tasks[progress.stage], completed=progress.done, total=progress.total)

        yield show


def _bar() -> ProgressBar:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return ProgressBar(*columns, console=console, transient=True, disable=not console.is_terminal)
