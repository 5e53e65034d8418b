"""How a command ends: its exit code."""

from __future__ import annotations

from enum import IntEnum

from assistant.errors import AssistantError, TamperedSourceError
from index.errors import IndexingError


class ExitCode(IntEnum):
    """Every code a command can end with."""

    DONE = 0
    NOT_ANSWERED = 1
    USAGE = 2
    INDEX = 3
    NOT_VERIFIED = 4
    OPEN = 5
    BUG = 70  # EX_SOFTWARE of sysexits.h: Python's own 1 would read as "not answered"
    INTERRUPTED = 130


def exit_code(error: AssistantError | IndexingError) -> ExitCode:
    """The code of an error by its family: what the person can mend in the command, the sources, or the answer."""
    match error:
        case IndexingError():
            return ExitCode.INDEX
        case TamperedSourceError():
            return ExitCode.NOT_VERIFIED
        case _:
            return ExitCode.USAGE
