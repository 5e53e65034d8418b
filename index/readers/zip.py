"""Zip archives, also those that a Word document is: looked over before anything is unpacked, and never written out."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from pathlib import Path, PurePosixPath
from stat import S_ISLNK

from index.readers.extracted import UnreadableFileError

MOST_MEMBERS = 2_000
LARGEST = 200 * 2**20  # bytes of all members, as declared: `zipfile` reads no more of a member than it declares
RATIO = 200  # declared size / packed size
SMALL = 2**20  # bytes: what is smaller may be packed however well
_ENCRYPTED = 0x1


def open_zip(data: bytes | Path) -> zipfile.ZipFile:
    """An archive that is within the limits. Raises `UnreadableFileError` for one that is not, or is damaged."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UnreadableFileError(f"it is no zip archive that can be read: {error}.") from error
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS:
        raise UnreadableFileError(f"it holds {len(members):,} files; the limit is {MOST_MEMBERS:,}.")
    if total > LARGEST:
        raise UnreadableFileError(f"unpacked it would be {total / 2**20:,.0f} MB; the limit is {LARGEST // 2**20} MB.")
    packed = next((m for m in members if m.file_size > max(SMALL, RATIO * m.compress_size)), None)
    if packed is not None:
        raise UnreadableFileError(f"{packed.filename!r} in it is packed over {RATIO} times, as no document is.")
    return archive


def member_bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member, unpacked. Raises `UnreadableFileError` for one that is damaged, encrypted, or not there."""
    try:
        member = archive.getinfo(name)
        if member.flag_bits & _ENCRYPTED:
            raise UnreadableFileError("it is encrypted.")
        return archive.read(member)
    except KeyError as error:
        raise UnreadableFileError(f"{name!r} is missing from it.") from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error) as error:
        raise UnreadableFileError(f"{name!r} in it is damaged: {error}.") from error


def fault_of(member: zipfile.ZipInfo, times: Counter[str]) -> str:
    """Why a member of an archive is not taken as a source; empty when it is. `times` counts the names there are."""
    name = member.filename
    parts = PurePosixPath(name).parts
    if not name.isprintable() or "\\" in name or name.startswith("/") or ":" in parts[0] or ".." in parts:
        return "its name leads out of the archive or cannot be written."
    if times[name] > 1:
        return f"the archive holds {times[name]} files of this name."
    if S_ISLNK(member.external_attr >> 16):
        return "it is a link."
    if name.lower().endswith(".zip"):
        return "an archive within an archive is not opened."
    return "it is encrypted." if member.flag_bits & _ENCRYPTED else ""
