"""The errors of the assistant. A question that is not answered is not an error: its Answer has another status.

AppError (index.errors)    base of every error: a message and advice
├── SettingsError          unknown setting or invalid value; names the setting and where it was set
├── QuestionFileError      unreadable line of a question or answer file; names file and line
├── FilterError            a filter names a force, period or transcript that is not in the index
├── RegisterError          a register cannot be written
├── PromptError            a prompt file is missing or malformed
├── OutOfTimeError         a request took longer than its time limit
├── AbandonedError         nobody waits for the result any more
├── FeedbackError          feedback is too long, or cannot be saved
└── TamperedSourceError    a quotation differs from its source
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

from index.errors import AppError

DISTRIBUTION = "assessment-assistant"


class SettingsError(AppError):
    """A setting is unknown or has an invalid value."""


class QuestionFileError(AppError):
    """A question or answer file, or a line of it, cannot be read."""


class TamperedSourceError(AppError):
    """A quotation differs from the text of its source."""


class FilterError(AppError):
    """A filter names a force, an inspection period or a transcript that is not in the index."""


class RegisterError(AppError):
    """A register cannot be written: no format has the file's extension, or the file cannot be created."""


class FeedbackError(AppError):
    """Feedback on an answer is too long, or its file cannot be written."""


class PromptError(AppError):
    """A prompt file is missing, or lacks a placeholder that its texts need."""


class OutOfTimeError(AppError):
    """A request took longer than its time limit, and was stopped."""


class AbandonedError(AppError):
    """The client of a request has gone, and the work for it was stopped."""


@contextmanager
def naming_extra(extra: str) -> Iterator[None]:
    """Names the extra to install in place of a failed import. Raises `SettingsError`."""
    try:
        yield
    except ImportError as error:
        raise SettingsError(
            f"{error.name or extra} is not installed.", advice=f"Install it: pip install '{DISTRIBUTION}[{extra}]'"
        ) from error


def installed_version(distribution: str = DISTRIBUTION) -> str:
    """Returns the version of an installed distribution, or nothing when it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""
