"""What can go wrong between a question and an answer. Not answering is not among it: that is a status.

AssistantError                  carries `advice`, what the reader can do
├── SettingsError               a setting is unknown or has a value it cannot have; names it and where it was set
├── QuestionFileError           a line of a question or answer file cannot be read; names file and line
├── FilterError                 a filter names a force, period or transcript that is not held
├── RegisterError               a register cannot be written as the file that was named
├── PromptError                 a file of prompts is missing, or has not the places its texts are filled in at
├── FeedbackError               feedback on an answer is too long, or cannot be kept
└── TamperedSourceError         a quotation no longer is what its source says
"""

from __future__ import annotations


class AssistantError(Exception):
    """Base of the tree: a message for the person who reads it, and what to do about it."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class SettingsError(AssistantError):
    """A setting is unknown, or has a value it cannot have."""


class QuestionFileError(AssistantError):
    """A line of a question or answer file cannot be read."""


class TamperedSourceError(AssistantError):
    """A quotation no longer is what its source says."""


class FilterError(AssistantError):
    """A filter names a force, an inspection period or a transcript that is not held."""


class RegisterError(AssistantError):
    """A register cannot be written: the file's ending names no format, or the file cannot be made."""


class FeedbackError(AssistantError):
    """Feedback on an answer cannot be taken: it is too long, or its file cannot be written."""


class PromptError(AssistantError):
    """A file of prompts is missing or malformed."""
