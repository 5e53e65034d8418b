"""The command `evaluate`: a gold file asked, scored, and shown as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from assistant.cli.index import open_with_index, progress_bar
from assistant.errors import QuestionFileError
from assistant.evaluation.json_lines import open_lines, read_records
from assistant.evaluation.metrics import FEEDBACK, GoldQuestion, Scores, evaluate
from assistant.messages import load_messages
from assistant.sanitise import plain
from assistant.settings import Settings
from index.readers.read import read
from index.sources.files import SourceFile


def score_file(questions: Path, settings: Settings, *, as_json: bool) -> None:
    """Ask every question of a gold file and print the scores. Raises `QuestionFileError` at the first bad line."""
    lines = read_gold(questions)
    gold = last_judgements(lines)
    assistant = open_with_index(settings)
    with progress_bar("Asking", len(gold)) as advance:
        scores = evaluate(assistant, gold, _reader_of(settings.sources), advance)
    scores = scores.model_copy(update={"superseded": len(lines) - len(gold)})
    if as_json:
        typer.echo(scores.model_dump_json())
        return
    Console(highlight=False).print(table(scores))
    for line in remarks(scores, gold):
        typer.echo(line)


def read_gold(path: Path) -> list[GoldQuestion]:
    """The questions of a gold file, all of them or none: a score over what happens to be readable misleads."""
    with open_lines(str(path)) as lines:
        gold: list[GoldQuestion] = []
        for line in read_records(lines, str(path), GoldQuestion):
            if isinstance(line, QuestionFileError):
                raise line
            gold.append(line)
    if not gold:
        raise QuestionFileError(f"{path} holds no question.")
    return gold


def last_judgements(lines: Sequence[GoldQuestion]) -> list[GoldQuestion]:
    """Of the judgements of one answer the last, and every line that was no feedback, in the file's order."""
    last = {line.id: place for place, line in enumerate(lines) if line.type == FEEDBACK}
    return [line for place, line in enumerate(lines) if line.type != FEEDBACK or last[line.id] == place]


def remarks(scores: Scores, gold: Iterable[GoldQuestion]) -> Iterator[str]:
    """What the scores leave out, by name, so that a person can decide it."""
    words = load_messages()
    if scores.open_cases:
        yield words.count("open_cases", len(scores.open_cases))
        yield from (f"  {plain(one.id)}  {plain(one.question)}" for one in gold if one.answerable is None)
    if scores.superseded:
        yield words.count("superseded", scores.superseded)


def table(scores: Scores) -> Table:
    """Every measure, then evidence F1 by type of question."""
    shown = Table("measure", "value", box=None, pad_edge=False)
    shown.columns[1].justify = "right"
    for name, value in scores.model_dump(exclude={"by_type", "open_cases", "superseded"}).items():
        shown.add_row(name.replace("_", " "), _figure(value))
    for kind, value in scores.by_type.items():
        shown.add_row(f"evidence f1, {kind}", _figure(value))
    return shown


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _reader_of(sources: Path) -> Callable[[str], str]:
    @cache
    def text_of(name: str) -> str:
        return read(SourceFile(sources / name, name, "")).text

    return text_of
