"""The command `sources`: lists the sources with their metadata and problems, or prints a catalogue to fill in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal

import typer
from pydantic import Field

from assistant.answer_layout import Frozen
from assistant.cli.common import ExitCode
from assistant.export.plain_text import counted
from assistant.sanitise import one_line
from assistant.settings import Settings
from index.inventory import INVENTORY_FIELDS, Inventory, InventorySource, take_inventory
from index.sources.catalogue import CatalogueEntry
from index.sources.catalogue_fields import FIELD_NAMES, CatalogueFields

_TEMPLATE_HEADER = """\
# Metadata of the sources. To give a value, remove the # before its line and fill it in; leave what you do not know.
# Values given here replace those found in the text. Save this as catalogue.toml in the sources folder.
"""
_EXAMPLES = {
    "force": '"Northshire Constabulary"', "period": '"2018/19"', "programme": '"PEEL"', "kind": '"overall assessment"',
    "inspector": '"Ada Marlowe"', "published": "2019-05-02", "url": '"https://inspectorate.example/northshire"',
    "licence": '"Open Government Licence v3.0"',
}  # fmt: skip
_ORIGINS = {"text": "from its text", "catalogue": "from the catalogue", "name": "from the file's name"}


class SourceValue(Frozen):
    """A value of a source's metadata, and where it came from."""

    value: str
    origin: Literal["text", "catalogue", "name"]


class ListedSource(Frozen):
    """A source with its known metadata, or the reason why it cannot be read."""

    source: str = Field(description="The file's name within the sources folder.")
    known: dict[str, SourceValue] = Field(description="Known metadata by field name.")
    superseded_by: str = Field(description="The source that is searched instead; empty if this one is searched.")
    failure: str


class SourceProblem(Frozen):
    """A problem with a source or the catalogue, and what to do about it."""

    source: str
    problem: str


class SourceList(Frozen):
    """The output of `assistant sources --json`."""

    sources: tuple[ListedSource, ...]
    problems: tuple[SourceProblem, ...]


def list_sources(settings: Settings, *, check: bool, as_json: bool) -> ExitCode:
    """Prints the sources and problems; with `check` only the problems, and exit code 3 if there are any."""
    inventory = take_inventory(settings.sources)
    if as_json:
        typer.echo(_source_list(inventory).model_dump_json())
    else:
        lines = [] if check else [line for source in inventory.sources for line in _source_lines(source)]
        lines += [f"Problem: {one_line(problem.source)}: {one_line(problem.problem)}" for problem in inventory.problems]
        typer.echo("\n".join([*lines, _summary(inventory)]))
    return ExitCode.INDEX if check and inventory.problems else ExitCode.DONE


def print_template(settings: Settings) -> None:
    """Prints the folder's catalogue with a line to fill in for each unknown value."""
    typer.echo(template(take_inventory(settings.sources)), nl=False)


def template(inventory: Inventory) -> str:
    """Returns the folder's catalogue in TOML, entries for patterns first, with a commented line for each unknown value.

    It has the entries of the existing catalogue, but not its comments, and an empty entry for every other source.
    """
    existing = {entry.name: entry for entry in inventory.catalogue.entries}
    readable = {source.source: source for source in inventory.sources if not source.failure}
    blocks = [_entry_lines(entry) for entry in inventory.catalogue.entries if entry.name not in readable]
    for name, source in readable.items():
        entry = existing.get(name) or CatalogueEntry(name, CatalogueFields())
        blocks.append([*_entry_lines(entry), *_text_values(source), *_gaps(source)])
    return "\n".join([_TEMPLATE_HEADER, *("\n".join(lines) + "\n" for lines in blocks)])


def _entry_lines(entry: CatalogueEntry) -> list[str]:
    """The heading and fields of an entry in TOML."""
    fields = [f"{name} = {_toml_value(entry.fields, name)}" for name in entry.fields.given]
    return [f"[{_toml_string(entry.name)}]", *fields]


def _toml_value(fields: CatalogueFields, name: str) -> str:
    if name == "period" and fields.period:
        return _toml_string(fields.period.label)
    value = str(getattr(fields, name))
    return value if name == "published" else _toml_string(value)


def _toml_string(text: str) -> str:
    """A TOML basic string; it is written as in JSON, except for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _text_values(source: InventorySource) -> Iterator[str]:
    """Comments with the values found in the source's text."""
    for name in FIELD_NAMES:
        if name != "supersedes" and source.origin(name) == "text":
            yield f"# {name}, from its text: {one_line(source.value(name))}"


def _gaps(source: InventorySource) -> Iterator[str]:
    """Commented lines for the unknown values."""
    for name, example in _EXAMPLES.items():
        if name in source.gaps:
            yield f"# {name} =   # such as {example}"


def _source_list(inventory: Inventory) -> SourceList:
    return SourceList(
        sources=tuple(_listed_source(source) for source in inventory.sources),
        problems=tuple(SourceProblem(source=p.source, problem=p.problem) for p in inventory.problems),
    )


def _listed_source(source: InventorySource) -> ListedSource:
    return ListedSource(
        source=source.source,
        known={
            name: SourceValue(value=source.value(name), origin=source.origin(name)) for name in _known_fields(source)
        },
        superseded_by=source.superseded_by,
        failure=source.failure,
    )


def _known_fields(source: InventorySource) -> list[str]:
    return [] if source.failure else [name for name in INVENTORY_FIELDS if source.value(name)]


def _source_lines(source: InventorySource) -> list[str]:
    lines = [one_line(source.source)]
    if source.failure:
        lines.append(f"  cannot be read: {one_line(source.failure)}")
    lines += [_value_line(source, name) for name in _known_fields(source)]
    if source.gaps and not source.failure:
        lines.append(f"  {'unknown':<10} {', '.join(source.gaps)}")
    if source.superseded_by:
        lines.append(f"  superseded by {one_line(source.superseded_by)}: can be read, but is not searched")
    return [*lines, ""]


def _value_line(source: InventorySource, name: str) -> str:
    return f"  {name:<10} {one_line(source.value(name))}  ({_ORIGINS[source.origin(name)]})"


def _summary(inventory: Inventory) -> str:
    searched = sum(not source.failure and not source.superseded_by for source in inventory.sources)
    superseded = sum(bool(source.superseded_by) for source in inventory.sources)
    problems = counted(len(inventory.problems), "problem") if inventory.problems else "no problems"
    return f"{counted(searched, 'source')} searched, {superseded} superseded, {problems}."
