"""Writes a conversation as one HTML file for reading and printing, with its style and no script."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib import resources

from assistant.answer import Answer
from assistant.export.conversation import lay_out
from assistant.export.html_builder import template_environment
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
