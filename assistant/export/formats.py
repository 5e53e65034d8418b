"""The formats a conversation can be exported in, and the HTML file for reading and printing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Protocol

from assistant.answer import Answer
from assistant.export.conversation import lay_out
from assistant.export.html_builder import template_environment
from assistant.export.markdown import to_markdown
from assistant.messages import Messages, load_messages

TEMPLATES = template_environment("assistant.export")
# The browser refuses a script or an address to load, should the file ever contain one.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def to_print_html(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> str:
    """Renders the conversation as exported on `day`. `site` is as for `assistant.export.reference.reference`."""
    messages = messages or load_messages()
    conversation = lay_out(answers, day, site=site, messages=messages)
    template = TEMPLATES.get_template("print.html")
    return template.render(conversation=conversation, messages=messages, style=_style(), policy=POLICY)


@cache
def _style() -> str:
    """Returns the style on one line: a style element would show an escaped line end as it is written."""
    css = resources.files("assistant").joinpath("data", "handout.css").read_text(encoding="utf-8")
    return " ".join(css.split())


MAX_SLUG_CHARACTERS = 48


class ConversationRenderer(Protocol):
    """Writes a conversation in one format."""

    def __call__(
        self, answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None
    ) -> bytes:
        """The file, as exported on `day`. `site` is the origin to put before every permalink, or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One format: its media type (RFC 6838), its file extension, the key of its name in the messages, its renderer."""

    media_type: str
    extension: str
    name: str
    render: ConversationRenderer


def file_name(answers: Sequence[Answer], day: date, extension: str, messages: Messages | None = None) -> str:
    """A file name that every system accepts: the day and the first question, in lower-case letters and digits."""
    messages = messages or load_messages()
    question = slug(answers[0].question if answers else "")
    stem = "-".join(part for part in (messages.say("document.file"), day.isoformat(), question) if part)
    return f"{stem}.{extension}"


def slug(text: str) -> str:
    """A text as part of a file name: lower-case ASCII letters, digits and hyphens, `MAX_SLUG_CHARACTERS` at most."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")[:MAX_SLUG_CHARACTERS].rstrip("-")


def _markdown(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> bytes:
    return to_markdown(answers, day, site=site, messages=messages).encode()


def _html(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> bytes:
    return to_print_html(answers, day, site=site, messages=messages).encode()


def _word(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> bytes:
    from assistant.export.word import to_word  # python-docx is slow to import, and not needed at start

    return to_word(answers, day, site=site, messages=messages)


EXPORTS: Mapping[str, ExportFormat] = MappingProxyType(
    {
        "md": ExportFormat("text/markdown; charset=utf-8", "md", "export.markdown", _markdown),
        "html": ExportFormat("text/html; charset=utf-8", "html", "export.html", _html),
        "docx": ExportFormat(
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", "export.word", _word
        ),
    }
)
