"""`catalogue.toml` in the sources folder: what is said of each source, by its name or by a pattern of names.

    ["northshire-2018.pdf"]
    period = "2018/19"

In a pattern `*` stands for any characters but a slash, and `?` for one. An entry for a name counts before one for a
pattern, and two patterns must not give one file different values. Errors name the line.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from index.errors import CatalogueError, CatalogueFault
from index.sources.catalogue_fields import NOTHING, OF_ONE_FILE, CatalogueFields, parse_particulars
from index.sources.files import CATALOGUE

LARGEST = 4_000_000  # bytes
_LINE_OF = re.compile(r" ?\(at line (?P<line>[0-9]+), column [0-9]+\)| ?\(at end of document\)")
_KEY = re.compile(r"""\s*(?:"(?P<basic>[^"]*)"|'(?P<literal>[^']*)'|(?P<bare>[A-Za-z0-9_-]+))\s*=""")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What is said of a name or of a pattern of names, and the line it stands on; 0 where that is not known."""

    name: str
    particulars: CatalogueFields
    line: int = 0

    @property
    def is_pattern(self) -> bool:
        return "*" in self.name or "?" in self.name


@dataclass(frozen=True, slots=True)
class CatalogueStatements:
    """What a catalogue tells of some sources: particulars by name, and what it says of files that are not there."""

    of: Mapping[str, CatalogueFields]
    notes: tuple[CatalogueFault, ...] = ()

    def __getitem__(self, name: str) -> CatalogueFields:
        return self.of.get(name, NOTHING)


@dataclass(frozen=True)
class CatalogueFile:
    """The entries of a catalogue, in their order."""

    path: Path
    entries: tuple[CatalogueEntry, ...] = ()

    @cached_property
    def _named(self) -> dict[str, int]:
        """The places of the entries for one name, by that."""
        return {_plain(entry.name): place for place, entry in enumerate(self.entries) if not entry.is_pattern}

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], int]]:
        """The places of the entries for a pattern, with that."""
        return [
            (_expression(_plain(entry.name)), place) for place, entry in enumerate(self.entries) if entry.is_pattern
        ]

    def tell(self, names: Collection[str], failed: Iterable[str] = ()) -> CatalogueStatements:
        """What is said of the sources of these names. Entries for what is in `failed`, or was in it, are no mistake.

        Raises `CatalogueError` when two patterns disagree about a file, or sources supersede each other.
        """
        faults: list[CatalogueFault] = []
        used: set[int] = set()
        known = {_plain(name): name for name in names}
        told = {name: self._told_of(name, used, faults) for name in sorted(names)}
        told = {name: one for name, one in told.items() if one is not NOTHING}
        told = {name: replace(one, supersedes=known.get(_plain(one.supersedes), "")) for name, one in told.items()}
        faults += self._cycles(told)
        if faults:
            raise CatalogueError(self.path, faults)
        return CatalogueStatements(told, tuple(self._absent(used, known, [_plain(name) for name in failed])))

    def _told_of(self, name: str, used: set[int], faults: list[CatalogueFault]) -> CatalogueFields:
        """The particulars of one source; which entries were used, and what patterns disagree about, is added."""
        found = NOTHING
        giving: dict[str, CatalogueEntry] = {}
        for place in self._places(name):
            used.add(place)
            entry = self.entries[place]
            for field in entry.particulars.given:
                value = getattr(entry.particulars, field)
                if field not in giving:
                    giving[field] = entry
                    found = replace(found, **{field: value})
                elif giving[field].is_pattern and getattr(found, field) != value:
                    problem = f'"{giving[field].name}" and "{entry.name}" give {name} a different {field}.'
                    faults.append(CatalogueFault(entry.line, f"{problem} Make one of them narrower."))
        return found

    def _places(self, name: str) -> list[int]:
        """The entries that fit a source's name, that for the name itself first."""
        named = self._named.get(_plain(name))
        fitting = [place for pattern, place in self._patterns if pattern.fullmatch(_plain(name))]
        return fitting if named is None else [named, *fitting]

    def _cycles(self, told: Mapping[str, CatalogueFields]) -> Iterator[CatalogueFault]:
        for name in told:
            seen = [name]
            while (earlier := told.get(seen[-1], NOTHING).supersedes) and earlier not in seen:
                seen.append(earlier)
            if earlier == name:
                line = self.entries[self._places(name)[0]].line
                yield CatalogueFault(line, f"{name} supersedes itself, by way of {', '.join(seen)}.")

    def _absent(self, used: Collection[int], known: Collection[str], failed: Sequence[str]) -> Iterator[CatalogueFault]:
        """Notes on entries for files that are not there, and on files not there that others are to supersede."""
        for place, entry in enumerate(self.entries):
            if place not in used and not any(
                _plain(entry.name) == name or _plain(entry.name).startswith(f"{name}/") for name in failed
            ):
                what = "no source's name is like" if entry.is_pattern else "there is no source named"
                yield CatalogueFault(entry.line, f'{what} "{entry.name}".{_nearest(entry.name, known)}')
            earlier = entry.particulars.supersedes
            if earlier and _plain(earlier) not in known:
                problem = f'"{entry.name}" supersedes "{earlier}", and there is no source of that name.'
                yield CatalogueFault(entry.line, f"{problem}{_nearest(earlier, known)}")


def read_catalogue(folder: Path) -> CatalogueFile:
    """The catalogue of a sources folder; without entries when there is none. Raises `CatalogueError`."""
    path = folder / CATALOGUE
    if not path.is_file():
        return CatalogueFile(path)
    try:
        if path.stat().st_size > LARGEST:
            raise CatalogueError(path, [CatalogueFault(0, f"it has more than {LARGEST // 1_000_000} MB.")])
        data = path.read_bytes()
    except OSError as error:
        raise CatalogueError(path, [CatalogueFault(0, f"it cannot be read: {error.strerror}.")]) from error
    return parse_catalogue(path, data)


def parse_catalogue(path: Path, data: bytes) -> CatalogueFile:
    """The entries of a catalogue's bytes. Raises `CatalogueError` with everything that is wrong with them."""
    try:
        text = data.decode("utf-8-sig")
        tables = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CatalogueError(path, [CatalogueFault(line, "it is not UTF-8. Save it with that encoding.")]) from error
    except ValueError as error:  # malformed, or with a number of thousands of digits
        raise CatalogueError(path, [_malformed(str(error), text)]) from error
    except RecursionError as error:
        raise CatalogueError(path, [CatalogueFault(0, "its brackets are nested too deeply.")]) from error
    lines = _lines(text)
    faults: list[CatalogueFault] = []
    entries = [_entry(name, table, lines, faults) for name, table in tables.items()]
    seen: dict[str, str] = {}
    faults += [
        CatalogueFault(entry.line, f'"{entry.name}" is "{before}" again, in other characters.')
        for entry in entries
        if (before := seen.setdefault(_plain(entry.name), entry.name)) != entry.name
    ]
    if faults:
        raise CatalogueError(path, faults)
    return CatalogueFile(path, tuple(entries))


def _entry(name: str, table: Any, lines: Mapping[tuple[str, ...], int], faults: list[CatalogueFault]) -> CatalogueEntry:  # noqa: ANN401  # whatever TOML holds
    """One entry; what is wrong with it is added to the faults."""
    line = lines.get((name,), 0)
    if not isinstance(table, dict):
        problem = f'"{name}" stands alone. Put it below the name of its file: a line such as ["report.pdf"].'
        faults.append(CatalogueFault(line, problem))
        return CatalogueEntry(name, NOTHING, line)
    inner = next((key for key, value in table.items() if isinstance(value, dict)), None)
    if inner is not None:
        problem = f'the name of a file must stand in quotation marks: ["{name}.{inner}"].'
        faults.append(CatalogueFault(lines.get((name, inner), line), problem))
        return CatalogueEntry(name, NOTHING, line)
    particulars, wrong = parse_particulars(table)
    entry = CatalogueEntry(name, particulars, line)
    for field, problem in wrong.items():
        faults.append(CatalogueFault(lines.get((name, field), line), f'"{name}", {field}: {problem}'))
    for field in OF_ONE_FILE if entry.is_pattern else ():
        if field in particulars.given:
            problem = f'"{name}", {field}: it belongs to one file, and cannot be given for a pattern of names.'
            faults.append(CatalogueFault(lines.get((name, field), line), problem))
    return entry


def _malformed(said: str, text: str) -> CatalogueFault:
    """What `tomllib` said, with its line; what lacks its end is on the last one."""
    found = _LINE_OF.search(said)
    line = int(found["line"] or text.rstrip().count("\n") + 1) if found else 0
    return CatalogueFault(line, f"it is not TOML: {_LINE_OF.sub('', said).rstrip('.')}.")


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of each heading, by its names, and of each field below, where they stand plainly on one."""
    found: dict[tuple[str, ...], int] = {}
    under: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if line.lstrip().startswith("["):
            under = _heading(line) or under
            found.setdefault(under, number)
        elif key := _KEY.match(line):
            name = next(part for part in key.groups() if part is not None)
            found.setdefault((*under, name), number)
    return found


def _heading(line: str) -> tuple[str, ...]:
    try:
        table = tomllib.loads(line)
    except ValueError:  # the last line of a list, and no heading
        return ()
    names = []
    while isinstance(table, dict) and table:
        [(name, table)] = table.items()
        names.append(name)
    return tuple(names)


def _plain(name: str) -> str:
    """A name as it is compared: systems write an accented letter as one character or as two."""
    return unicodedata.normalize("NFC", name)


def _expression(pattern: str) -> re.Pattern[str]:
    """What matches the names that a pattern stands for. Each star but the last is settled at the first place that fits,
    which loses no match and keeps a pattern of many stars from taking for ever.
    """
    first, *rest = ["".join("[^/]" if one == "?" else re.escape(one) for one in part) for part in pattern.split("*")]
    middle = [f"(?>[^/]*?{part})" for part in rest[:-1]]
    return re.compile("".join([first, *middle, *(f"[^/]*{part}" for part in rest[-1:])]), re.DOTALL)


def _nearest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(_plain(name), sorted(known), n=1, cutoff=0.8)
    return f' Is it "{near[0]}"?' if near else ""
