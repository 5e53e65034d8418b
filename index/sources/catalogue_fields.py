"""What `catalogue.toml` says of one source, held to what each field may be. It wins over what the text says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from index.sources.dates import find_periods
from index.sources.gazetteer import Gazetteer
from index.sources.metadata import is_web_address
from index.text.transcript import Metadata, Period, Transcript

LONGEST = 300  # characters of a field
OF_ONE_FILE = ("title", "url", "supersedes")  # fields that a pattern of several names cannot give
_ISO = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class UnfitError(ValueError):
    """A field's value is not what the field may hold; the message says what it may, in a sentence."""


@dataclass(frozen=True, slots=True)
class CatalogueFields:
    """The fields given for a source; one that is not given is empty. `published` is of the form 2019-05-02."""

    title: str = ""
    force: str = ""  # by its canonical name, where the gazetteer knows it
    period: Period | None = None
    programme: str = ""
    kind: str = ""
    inspector: str = ""
    published: str = ""
    url: str = ""
    licence: str = ""
    supersedes: str = ""  # the name of the source that this one takes the place of

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the fields given, in their order."""
        return tuple(name for name in FIELDS if getattr(self, name))

    def applied_to(self, transcript: Transcript) -> Transcript:
        """The transcript as these particulars describe it; a field not given stays as its text has it."""
        given = {name: getattr(self, name) for name in self.given if name != "title"}
        metadata = replace(transcript.metadata, **given, catalogued=self.given)
        return replace(transcript, title=self.title or transcript.title, metadata=metadata)

    def described(self, title: str, metadata: Metadata) -> bool:
        """Whether a title and metadata are those of a transcript that just these particulars were applied to."""
        if metadata.catalogued != self.given or (self.title and title != self.title):
            return False
        return all(getattr(metadata, name) == getattr(self, name) for name in self.given if name != "title")


NOTHING = CatalogueFields()
FIELDS = tuple(field.name for field in fields(CatalogueFields))


def parse_particulars(table: Mapping[str, Any]) -> tuple[CatalogueFields, dict[str, str]]:
    """The particulars of an entry's table, and what is wrong with its fields, by name: those are left out."""
    given: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, value in table.items():
        try:
            given[name] = _parser(name)(value)
        except UnfitError as error:
            faults[name] = str(error)
    return CatalogueFields(**given), faults


def _parser(name: str) -> Callable[[Any], Any]:
    special = {"force": _force, "period": _period, "published": _published, "url": _url, "supersedes": _name}
    if name not in FIELDS:
        raise UnfitError(f"there is no such field. The fields are {', '.join(FIELDS)}.")
    return special.get(name, _text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise UnfitError("it must be text in quotation marks.")
    said = " ".join(value.split())
    if not said:
        raise UnfitError("it is empty. Give a value, or take the line away.")
    if len(said) > LONGEST:
        raise UnfitError(f"it has {len(said):,} characters; the limit is {LONGEST}.")
    if not said.isprintable():
        raise UnfitError("it holds a character that cannot be seen.")
    return said


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UnfitError('it must be the name of a file in the sources folder, such as "northshire-interim.pdf".')
    return value


def _force(value: object) -> str:
    said = _text(value)
    return Gazetteer.load().canonical(said) or said


def _period(value: object) -> Period:
    said = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)
    found = find_periods(said)
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(said)):
        raise UnfitError('it must be an inspection period, such as "2016", "2018/19" or "2023-25".')
    return found[0].period


def _published(value: object) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        if isinstance(value, str) and _ISO.fullmatch(value):
            return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise UnfitError("there is no such day.") from error
    raise UnfitError("it must be a date without a time, such as 2019-05-02.")


def _url(value: object) -> str:
    if not isinstance(value, str) or not is_web_address(value):
        raise UnfitError('it must be the address of a web page, such as "https://example.org/page".')
    return value
