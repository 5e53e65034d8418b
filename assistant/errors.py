"""What can go wrong between a question and an answer. Not answering is not among it: that is a status.

AppError (index.errors)         carries a message and advice
├── SettingsError               a setting is unknown or has a value it cannot have; names it and where it was set
├── QuestionFileError           a line of a question or answer file cannot be read; names file and line
├── FilterError                 a filter names a force, period or transcript that is not held
├── RegisterError               a register cannot be written as the file that was named
├── PromptError                 a file of prompts is missing, or has not the places its texts are filled in at
├── FeedbackError               feedback on an answer is too long, or cannot be kept
└── TamperedSourceError         a quotation no longer is what its source says
"""

from __future__ import annotations

from index.errors import AppError


class SettingsError(AppError):
    """A setting is unknown, or has a value it cannot have."""


class QuestionFileError(AppError):
    """A line of a question or answer file cannot be read."""


class TamperedSourceError(AppError):
    """A quotation no longer is what its source says."""


class FilterError(AppError):
    """A filter names a force, an inspection period or a transcript that is not held."""


class RegisterError(AppError):
    """A register cannot be written: the file's ending names no format, or the file cannot be made."""


class FeedbackError(AppError):
    """Feedback on an answer cannot be taken: it is too long, or its file cannot be written."""


class PromptError(AppError):
    """A file of prompts is missing or malformed."""
