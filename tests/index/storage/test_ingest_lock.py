"""The lock allows one writer to an index folder."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import StorageError, WriterBusyError
from index.storage.ingest import PID_FILE, writer_lock

HOLD = """
import sys
from pathlib import Path
from index.storage.ingest import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_writer(index: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(index)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3],
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_a_second_writer_gets_an_error_that_names_the_first(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    index = tmp_path / "index"
    with other_writer(index) as process:
        for _ in range(3):
            with pytest.raises(WriterBusyError, match=f"Process {process.pid} ") as caught:
                build_index(tmp_path / "sources", index, HashedWordEmbedder())
            assert caught.value.pid == process.pid
    assert sorted(path.name for path in index.iterdir()) == ["writer.lock", PID_FILE]


def test_a_killed_writer_releases_the_lock(tmp_path: Path) -> None:
    with other_writer(tmp_path) as process:
        process.kill()
        process.wait()
        with writer_lock(tmp_path):
            assert (tmp_path / PID_FILE).read_text() == str(os.getpid())


def test_two_writers_in_one_process_exclude_each_other_too(tmp_path: Path) -> None:
    with writer_lock(tmp_path):
        with pytest.raises(WriterBusyError) as caught, writer_lock(tmp_path):
            pass
        assert caught.value.pid == os.getpid()
    with writer_lock(tmp_path):
        pass


def test_the_process_id_left_by_a_killed_writer_is_not_reported(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    with writer_lock(tmp_path):
        (tmp_path / PID_FILE).write_text(str(gone.pid))
        with pytest.raises(WriterBusyError, match="Another process") as caught, writer_lock(tmp_path):
            pass
        assert caught.value.pid == 0


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError), writer_lock(tmp_path / "file" / "index"):
        pass


def test_an_error_of_the_disk_releases_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    with monkeypatch.context() as refused:
        refused.setattr(Path, "unlink", refuse)
        with pytest.raises(StorageError, match="Permission denied"), writer_lock(tmp_path):
            pass
    with writer_lock(tmp_path):
        assert (tmp_path / PID_FILE).read_text() == str(os.getpid())


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "somewhere/vectors.npy"), "somewhere/vectors.npy .*No space"),
        (OSError("26 requested and 0 written"), "26 requested"),
        (MemoryError(), "not enough memory"),
        (RuntimeError("can't start new thread"), "not enough memory"),
    ],
)
def test_errors_of_the_machine_become_storage_errors_with_advice(
    tmp_path: Path, raised: Exception, message: str
) -> None:
    with pytest.raises(StorageError, match=message) as caught, writer_lock(tmp_path):
        raise raised
    assert "run again" in caught.value.advice


def test_a_bug_is_not_reported_as_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="a mistake"), writer_lock(tmp_path):
        raise RuntimeError("a mistake")
