"""Renders our whole pages, which work without JavaScript, from the templates in `assistant/web/templates`."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.export.html_builder import element, template_environment
from assistant.messages import LANGUAGE, Messages, load_messages, preferred_language
from assistant.sources import permalink, transcript_address
from assistant.work import checked

ACCESSIBILITY = "/accessibility"
NAVIGATION = (  # of every page: the name of a message, and an address
    ("page.chat", "/"),
    ("page.assessments", "/sources"),
    ("page.overview", "/overview"),
    ("page.register", "/register"),
)


LANGUAGE_PARAMETER = "lang"
CHAT_PAGES = ("/", "/embed")


class LanguageMiddleware:
    """ASGI middleware that sets `LANGUAGE` for pages: by `?lang=`, what the browser asks for, or the first.

    What programs request is in the first language, so that a reply does not depend on a header. So is the chat page,
    which is made once, when the service starts.
    """

    def __init__(self, app: ASGIApp, languages: tuple[str, ...], programs: tuple[str, ...]) -> None:
        """Takes the languages that are offered, and what the paths that programs request begin with."""
        self._app = app
        self._languages = languages
        self._programs = programs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = LANGUAGE.set(self._language(scope))
        try:
            await self._app(scope, receive, send)
        finally:
            LANGUAGE.reset(token)

    def _language(self, scope: Scope) -> str:
        if scope["type"] != "http" or scope["path"] in CHAT_PAGES or scope["path"].startswith(self._programs):
            return self._languages[0]
        chosen = QueryParams(scope["query_string"]).get(LANGUAGE_PARAMETER, "")
        if chosen in self._languages:
            return chosen
        accepted = Headers(scope=scope).get("accept-language", "")
        return preferred_language(accepted, self._languages) or self._languages[0]


def footer_html(messages: Messages, root: str) -> Markup:
    """Returns the end of every page. `root` is what `root_path` returns."""
    link = element("a", messages.say("accessibility.heading"), href=f"{root}{ACCESSIBILITY}")
    return element("footer", link, class_="page-end")


TEMPLATES = template_environment("assistant.web")
TEMPLATES.globals.update(
    checked=checked,
    NAVIGATION=NAVIGATION,
    footer_html=footer_html,
    permalink=permalink,
    transcript_address=transcript_address,
)


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
