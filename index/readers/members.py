"""The files within a zip archive on disk, listed and read one at a time."""

from __future__ import annotations

import hashlib
import zipfile
from collections import Counter
from functools import lru_cache
from pathlib import Path, PurePosixPath

from index.readers.packed import fault_of, member_bytes, open_zip
from index.readers.parts import UnreadableError


def list_members(path: str) -> list[tuple[str, str, str]]:
    """Every file in an archive by name: (name, SHA-256 of its bytes, why it is not taken), the last two or one empty.

    Folders, hidden files, and files named `README…` are left out, as in a folder of sources. Raises `UnreadableError`
    for an archive that cannot be read or is over the limits, and `OSError` for one that is not there.
    """
    archive = _opened(path)
    members = [member for member in archive.infolist() if not member.is_dir() and not _is_beside(member.filename)]
    times = Counter(member.filename for member in members)
    listed = {member.filename: _listed(archive, member, times) for member in members}
    return [listed[name] for name in sorted(listed)]


def read_member(path: str, name: str) -> bytes:
    """A member's bytes. Raises as `list_members` does, and `UnreadableError` for a member that is not taken."""
    archive = _opened(path)
    times = Counter(member.filename for member in archive.infolist())
    found = next((member for member in archive.infolist() if member.filename == name), None)
    if found is None:
        raise UnreadableError("the archive holds no such file.")
    if fault := fault_of(found, times):
        raise UnreadableError(fault)
    return member_bytes(archive, name)


def _listed(archive: zipfile.ZipFile, member: zipfile.ZipInfo, times: Counter[str]) -> tuple[str, str, str]:
    name = member.filename
    if fault := fault_of(member, times):
        return name, "", fault
    try:
        return name, hashlib.sha256(member_bytes(archive, name)).hexdigest(), ""
    except UnreadableError as error:
        return name, "", str(error)


def _is_beside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or parts[0] == "__MACOSX" or parts[-1].upper().startswith("README") or _is_hidden(parts)


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") and part != ".." for part in parts)


def _opened(path: str) -> zipfile.ZipFile:
    state = Path(path).stat()
    return _archive(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1)  # the members of one archive are asked for one after the other
def _archive(path: str, _modified: int, _size: int) -> zipfile.ZipFile:
    return open_zip(Path(path))
