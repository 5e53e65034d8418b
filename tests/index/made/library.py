"""The library: small files in every format, of fictional forces, whose text is known. `write` puts it into a folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.index.made.case import Case
from tests.index.made.pages import texts, web
from tests.index.made.papers import papers
from tests.index.made.spoken import timed
from tests.index.made.words import word


@cache
def library() -> tuple[Case, ...]:
    """Every file of the library."""
    return (*texts(), *web(), *word(), *papers(), *timed())


def write(folder: Path) -> None:
    """Write every file of the library into a folder."""
    for case in library():
        (folder / case.name).write_bytes(case.data)
