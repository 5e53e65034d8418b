"""The fields that `catalogue.toml` can give for a source, and the check of their values. They override the text's."""

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

MAX_FIELD_CHARACTERS = 300
SINGLE_FILE_FIELDS = ("title", "url", "supersedes")  # cannot be given for a pattern of names
_ISO_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class InvalidFieldError(ValueError):
    """The value of a field is not valid. The message is a sentence that says what would be."""


@dataclass(frozen=True, slots=True)
class CatalogueFields:
    """The fields given for a source. A field that is not given is empty."""

    title: str = ""
    force: str = ""  # the canonical name, if the gazetteer knows it
    period: Period | None = None
    programme: str = ""
    kind: str = ""
    inspector: str = ""
    published: str = ""  # 2019-05-02
    url: str = ""
    licence: str = ""
    supersedes: str = ""  # name of the source that this one replaces

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the fields that are given, in their order."""
        return tuple(name for name in FIELD_NAMES if getattr(self, name))

    def applied_to(self, transcript: Transcript) -> Transcript:
        """Returns the transcript with these fields; those not given stay as its text has them."""
        given = {name: getattr(self, name) for name in self.given if name != "title"}
        metadata = replace(transcript.metadata, **given, catalogued=self.given)
        return replace(transcript, title=self.title or transcript.title, metadata=metadata)

    def matches(self, title: str, metadata: Metadata) -> bool:
        """Whether a title and metadata are those of a transcript that exactly these fields were applied to."""
        if metadata.catalogued != self.given or (self.title and title != self.title):
            return False
        return all(getattr(metadata, name) == getattr(self, name) for name in self.given if name != "title")


NO_FIELDS = CatalogueFields()
FIELD_NAMES = tuple(field.name for field in fields(CatalogueFields))


def parse_fields(table: Mapping[str, object]) -> tuple[CatalogueFields, dict[str, str]]:
    """Returns the valid fields of an entry's table, and for each of the others, by name, what is wrong with it."""
    given: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in table.items():
        try:
            given[name] = _parser(name)(value)
        except InvalidFieldError as error:
            errors[name] = str(error)
    return CatalogueFields(**given), errors


def _parser(name: str) -> Callable[[object], str | Period]:
    if name not in FIELD_NAMES:
        raise InvalidFieldError(f"there is no such field. The fields are {', '.join(FIELD_NAMES)}.")
    return _PARSERS.get(name, _text)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidFieldError("it must be text in quotation marks.")
    text = " ".join(value.split())
    if not text:
        raise InvalidFieldError("it is empty. Give a value, or delete the line.")
    if len(text) > MAX_FIELD_CHARACTERS:
        raise InvalidFieldError(f"it has {len(text):,} characters; the limit is {MAX_FIELD_CHARACTERS}.")
    if not text.isprintable():
        raise InvalidFieldError("it contains an invisible character. Type the value again.")
    return text


def _source_name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidFieldError(
            'it must be the name of a file in the sources folder, such as "northshire-interim.pdf".'
        )
    return value


def _force(value: object) -> str:
    name = _text(value)
    return Gazetteer.load().canonical(name) or name


def _period(value: object) -> Period:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)
    found = find_periods(text)
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(text)):
        raise InvalidFieldError('it must be an inspection period, such as "2016", "2018/19" or "2023-25".')
    return found[0].period


def _published(value: object) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        raise InvalidFieldError("it must be a date without a time, such as 2019-05-02.")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise InvalidFieldError("there is no such day.") from error


def _url(value: object) -> str:
    if not isinstance(value, str) or not is_web_address(value):
        raise InvalidFieldError('it must be the address of a web page, such as "https://example.org/page".')
    return value


_PARSERS: Mapping[str, Callable[[object], str | Period]] = {
    "force": _force,
    "period": _period,
    "published": _published,
    "url": _url,
    "supersedes": _source_name,
}
