"""A catalogue to fill in: the entries there are, and for each source a line for each thing that is not known of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from assistant.characters import plain
from index.catalogue_file import Entry
from index.inventory import Inventory, Known
from index.particulars import FIELDS, Particulars

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
        lines = [*_entry(written.get(source) or Entry(source, Particulars())), *_known(one), *_gaps(one)]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _entry(entry: Entry) -> Iterator[str]:
    """An entry's heading and fields, as TOML."""
    yield f"[{_quoted(entry.name)}]"
    for name in entry.particulars.given:
        yield f"{name} = {_value(entry.particulars, name)}"


def _value(particulars: Particulars, name: str) -> str:
    if name == "period" and particulars.period:
        return _quoted(particulars.period.label)
    value = str(getattr(particulars, name))
    return value if name == "published" else _quoted(value)


def _known(one: Known) -> Iterator[str]:
    """What the text says, for the one who fills in the rest."""
    for name in FIELDS:
        if name != "supersedes" and one.whence(name) == "text":
            yield f"# {name}, by its text: {plain(one.value(name))}"


def _gaps(one: Known) -> Iterator[str]:
    for name, example in _EXAMPLES.items():
        if name in one.gaps:
            yield f"# {name} =   # such as {example}"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
