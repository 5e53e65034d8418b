"""Every test runs sealed: a look-up of a name, or a connection off this machine, fails the test that made it."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from assistant.app import Assistant
    from index.published.open_index import OpenIndex
    from index.storage.postgres import DatabaseAddress

os.environ.update(
    ANONYMIZED_TELEMETRY="False",
    GRADIO_ANALYTICS_ENABLED="False",
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    TOKENIZERS_PARALLELISM="false",
)
for name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
    del os.environ[name]

settings.register_profile("untimed", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("untimed")

_HERE = ("127.0.0.1", "::1", "localhost", "", None, "0.0.0.0")  # compared with, not bound to
_left: list[str] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    target: object = None
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        target = arguments[1][0]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        target = arguments[0]
    host = target.decode() if isinstance(target, bytes) else target
    if host not in _HERE:
        _left.append(f"{event} {host}")
        raise RuntimeError(f"this test tried to leave the machine: {event} {host}")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def _sealed() -> Iterator[None]:
    before = len(_left)
    yield
    assert _left[before:] == []


@pytest.fixture(scope="session", autouse=True)
def _new_generations_are_checked_here() -> None:
    """Has tests check new generations in their own process: another one takes a second of processor time to start."""
    from index.build import build_index
    from index.published.chroma import selfcheck
    from index.published.open import open_current, rebuild_if_broken
    from index.published.publish import publish

    for function in (build_index, open_current, rebuild_if_broken, publish):
        assert function.__kwdefaults__["self_check"]
        function.__kwdefaults__["self_check"] = selfcheck


@pytest.fixture(scope="session")
def northshire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIndex]:
    """The fictional collection, indexed by hashed words. To be read, and left as it is."""
    from index.build import ensure_index  # once what is set above counts
    from index.embedding.embedder import HashedWordEmbedder

    sources = Path(__file__).parent / "golden" / "northshire" / "sources"
    opened = ensure_index(sources, tmp_path_factory.mktemp("northshire"), HashedWordEmbedder())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def northshire_assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """The assistant over the fictional collection, with the packaged encoder."""
    from assistant.app import open_assistant
    from assistant.settings import Settings

    sources = Path(__file__).parent / "golden" / "northshire" / "sources"
    return open_assistant(Settings(sources=sources, index=tmp_path_factory.mktemp("northshire-model")))


@pytest.fixture(scope="session")
def formal_assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """The assistant over the fictional collection of formal records, with the packaged encoder."""
    from assistant.app import open_assistant
    from assistant.settings import Settings
    from tests.fixtures.formal_collection import write_collection

    sources = tmp_path_factory.mktemp("formal-sources")
    write_collection(sources)
    return open_assistant(Settings(sources=sources, index=tmp_path_factory.mktemp("formal-model")))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server with pgvector."""
    from tests.fixtures.postgres import server

    with server() as address:
        yield address


@pytest.fixture
def database(postgres: str, tmp_path: Path) -> Iterator[DatabaseAddress]:
    """An empty database, and a folder for the work of its writer."""
    from index.storage.postgres import DatabaseAddress
    from tests.fixtures.postgres import drop_database, new_database

    url = new_database(postgres)
    yield DatabaseAddress(url, work=tmp_path / "work")
    drop_database(url)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts asynchronous tests first, then long ones.

    Playwright leaves an event loop running in its process, in which pytest-asyncio cannot start another. A long test
    that begins last would keep one process busy while the others have nothing left.
    """
    items.sort(key=lambda item: (not _is_async(item), item.get_closest_marker("long") is None))


def _is_async(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function)
