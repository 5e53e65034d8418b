"""The command `evaluate`: asks the questions of a gold file and prints the scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from assistant.cli.index import open_with_index, progress_bar
from assistant.evaluation.metrics import GoldQuestion, Scores, evaluate, latest_judgements, read_gold
from assistant.evaluation.trec import TrecFiles
from assistant.messages import load_messages
from assistant.sanitise import one_line
from assistant.settings import Settings
from index.readers.read import read
from index.sources.files import SourceFile


def score_file(questions: Path, settings: Settings, *, as_json: bool, trec: Path | None = None) -> None:
    """Asks every question of a gold file and prints the scores, and writes TREC files into the folder `trec`.

    Raises `QuestionFileError` at the first bad line.
    """
    lines = read_gold(questions)
    gold = latest_judgements(lines)
    assistant = open_with_index(settings)
    files = None
    if trec is not None:
        files = TrecFiles(trec, assistant.sources, lambda text, n, within: assistant.search(text, n, within=within))
    text_of = _source_text(settings.sources)
    with progress_bar("Asking", len(gold)) as advance:
        scores = evaluate(assistant, gold, text_of, advance, files.add if files else None)
    if files is not None:
        files.write()
    scores = scores.model_copy(update={"superseded": len(lines) - len(gold)})
    if as_json:
        typer.echo(scores.model_dump_json())
        return
    Console(highlight=False).print(score_table(scores))
    for line in unscored_lines(scores, gold):
        typer.echo(line)


def unscored_lines(scores: Scores, gold: Iterable[GoldQuestion]) -> Iterator[str]:
    """Yields lines that list the open cases, and count the judgements that a later one replaced."""
    messages = load_messages()
    if scores.open_cases:
        yield messages.count("open_cases", len(scores.open_cases))
        for question in gold:
            if question.answerable is None:
                yield f"  {one_line(question.id)}  {one_line(question.question)}"
    if scores.superseded:
        yield messages.count("superseded", scores.superseded)


def score_table(scores: Scores) -> Table:
    """Returns a table of every measure, then evidence F1 by type of question."""
    table = Table("measure", "value", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for name, value in scores.model_dump(exclude={"by_type", "open_cases", "superseded"}).items():
        table.add_row(name.replace("_", " "), _figure(value))
    for question_type, value in scores.by_type.items():
        table.add_row(f"evidence f1, {question_type}", _figure(value))
    return table


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _source_text(sources: Path) -> Callable[[str], str]:
    """Returns a function that reads the text of a source by name, each file once."""

    @cache
    def text_of(name: str) -> str:
        return read(SourceFile(sources / name, name, "")).text

    return text_of
