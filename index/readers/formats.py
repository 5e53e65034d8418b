"""The formats of sources: the reader of each, and the bytes by which a file of it is recognised. Opens zip archives.

To add a format, add its suffix to `FORMATS`. A text format needs a function that divides decoded text into blocks. Any
other needs a parser: a function from the bytes of a file to `Extracted`. Both are run in the sandbox and therefore
given by name, so that they and their libraries are loaded only there.

Archives, including the packages that Word documents are, have limits against decompression bombs. Members are unpacked
in memory and never written to disk.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from stat import S_ISLNK
from typing import NamedTuple

from index.readers.extracted import UnreadableFileError

MB = 2**20


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """Limits on parsing one file. Memory and processor time are limited on POSIX systems only, not on Windows."""

    memory_bytes: int = 2**30  # address space of the child
    processor_seconds: int = 60
    own_seconds: float = 90.0  # by the clock, less the time in which the child waited for a processor
    wall_seconds: float = 1800.0  # by the clock
    file_bytes: int = 50 * MB
    reply_bytes: int = 64 * MB

    def check_size(self, size: int) -> None:
        """Raises `UnreadableFileError` for a file of more bytes than one may have."""
        if size > self.file_bytes:
            raise UnreadableFileError(f"it has {size / MB:,.1f} MB; the limit is {self.file_bytes // MB} MB.")


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


MAX_MEMBERS = 2_000
MAX_UNPACKED_BYTES = 200 * 2**20  # of all members, as declared: `zipfile` reads no more of a member than it declares
MAX_COMPRESSION_RATIO = 200  # declared size / compressed size
MIN_CHECKED_BYTES = 2**20  # members that unpack to less may have any compression ratio
_ENCRYPTED_FLAG = 0x1


class ArchiveMember(NamedTuple):
    """A file in an archive: its name and the SHA-256 of its bytes, or its name and why it cannot be a source."""

    name: str
    sha256: str
    fault: str


def open_zip(data: bytes | Path) -> zipfile.ZipFile:
    """Opens an archive. Raises `UnreadableFileError` when it is damaged or over a limit."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UnreadableFileError(f"it is not a readable zip archive: {error}.") from error
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise UnreadableFileError(f"it contains {len(members):,} files; the limit is {MAX_MEMBERS:,}.")
    total = sum(member.file_size for member in members)
    if total > MAX_UNPACKED_BYTES:
        limit = MAX_UNPACKED_BYTES // 2**20
        raise UnreadableFileError(f"unpacked it would be {total / 2**20:,.0f} MB; the limit is {limit} MB.")
    for member in members:
        if member.file_size > max(MIN_CHECKED_BYTES, MAX_COMPRESSION_RATIO * member.compress_size):
            raise UnreadableFileError(
                f"its member {member.filename!r} is compressed over {MAX_COMPRESSION_RATIO} times, "
                "which no real document is."
            )
    return archive


def member_bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    """Unpacks a member. Raises `UnreadableFileError` when it is missing, encrypted or damaged."""
    try:
        member = archive.getinfo(name)
        if member.flag_bits & _ENCRYPTED_FLAG:
            raise UnreadableFileError("it is encrypted.")
        return archive.read(member)
    except KeyError as error:
        raise UnreadableFileError(f"its member {name!r} is missing.") from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error) as error:
        raise UnreadableFileError(f"its member {name!r} is damaged: {error}.") from error


def member_fault(member: zipfile.ZipInfo, name_counts: Counter[str]) -> str:
    """Returns why a member cannot be a source; empty when it can. `name_counts` counts the members by name."""
    name = member.filename
    if _is_unsafe(name):
        return "its name points outside the archive or contains characters that are not allowed."
    if name_counts[name] > 1:
        return f"the archive contains {name_counts[name]} files of this name."
    if S_ISLNK(member.external_attr >> 16):
        return "it is a link."
    if name.lower().endswith(".zip"):
        return "an archive within an archive is not opened."
    return "it is encrypted." if member.flag_bits & _ENCRYPTED_FLAG else ""


def _is_unsafe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not name.isprintable() or "\\" in name or name.startswith("/") or ":" in parts[0] or ".." in parts


def list_members(path: str) -> list[ArchiveMember]:
    """Returns the files in an archive, sorted by name.

    Folders, hidden files and files named `README…` are left out, as they are in a folder of sources. Raises
    `UnreadableFileError` when the archive cannot be read or is over a limit, and `OSError` when there is none.
    """
    archive = _open_archive(path)
    files = [member for member in archive.infolist() if not member.is_dir() and not _is_ignored(member.filename)]
    name_counts = Counter(member.filename for member in files)
    by_name = {member.filename: _describe(archive, member, name_counts) for member in files}
    return [by_name[name] for name in sorted(by_name)]


def read_member(path: str, name: str) -> bytes:
    """Returns the bytes of a file in an archive. Raises as `list_members` does, and also when it cannot be a source."""
    archive = _open_archive(path)
    name_counts = Counter(member.filename for member in archive.infolist())
    member = next((member for member in archive.infolist() if member.filename == name), None)
    if member is None:
        raise UnreadableFileError("the archive contains no such file.")
    if fault := member_fault(member, name_counts):
        raise UnreadableFileError(fault)
    return member_bytes(archive, name)


def _describe(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name_counts: Counter[str]) -> ArchiveMember:
    name = member.filename
    if fault := member_fault(member, name_counts):
        return ArchiveMember(name, "", fault)
    try:
        return ArchiveMember(name, hashlib.sha256(member_bytes(archive, name)).hexdigest(), "")
    except UnreadableFileError as error:
        return ArchiveMember(name, "", str(error))


def _is_ignored(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or parts[0] == "__MACOSX" or parts[-1].upper().startswith("README") or _is_hidden(parts)


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") and part != ".." for part in parts)


def _open_archive(path: str) -> zipfile.ZipFile:
    status = Path(path).stat()
    return _cached_archive(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1)  # the members of one archive are requested one after the other
def _cached_archive(path: str, _modified: int, _size: int) -> zipfile.ZipFile:
    return open_zip(Path(path))
