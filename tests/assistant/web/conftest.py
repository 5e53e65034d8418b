"""What the tests of everything served share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.web import server


@pytest.fixture(scope="package", autouse=True)
def _no_rejection_is_held_back() -> Iterator[None]:
    """A client that tries thousands of refused requests would otherwise wait two seconds for each after the first 300.

    `test_server_ipv6.py` and `security/test_responses.py` test that they are held back.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "MAX_REJECTIONS_PER_MINUTE", 1_000_000)
        yield
