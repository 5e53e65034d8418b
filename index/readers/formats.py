"""The formats of sources: the reader of each, and the bytes by which a file of it is recognised.

To add a format, add its suffix to `FORMATS`. A text format needs a function that divides decoded text into blocks. Any
other needs a parser: a function from the bytes of a file to `Extracted`. Both are run in the sandbox and therefore
given by name, so that they and their libraries are loaded only there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signature:
    """Bytes by which a file of some type is recognised: `mark` lies within its first `within` bytes."""

    name: str  # of the type, with its article
    mark: bytes
    within: int

    def matches(self, data: bytes) -> bool:
        return self.mark in data[: self.within]


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A format that is plain text, divided into blocks by the function named "module:function"."""

    split: str


@dataclass(frozen=True, slots=True)
class ParsedFormat:
    """A format that is parsed by the function named "module:function"."""

    parser: str
    signature: Signature | None = None


_PDF = Signature("a PDF", b"%PDF-", within=1024)  # as other PDF readers allow
_WORD_DOCUMENT = Signature("a Word document", b"PK\x03\x04", within=4)
ZIP_ARCHIVE = Signature("a zip archive", b"PK\x03\x04", within=4)
ARCHIVE = ".zip"
FORMATS: Mapping[str, TextFormat | ParsedFormat] = {
    ".txt": TextFormat("index.readers.text:blocks_of_text"),
    ".text": TextFormat("index.readers.text:blocks_of_text"),
    ".md": TextFormat("index.readers.markdown:blocks_of_markdown"),
    ".markdown": TextFormat("index.readers.markdown:blocks_of_markdown"),
    ".html": ParsedFormat("index.readers.html:read_html"),
    ".htm": ParsedFormat("index.readers.html:read_html"),
    ".docx": ParsedFormat("index.readers.docx:read_docx", _WORD_DOCUMENT),
    ".pdf": ParsedFormat("index.readers.pdf:read_pdf", _PDF),
    ".vtt": ParsedFormat("index.readers.subtitles:read_subtitles"),
    ".srt": ParsedFormat("index.readers.subtitles:read_subtitles"),
}
_FILE_TYPES = (
    ("a PDF", b"%PDF-"),
    ("a zip archive or a Word document", b"PK\x03\x04"),
    ("an empty zip archive", b"PK\x05\x06"),
    ("an old Office document or an encrypted one", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("a Rich Text document", b"{\\rtf"),
    ("a picture", b"\x89PNG"),
    ("a picture", b"\xff\xd8\xff"),
    ("a picture", b"GIF8"),
    ("a gzip archive", b"\x1f\x8b"),
    ("a program", b"\x7fELF"),
    ("a program", b"MZ\x90"),
)


def signature_fault(suffix: str, data: bytes, expected: Signature | None) -> str:
    """Checks the first bytes of a file. Returns what is wrong with it, beginning with "it", or an empty text.

    A format without a signature must not begin like a known file of another type, and may be empty.
    """
    if not data:
        return "it is empty." if expected else ""
    actual = next((name for name, mark in _FILE_TYPES if data.startswith(mark)), "")
    if expected is None:
        return f"it is named {suffix} but is {actual}." if actual else ""
    return "" if expected.matches(data) else f"it is named {suffix} but is {actual or f'not {expected.name}'}."
