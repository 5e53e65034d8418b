"""Packages of Office Open XML made the same twice: the time of saving is no part of a document."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

_SAVED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
EARLIEST = 1980  # a ZIP archive has no earlier year


def dated(written: io.BytesIO, day: date) -> bytes:
    """The package with the day for the time of every part, and for the time it was last modified."""
    package = io.BytesIO()
    stamp = (max(day.year, EARLIEST), day.month, day.day, 0, 0, 0)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, stamp)
            part.compress_type = zipfile.ZIP_DEFLATED
            content = parts.read(name)
            if name == "docProps/core.xml":
                content = _SAVED.sub(rb"\g<1>" + f"{day.isoformat()}T00:00:00Z".encode() + rb"\g<2>", content)
            made.writestr(part, content)
    return package.getvalue()
