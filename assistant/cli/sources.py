"""The command `sources`: what is known of each source and whence, what is wrong, and a catalogue to fill in.

A catalogue to fill in: the entries there are, and for each source a line for each thing that is not known of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Literal

import typer
from pydantic import Field

from assistant.answer_layout import Frozen
from assistant.cli.common import ExitCode
from assistant.export.plain_text import counted
from assistant.sanitise import plain
from assistant.settings import Settings
from index.inventory import INVENTORY_FIELDS, Inventory, InventorySource, take_inventory
from index.sources.catalogue import CatalogueEntry
from index.sources.catalogue_fields import FIELD_NAMES, CatalogueFields

_HEAD = """\
# What each source is. Take away the # before a line and fill it in; leave what you do not know as it is.
# What is said here counts before what the text says. Save this as catalogue.toml in the sources folder.
"""
_EXAMPLES = {
    "force": '"Northshire Constabulary"', "period": '"2018/19"', "programme": '"PEEL"', "kind": '"overall assessment"',
    "inspector": '"Ada Marlowe"', "published": "2019-05-02", "url": '"https://inspectorate.example/northshire"',
    "licence": '"Open Government Licence v3.0"',
}  # fmt: skip


def template(inventory: Inventory) -> str:
    """A catalogue that says what the folder's own says, patterns first, with the gaps as comments.

    Read back, it has the same entries, and empty ones for the sources that had none. Comments of the old one are not
    kept.
    """
    written = {entry.name: entry for entry in inventory.catalogue.entries}
    readable = {one.source: one for one in inventory.sources if not one.failure}
    others = [entry for entry in inventory.catalogue.entries if entry.name not in readable]
    parts = [_HEAD, *("\n".join(_entry(entry)) + "\n" for entry in others)]
    for source, one in readable.items():
        lines = [
            *_entry(written.get(source) or CatalogueEntry(source, CatalogueFields())),
            *_known_lines(one),
            *_gaps(one),
        ]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _entry(entry: CatalogueEntry) -> Iterator[str]:
    """An entry's heading and fields, as TOML."""
    yield f"[{_quoted(entry.name)}]"
    for name in entry.fields.given:
        yield f"{name} = {_value(entry.fields, name)}"


def _value(particulars: CatalogueFields, name: str) -> str:
    if name == "period" and particulars.period:
        return _quoted(particulars.period.label)
    value = str(getattr(particulars, name))
    return value if name == "published" else _quoted(value)


def _known_lines(one: InventorySource) -> Iterator[str]:
    """What the text says, for the one who fills in the rest."""
    for name in FIELD_NAMES:
        if name != "supersedes" and one.origin(name) == "text":
            yield f"# {name}, by its text: {plain(one.value(name))}"


def _gaps(one: InventorySource) -> Iterator[str]:
    for name, example in _EXAMPLES.items():
        if name in one.gaps:
            yield f"# {name} =   # such as {example}"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


_WHENCE = {"text": "from its text", "catalogue": "from the catalogue", "name": "from the file's name"}


class SourceValue(Frozen):
    """One thing known of a source, and where it is from."""

    value: str
    whence: Literal["text", "catalogue", "name"]


class ListedSource(Frozen):
    """A source. What is not known of it is not in `known`; one that cannot be read has a failure."""

    source: str = Field(description="The file's name within the sources folder.")
    known: dict[str, SourceValue]
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
    typer.echo(template(take_inventory(settings.sources)), nl=False)


def _model(inventory: Inventory) -> SourceList:
    return SourceList(
        sources=tuple(
            ListedSource(
                source=one.source,
                known={name: SourceValue(value=one.value(name), whence=one.origin(name)) for name in _known(one)},
                superseded_by=one.superseded_by,
                failure=one.failure,
            )
            for one in inventory.sources
        ),
        problems=tuple(SourceProblem(source=one.source, problem=one.problem) for one in inventory.problems),
    )


def _known(one: InventorySource) -> Iterable[str]:
    return [] if one.failure else [name for name in INVENTORY_FIELDS if one.value(name)]


def _listed(one: InventorySource) -> list[str]:
    lines = [plain(one.source)]
    if one.failure:
        lines.append(f"  cannot be taken in: {plain(one.failure)}")
    lines += [f"  {name:<10} {plain(one.value(name))}  ({_WHENCE[one.origin(name)]})" for name in _known(one)]
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
