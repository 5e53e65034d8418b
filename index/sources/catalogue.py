"""Reads `catalogue.toml` in the sources folder, which describes sources by name or by a pattern of names.

    ["northshire-2018.pdf"]
    period = "2018/19"

In a pattern `*` matches any characters but a slash, and `?` one of them. An entry for a name overrides one for a
pattern, and two patterns must not give one file different values. Errors state the line.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from index.errors import CatalogueError, CatalogueFault
from index.sources.catalogue_fields import NO_FIELDS, SINGLE_FILE_FIELDS, CatalogueFields, parse_fields
from index.sources.files import CATALOGUE_FILE

MAX_CATALOGUE_BYTES = 4_000_000
MAX_ENTRIES = 10_000
MAX_PATTERNS = 1_000  # each is tried on the name of every source
MAX_SUGGESTIONS = 50  # each compares a name with those of all sources
MAX_CHAIN_NAMES = 10  # of sources that supersede each other, in a message
_SUGGESTION_CUTOFF = 0.8  # difflib's ratio, from which a name is suggested for a misspelt one
_TOMLLIB_POSITION = re.compile(r" ?\(at line (?P<line>[0-9]+), column [0-9]+\)| ?\(at end of document\)")
_KEY = re.compile(r"""\s*(?:"(?P<basic>[^"]*)"|'(?P<literal>[^']*)'|(?P<bare>[A-Za-z0-9_-]+))\s*=""")

_Lines = Mapping[tuple[str, ...], int]  # line numbers by the path of keys: (entry,) or (entry, field)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """The fields given for a name or a pattern of names, and the line of the entry, or 0 if it is unknown."""

    name: str
    fields: CatalogueFields
    line: int = 0

    @property
    def is_pattern(self) -> bool:
        return "*" in self.name or "?" in self.name


@dataclass(frozen=True, slots=True)
class CatalogueLookup:
    """A catalogue applied to the sources of a folder: the fields of each, and notes on entries for no source."""

    by_source: Mapping[str, CatalogueFields]
    notes: tuple[CatalogueFault, ...] = ()

    def __getitem__(self, name: str) -> CatalogueFields:
        """The fields of a source; all empty for one that no entry is for."""
        return self.by_source.get(name, NO_FIELDS)


@dataclass(frozen=True)
class CatalogueFile:
    """The entries of a catalogue, in their order."""

    path: Path
    entries: tuple[CatalogueEntry, ...] = ()

    def resolve(self, names: Collection[str], failed: Iterable[str] = ()) -> CatalogueLookup:
        """Applies the catalogue to the sources with these names.

        No note is made of entries for a file in `failed`, or for one within an archive in `failed`.
        Raises `CatalogueError` when two patterns disagree about a file, or sources supersede each other.
        """
        faults: list[CatalogueFault] = []
        used: set[int] = set()
        known = {_normalised(name): name for name in names}
        found: dict[str, CatalogueFields] = {}
        for name in sorted(names):
            fields = self._fields_of(name, used, faults)
            if fields is not NO_FIELDS:
                found[name] = replace(fields, supersedes=known.get(_normalised(fields.supersedes), ""))
        faults += self._cycles(found)
        if faults:
            raise CatalogueError(self.path, faults)
        return CatalogueLookup(found, tuple(self._notes(used, known, [_normalised(name) for name in failed])))

    @cached_property
    def _by_name(self) -> dict[str, int]:
        """The numbers of the entries for single names."""
        return {_normalised(entry.name): number for number, entry in enumerate(self.entries) if not entry.is_pattern}

    @cached_property
    def _by_pattern(self) -> list[tuple[re.Pattern[str], int]]:
        """The numbers of the entries for patterns, each with its expression."""
        return [
            (_expression(_normalised(entry.name)), number)
            for number, entry in enumerate(self.entries)
            if entry.is_pattern
        ]

    def _fields_of(self, name: str, used: set[int], faults: list[CatalogueFault]) -> CatalogueFields:
        """Returns the fields of one source. Adds the entries that gave them to `used`, and conflicts to `faults`."""
        found = NO_FIELDS
        given_by: dict[str, CatalogueEntry] = {}
        for number in self._matching(name):
            used.add(number)
            entry = self.entries[number]
            for field in entry.fields.given:
                value = getattr(entry.fields, field)
                if field not in given_by:
                    given_by[field] = entry
                    found = replace(found, **{field: value})
                elif given_by[field].is_pattern and getattr(found, field) != value:
                    problem = f'"{given_by[field].name}" and "{entry.name}" give {name} different values of {field}.'
                    faults.append(CatalogueFault(entry.line, f"{problem} Make one of them narrower."))
        return found

    def _matching(self, name: str) -> list[int]:
        """Returns the numbers of the entries that match a source's name; one for the name itself comes first."""
        own = self._by_name.get(_normalised(name))
        normalised = _normalised(name)
        patterns = [number for pattern, number in self._by_pattern if pattern.fullmatch(normalised)]
        return patterns if own is None else [own, *patterns]

    def _cycles(self, found: Mapping[str, CatalogueFields]) -> Iterator[CatalogueFault]:
        """Yields a fault for each source that supersedes itself, directly or through others."""
        followed: set[str] = set()  # so that each source is followed once
        for first in found:
            chain: dict[str, None] = {}
            name = first
            while name and name not in followed and name not in chain:
                chain[name] = None
                name = found.get(name, NO_FIELDS).supersedes
            followed.update(chain)
            cycle = list(chain)[list(chain).index(name) :] if name in chain else []
            for number, name in enumerate(cycle[:MAX_CHAIN_NAMES]):
                names = [*cycle[number:], *cycle[:number]][:MAX_CHAIN_NAMES]
                line = self.entries[self._matching(name)[0]].line
                yield CatalogueFault(line, f"{name} supersedes itself, through {', '.join(names)}.")

    def _notes(
        self, used: Collection[int], known: Collection[str], failed: Collection[str]
    ) -> Iterator[CatalogueFault]:
        """Yields a note for each entry that matches no source, and for each that supersedes an unknown one."""
        left = MAX_SUGGESTIONS
        for number, entry in enumerate(self.entries):
            if number not in used and not _is_within(_normalised(entry.name), failed):
                problem = "no source matches" if entry.is_pattern else "there is no source named"
                yield CatalogueFault(entry.line, f'{problem} "{entry.name}".{_suggestion(entry.name, known, left)}')
                left -= 1
            earlier = entry.fields.supersedes
            if earlier and _normalised(earlier) not in known:
                problem = f'"{entry.name}" supersedes "{earlier}", but there is no source with that name.'
                yield CatalogueFault(entry.line, f"{problem}{_suggestion(earlier, known, left)}")
                left -= 1


def read_catalogue(folder: Path) -> CatalogueFile:
    """Returns the catalogue of a sources folder, without entries when there is none. Raises `CatalogueError`."""
    path = folder / CATALOGUE_FILE
    if not path.is_file():
        return CatalogueFile(path)
    try:
        if path.stat().st_size > MAX_CATALOGUE_BYTES:
            fault = CatalogueFault(0, f"the file is larger than {MAX_CATALOGUE_BYTES // 1_000_000} MB.")
            raise CatalogueError(path, [fault])
        data = path.read_bytes()
    except OSError as error:
        raise CatalogueError(path, [CatalogueFault(0, f"the file cannot be read: {error.strerror}.")]) from error
    return parse_catalogue(path, data)


def parse_catalogue(path: Path, data: bytes) -> CatalogueFile:
    """Returns the entries in the bytes of a catalogue. Raises `CatalogueError` with all their faults."""
    try:
        text = data.decode("utf-8-sig")
        tables = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fault = CatalogueFault(line, "the file is not UTF-8. Save it in that encoding.")
        raise CatalogueError(path, [fault]) from error
    except ValueError as error:  # not TOML, or with a number of thousands of digits
        raise CatalogueError(path, [_invalid_toml(str(error), text)]) from error
    except RecursionError as error:
        raise CatalogueError(path, [CatalogueFault(0, "its brackets are nested too deeply.")]) from error
    _check_size(path, tables)
    lines = _lines(text)
    faults: list[CatalogueFault] = []
    entries = [_entry(name, table, lines, faults) for name, table in tables.items()]
    faults += _repeated(entries)
    if faults:
        raise CatalogueError(path, faults)
    return CatalogueFile(path, tuple(entries))


def _check_size(path: Path, names: Collection[str]) -> None:
    """Raises `CatalogueError` for more entries or patterns than can be looked up in reasonable time."""
    patterns = sum("*" in name or "?" in name for name in names)
    for count, limit, what in ((len(names), MAX_ENTRIES, "entries"), (patterns, MAX_PATTERNS, "patterns of names")):
        if count > limit:
            raise CatalogueError(path, [CatalogueFault(0, f"it has {count:,} {what}; the limit is {limit:,}.")])


def _entry(name: str, table: object, lines: _Lines, faults: list[CatalogueFault]) -> CatalogueEntry:
    """Returns one entry, and adds its faults to `faults`."""
    line = lines.get((name,), 0)
    if not isinstance(table, dict):
        problem = f'"{name}" is not under the name of a file. Put it below a line such as ["report.pdf"].'
        faults.append(CatalogueFault(line, problem))
        return CatalogueEntry(name, NO_FIELDS, line)
    inner = next((key for key, value in table.items() if isinstance(value, dict)), None)
    if inner is not None:
        problem = f'the name of a file must be in quotation marks: ["{name}.{inner}"].'
        faults.append(CatalogueFault(lines.get((name, inner), line), problem))
        return CatalogueEntry(name, NO_FIELDS, line)
    fields, errors = parse_fields(table)
    entry = CatalogueEntry(name, fields, line)
    if entry.is_pattern:
        problem = "it belongs to one file, and cannot be given for a pattern of names."
        errors |= {field: problem for field in SINGLE_FILE_FIELDS if field in fields.given}
    for field, problem in errors.items():
        faults.append(CatalogueFault(lines.get((name, field), line), f'"{name}", {field}: {problem}'))
    return entry


def _repeated(entries: Iterable[CatalogueEntry]) -> Iterator[CatalogueFault]:
    """Yields a fault for each entry whose name is that of another, written with other characters."""
    seen: dict[str, str] = {}
    for entry in entries:
        before = seen.setdefault(_normalised(entry.name), entry.name)
        if before != entry.name:
            yield CatalogueFault(entry.line, f'"{entry.name}" and "{before}" are the same name. Keep one of them.')


def _invalid_toml(message: str, text: str) -> CatalogueFault:
    """Returns the fault that tomllib reports, with its line; text that ends too early has it on the last line."""
    position = _TOMLLIB_POSITION.search(message)
    line = int(position["line"] or text.rstrip().count("\n") + 1) if position else 0
    return CatalogueFault(line, f"the file is not TOML: {_TOMLLIB_POSITION.sub('', message).rstrip('.')}.")


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Returns the line number of each heading and of each field below it, where they are written on one line."""
    found: dict[tuple[str, ...], int] = {}
    heading: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if line.lstrip().startswith("["):
            heading = _heading(line) or heading
            found.setdefault(heading, number)
        elif key := _KEY.match(line):
            name = next(part for part in key.groups() if part is not None)
            found.setdefault((*heading, name), number)
    return found


def _heading(line: str) -> tuple[str, ...]:
    try:
        table = tomllib.loads(line)
    except ValueError:  # the last line of a list, and not a heading
        return ()
    names = []
    while isinstance(table, dict) and table:
        [(name, table)] = table.items()
        names.append(name)
    return tuple(names)


def _normalised(name: str) -> str:
    """Returns a name for comparison: some systems write an accented letter as one character, some as two."""
    return unicodedata.normalize("NFC", name)


def _is_within(name: str, files: Collection[str]) -> bool:
    """Whether a name is that of one of the files, or of a member of one of them."""
    return any(name == file or name.startswith(f"{file}/") for file in files)


def _expression(pattern: str) -> re.Pattern[str]:
    """Returns the regular expression of a pattern of names.

    Every star but the last is matched as early as possible and never reconsidered. This loses no match, and keeps a
    pattern with many stars from taking exponential time.
    """
    first, *rest = [
        "".join("[^/]" if character == "?" else re.escape(character) for character in part)
        for part in pattern.split("*")
    ]
    middle = [f"(?>[^/]*?{part})" for part in rest[:-1]]
    last = [f"[^/]*{part}" for part in rest[-1:]]
    return re.compile("".join([first, *middle, *last]), re.DOTALL)


def _suggestion(name: str, known: Collection[str], left: int) -> str:
    known = sorted(known) if left > 0 else []
    near = difflib.get_close_matches(_normalised(name), known, n=1, cutoff=_SUGGESTION_CUTOFF)
    return f' Did you mean "{near[0]}"?' if near else ""
