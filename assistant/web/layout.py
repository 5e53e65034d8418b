"""Renders our whole pages, which work without JavaScript, from the templates in `assistant/web/templates`."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.types import Scope

from assistant.export.html_builder import element, template_environment
from assistant.messages import Messages, load_messages
from assistant.sources import permalink, transcript_address

ACCESSIBILITY = "/accessibility"


def footer_html(messages: Messages, root: str) -> Markup:
    """Returns the end of every page. `root` is what `root_path` returns."""
    link = element("a", messages.say("accessibility.heading"), href=f"{root}{ACCESSIBILITY}")
    return element("footer", link, class_="page-end")


TEMPLATES = template_environment("assistant.web")
TEMPLATES.globals.update(footer_html=footer_html, permalink=permalink, transcript_address=transcript_address)


@dataclass(frozen=True, slots=True)
class MessagePage:
    """The view of `message.html`."""

    heading: str
    message: str


def render_page(template: str, page: object, messages: Messages, *, root: str) -> str:
    """Renders a template, in which `page` is the view it shows and `messages` gives the words of the page.

    `root` is what `root_path` returns. Templates write it before each address of this site.
    """
    return TEMPLATES.get_template(template).render(page=page, messages=messages, root=root)


def message_html(heading: str, message: str, *, root: str = "") -> str:
    """Renders a page that says one thing, such as why a request is refused."""
    return render_page("message.html", MessagePage(heading, message), load_messages(), root=root)


def root_path(scope: Scope) -> str:
    """Returns the path below which a proxy serves this site, such as `/assistant`; empty if it serves all of it."""
    return str(scope.get("root_path", ""))


def site_address(request: Request) -> str:
    """Returns the address of this site as the client knows it, without a slash at the end."""
    return str(request.base_url).rstrip("/")
