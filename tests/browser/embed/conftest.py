"""Fixtures: the assistant, and pages of another site that embed its chat."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.hosts import intranet

EXAMPLE = Path(__file__).parents[3] / "docs" / "embed-example.html"


@pytest.fixture(scope="session")
def site():
    example = EXAMPLE.read_text(encoding="utf-8").replace("https://assistant.northshire.example", "{at}")
    with intranet({"example": example}) as served:
        yield served


@pytest.fixture
def host(watched, site):
    """Opens a host page by its name, under an origin that the assistant lists."""

    def open_page(name: str):
        watched.page.goto(f"{site.listed}/{name}")
        return watched.page

    return open_page
