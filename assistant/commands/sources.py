"""The command `sources`: what is known of each source and whence, what is wrong, and a catalogue to fill in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import typer
from pydantic import Field

from assistant.arrangement import Frozen
from assistant.characters import plain
from assistant.commands.exits import ExitCode
from assistant.commands.terminal import counted
from assistant.settings import Settings
from index.inventory import ASKED, Inventory, Known, take_inventory

_WHENCE = {"text": "from its text", "catalogue": "from the catalogue", "name": "from the file's name"}


class Told(Frozen):
    """One thing known of a source, and where it is from."""

    value: str
    whence: Literal["text", "catalogue", "name"]


class ListedSource(Frozen):
    """A source. What is not known of it is not in `known`; one that cannot be read has a failure."""

    source: str = Field(description="The file's name within the sources folder.")
    known: dict[str, Told]
    superseded_by: str = Field(description="The source that is searched in its place; empty for one that is searched.")
    failure: str


class SourceProblem(Frozen):
    """Something wrong, and what to do about it."""

    source: str
    problem: str


class SourceList(Frozen):
    """What `assistant sources --json` prints."""

    sources: tuple[ListedSource, ...]
    problems: tuple[SourceProblem, ...]


def list_sources(settings: Settings, *, check: bool, as_json: bool) -> ExitCode:
    """Print what is known of each source, or with `check` only what is wrong, and end with an error where that is."""
    inventory = take_inventory(settings.sources)
    if as_json:
        typer.echo(_model(inventory).model_dump_json())
    else:
        lines = [] if check else [line for one in inventory.sources for line in _listed(one)]
        lines += [f"Problem: {plain(one.source)}: {plain(one.problem)}" for one in inventory.problems]
        typer.echo("\n".join([*lines, _summary(inventory)]))
    return ExitCode.INDEX if check and inventory.problems else ExitCode.DONE


def print_template(settings: Settings) -> None:
    """Print the folder's catalogue with what is not known of each source as lines to fill in."""
    from assistant.commands.catalogue_template import template

    typer.echo(template(take_inventory(settings.sources)), nl=False)


def _model(inventory: Inventory) -> SourceList:
    return SourceList(
        sources=tuple(
            ListedSource(
                source=one.source,
                known={name: Told(value=one.value(name), whence=one.whence(name)) for name in _known(one)},
                superseded_by=one.superseded_by,
                failure=one.failure,
            )
            for one in inventory.sources
        ),
        problems=tuple(SourceProblem(source=one.source, problem=one.problem) for one in inventory.problems),
    )


def _known(one: Known) -> Iterable[str]:
    return [] if one.failure else [name for name in ASKED if one.value(name)]


def _listed(one: Known) -> list[str]:
    lines = [plain(one.source)]
    if one.failure:
        lines.append(f"  cannot be taken in: {plain(one.failure)}")
    lines += [f"  {name:<10} {plain(one.value(name))}  ({_WHENCE[one.whence(name)]})" for name in _known(one)]
    if one.gaps and not one.failure:
        lines.append(f"  {'not known':<10} {', '.join(one.gaps)}")
    if one.superseded_by:
        lines.append(f"  superseded by {plain(one.superseded_by)}: kept to be read, and not searched")
    return [*lines, ""]


def _summary(inventory: Inventory) -> str:
    searched = [one for one in inventory.sources if not one.failure and not one.superseded_by]
    superseded = sum(1 for one in inventory.sources if one.superseded_by)
    problems = counted(len(inventory.problems), "problem") if inventory.problems else "no problem"
    return f"{counted(len(searched), 'source')} to be searched, {superseded} superseded, {problems}."
