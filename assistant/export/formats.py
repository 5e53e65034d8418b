"""The formats a conversation can be taken away in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Protocol

from assistant.answer import Answer
from assistant.export.markdown import to_markdown
from assistant.export.print_html import to_print_html
from assistant.messages import Messages, load_messages

LONGEST_SLUG = 48


class ConversationRenderer(Protocol):
    """Writes a conversation in one format."""

    def __call__(
        self, answers: Sequence[Answer], day: date, *, site: str = "", phrases: Messages | None = None
    ) -> bytes:
        """The file, as it is taken away on `day`. `site` is the origin to put before every permalink, or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Export:
    """One format: its media type (RFC 6838), its file extension, the phrase that names it, and what writes it."""

    media_type: str
    extension: str
    name: str
    make: ConversationRenderer


def _markdown(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Messages | None = None) -> bytes:
    return to_markdown(answers, day, site=site, phrases=phrases).encode()


def _html(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Messages | None = None) -> bytes:
    return to_print_html(answers, day, site=site, phrases=phrases).encode()


def _word(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Messages | None = None) -> bytes:
    from assistant.export.word import to_word  # python-docx is loaded by who takes a Word document, not at start

    return to_word(answers, day, site=site, phrases=phrases)


EXPORTS: Mapping[str, Export] = MappingProxyType(
    {
        "md": Export("text/markdown; charset=utf-8", "md", "take.markdown", _markdown),
        "html": Export("text/html; charset=utf-8", "html", "take.html", _html),
        "docx": Export(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", "take.word", _word
        ),
    }
)


def file_name(answers: Sequence[Answer], day: date, extension: str, phrases: Messages | None = None) -> str:
    """A name for the file that every system takes: the day and the first question, in lower-case letters and digits."""
    words = phrases or load_messages()
    asked = slug(answers[0].question if answers else "")
    named = "-".join(part for part in (words.say("handout.file"), day.isoformat(), asked) if part)
    return f"{named}.{extension}"


def slug(text: str) -> str:
    """A text as part of a file's name: lower-case letters, digits and hyphens, not many."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:LONGEST_SLUG].rstrip("-")
