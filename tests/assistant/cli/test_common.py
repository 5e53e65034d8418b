"""The log on standard error: its level, its form, and what libraries may write to it."""

from __future__ import annotations

import json
import logging
from datetime import datetime

import pytest

from assistant.cli.common import log_to_stderr
from assistant.settings import Settings


@pytest.fixture(autouse=True)
def levels() -> object:
    """Puts back the levels of the loggers."""
    loggers = [logging.getLogger(name) for name in ("assistant", "index", "library")]
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def written(capsys: pytest.CaptureFixture[str], **settings: object) -> list[str]:
    """What is written of a message of each level, by our loggers and by a library's."""
    end = log_to_stderr(Settings(**settings))  # type: ignore[arg-type]
    try:
        for name in ("assistant.part", "index.part", "library"):
            for level in ("debug", "info", "warning", "error"):
                getattr(logging.getLogger(name), level)("%s of %s", level, name)
    finally:
        end()
    logging.getLogger("assistant").error("after the end")
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(
    ("level", "ours", "libraries"),
    [
        ("debug", ["debug", "info", "warning", "error"], ["warning", "error"]),
        ("info", ["info", "warning", "error"], ["warning", "error"]),
        ("warning", ["warning", "error"], ["warning", "error"]),
        ("error", ["error"], ["error"]),
    ],
)
def test_the_level_is_that_of_our_own_messages_and_libraries_only_warn(
    capsys: pytest.CaptureFixture[str], level: str, ours: list[str], libraries: list[str]
) -> None:
    expected = [f"{one} of {name}" for name in ("assistant.part", "index.part") for one in ours]
    assert written(capsys, log_level=level) == expected + [f"{one} of library" for one in libraries]


def test_in_json_each_message_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [json.loads(line) for line in written(capsys, log_level="error", log_format="json")]
    assert [(line["level"], line["logger"], line["message"]) for line in lines] == [
        ("error", name, f"error of {name}") for name in ("assistant.part", "index.part", "library")
    ]
    assert all(datetime.fromisoformat(line["time"]).utcoffset() is not None for line in lines)


def test_in_json_a_traceback_and_line_ends_stay_on_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    end = log_to_stderr(Settings(log_format="json"))
    try:
        _ = 1 // 0
    except ZeroDivisionError:
        logging.getLogger("assistant").exception("one\ntwo")
    end()
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "one\ntwo"
    assert "ZeroDivisionError: integer division" in json.loads(line)["traceback"]
