from __future__ import annotations

import hashlib
import os

import pytest

from index.errors import SourceError
from index.sources.files import SourceFile, discover


def put(folder, name, data=b"Westmere Police\n"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def names(folder):
    return [source.name for source in discover(folder)]


def test_sources_are_sorted_by_name_with_forward_slashes(tmp_path):
    for name in ("b.txt", "a/z.md", "a/b/c.txt", "A.txt", "é.txt"):
        put(tmp_path, name)
    assert names(tmp_path) == ["A.txt", "a/b/c.txt", "a/z.md", "b.txt", "é.txt"]


def test_the_digest_is_of_the_bytes(tmp_path):
    data = b"\xef\xbb\xbfOne.\r\n\xff"
    path = put(tmp_path, "a.txt", data)
    assert discover(tmp_path) == (SourceFile(path, "a.txt", hashlib.sha256(data).hexdigest()),)


def test_hidden_files_folders_and_readmes_are_left_out(tmp_path):
    for name in (".hidden.txt", ".git/config", "README.md", "readme", "a/README.txt", "a/.b/c.txt", "kept.txt"):
        put(tmp_path, name)
    assert names(tmp_path) == ["kept.txt"]


def test_a_link_out_of_the_folder_is_left_out_and_one_within_it_is_followed(tmp_path):
    outside = put(tmp_path, "elsewhere/secret.txt")
    folder = tmp_path / "sources"
    inside = put(folder, "a.txt")
    (folder / "out.txt").symlink_to(outside)
    (folder / "in.txt").symlink_to(inside)
    (folder / "broken.txt").symlink_to(folder / "gone.txt")
    (folder / "away").symlink_to(outside.parent)
    assert names(folder) == ["a.txt", "in.txt"]


def test_a_folder_that_is_itself_a_link_is_read(tmp_path):
    put(tmp_path, "real/a.txt")
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    assert names(tmp_path / "linked") == ["a.txt"]


def test_a_named_pipe_is_left_out(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    assert names(tmp_path) == []


def test_a_name_that_is_not_utf8_can_still_be_stored(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    with open(path, "wb") as file:  # noqa: PTH123  # the name is bytes
        file.write(b"x")
    assert names(tmp_path) == ["caf\ufffd.txt"]
    assert discover(tmp_path)[0].path.read_bytes() == b"x"


def test_a_file_that_cannot_be_read_is_listed_without_a_digest(tmp_path, monkeypatch):
    put(tmp_path, "a.txt")
    put(tmp_path, "b.txt")
    real = hashlib.file_digest

    def refuse(file, digest):
        if file.name.endswith("a.txt"):
            raise PermissionError(13, "Permission denied", file.name)
        return real(file, digest)

    monkeypatch.setattr(hashlib, "file_digest", refuse)
    assert [(source.name, bool(source.sha256)) for source in discover(tmp_path)] == [("a.txt", False), ("b.txt", True)]


def test_a_missing_folder_says_what_to_do(tmp_path):
    with pytest.raises(SourceError, match="no such folder") as caught:
        discover(tmp_path / "none")
    assert "Make the folder" in caught.value.advice


def test_a_file_is_not_a_folder(tmp_path):
    with pytest.raises(SourceError, match="not a folder"):
        discover(put(tmp_path, "a.txt"))


def test_an_empty_folder_has_no_sources(tmp_path):
    assert discover(tmp_path) == ()
