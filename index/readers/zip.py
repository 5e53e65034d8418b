"""Opens zip archives, including the packages that Word documents are, within limits against decompression bombs.

Members are unpacked in memory and never written to disk.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from pathlib import Path, PurePosixPath
from stat import S_ISLNK
from typing import NamedTuple

from index.readers.extracted import UnreadableFileError

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
