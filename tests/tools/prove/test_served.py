"""The short forms of what is proved of the server: each runs for seconds, and nothing is timed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fixtures.loops import apart
from tests.fixtures.nginx import find_nginx
from tests.tools.prove import airgap, contained, floods, long_day, replicas, strangers
from tests.tools.prove.server import ROOT, Vitals

pytestmark = pytest.mark.long


def unsaid(_text: str) -> None:
    """Where a run's figures go in a test."""


def test_in_a_flood_ordinary_people_are_answered_and_the_abuser_is_refused(tmp_path: Path) -> None:
    came = apart(floods.flood(1, floods.SHORT, tmp_path, unsaid))
    assert came.faults == []
    assert len(came.during.seconds) > 0
    assert came.abuser["429"] > 0
    assert came.abuser["without an end"] == 0
    assert came.slow["head: let in"] == floods.SHORT.slow // 4


def test_while_the_index_is_swapped_everyone_is_answered(tmp_path: Path) -> None:
    day = apart(long_day.live(1, long_day.SHORT, tmp_path, unsaid))
    assert day.faults == []
    assert (day.swaps > 1, len(day.seen.seconds) > 0) == (True, True)


def test_replicas_and_their_writer_are_killed_and_nothing_is_wrong_withdrawn_or_lost(tmp_path: Path) -> None:
    if find_nginx() is None:
        message = "NO NGINX: replicas are not killed behind a proxy. Install it (apt install nginx-light)."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    came = apart(replicas.live(1, replicas.SHORT, tmp_path, unsaid))
    assert came.faults == []
    assert (len(came.judge.kills), came.writer.killed) == (1, 1)
    assert min(came.writer.published - 1, came.conversations, came.judge.shown, len(came.judge.told)) > 0
    assert came.judge.answers["answered"] > 0


def test_nobody_has_another_s_answer_by_the_name_of_their_session(tmp_path: Path) -> None:
    tried = apart(strangers.rob(1, strangers.SHORT, tmp_path, unsaid))
    assert tried.faults == []
    assert (tried.answered, sum(tried.attempts.values())) == (strangers.SHORT, 8 * strangers.SHORT)


def test_served_without_a_network_nothing_tries_to_leave(tmp_path: Path) -> None:
    if not airgap.can_be_sealed():
        message = "NO NETWORK NAMESPACE can be made here: that nothing tries to leave is not counted."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    sealed = airgap.sealed_run(tmp_path, browse=False)
    assert sealed.faults == []
    assert sealed.attempts == {"control": airgap.CONTROLS, "serve": 0}


@pytest.mark.parametrize(("last", "growth"), [(1000, 0.0), (1100, 0.1), (900, -0.1)])
def test_growth_is_of_the_end_over_the_beginning_once_warm(last: int, growth: float) -> None:
    vitals = Vitals(0, memory=[10] * 40 + [1000] * 45 + [last] * 15, files=[50] * 40 + [7] * 45 + [9] * 15)
    assert vitals.growth() == pytest.approx(growth)
    assert vitals.more_files() == 2


# The container and the unit ---------------------------------------------------------------------------------------


def test_the_container_runs_as_nobody_in_particular_with_one_volume_that_holds_all_that_is_written() -> None:
    from assistant.settings import ENVIRONMENT_PREFIX, Settings
    from index.storage.postgres import IndexPlace

    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    last = dict(contained.instructions(text[text.rindex("\nFROM ") :]))
    assert last["USER"] == "10001:10001"
    assert last["VOLUME"] == contained.VOLUME
    assert last["CMD"] == '["assistant", "serve"]'
    told = {name: value for name, value in contained.environment(text).items() if name.startswith(ENVIRONMENT_PREFIX)}
    assert {name.removeprefix(ENVIRONMENT_PREFIX).lower() for name in told} <= set(Settings.model_fields)
    written = {name for name, field in Settings.model_fields.items() if field.annotation in (Path, IndexPlace)}
    assert {name for name, value in contained.environment(text).items() if value.startswith("/data")} == {
        "HOME", "TMPDIR", *(f"{ENVIRONMENT_PREFIX}{name.upper()}" for name in written),
    }  # fmt: skip


def test_the_container_copies_what_is_there() -> None:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    copied = [one for name, value in contained.instructions(text) if name == "COPY" for one in value.split()[:-1]]
    missing = [one for one in copied if not one.startswith(("--from", "/")) and not (ROOT / one).exists()]
    assert set(missing) <= {"requirements.lock"}
    assert "LOCK := requirements.lock" in (ROOT / "Makefile").read_text(encoding="utf-8")  # `make lock` writes it


def test_the_unit_has_no_rights_and_reaches_this_machine_only() -> None:
    lines = (ROOT / "docs" / "assessment-assistant.service").read_text(encoding="utf-8").splitlines()
    said = {line for line in lines if line and not line.startswith("#")}
    assert said >= {
        "DynamicUser=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "NoNewPrivileges=yes", "IPAddressDeny=any",
        "IPAddressAllow=localhost", "SystemCallFilter=@system-service", "SystemCallFilter=~@privileged", "UMask=0077",
    }  # fmt: skip
