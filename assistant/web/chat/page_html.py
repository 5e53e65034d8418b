"""Rewrites the HTML of Gradio's page: adds our style sheets and scripts, and removes what ties it to other sites.

Gradio would add the markup in its `head` option only when its own scripts run, after the page was drawn without our
styles. So our style sheets are inserted at the start of the body, after all of Gradio's. Removed are the scripts that
exchange messages with whichever page frames the chat, and the markup for previews on other sites. The content security
policy lists the page's inline scripts by hash: no other inline script, no inline event handler and no `eval` runs, and
nothing is loaded from another host.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from markupsafe import Markup
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.export.html_builder import element, join
from assistant.messages import Messages
from assistant.sources import asking_address
from assistant.web.layout import NAVIGATION, footer_html, root_path
from assistant.web.security.headers import frame_ancestors

CHAT_PATH = "/"
EMBED_PATH = "/embed"
THEMES = ("light", "dark")
CHAT_POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors {frame_ancestors}"
)
INLINE_SCRIPT = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script", re.DOTALL | re.IGNORECASE)
REMOVED_MARKUP = (
    re.compile(rb'<meta\s+(property="og:|name="twitter:)[^>]*>'),  # previews of a link to the page
    re.compile(rb'<link rel="manifest"[^>]*>'),
    re.compile(rb'window\.parent\?\.postMessage\(\s*\{ type: "SET_SCROLLING"[^)]*\);'),
    # obeys messages of any page that frames it
    re.compile(rb"<script>\s*\(\(\) => \{\s*const root = (?:(?!</script).)*?iframeResizer.*?</script>", re.DOTALL),
)
ROOT_TAG = b"<html\n"
HEAD_END = b"</head>"
BODY_END = b"</body>"
BODY_TAG = re.compile(rb"<body[^>]*>")
STYLE_SHEETS = ("page.css", "chat.css")
SCRIPT_MESSAGES = {  # of each script, by its own name for them
    "kept.js": {
        "undo": "kept.undo",
        "cleared": "kept.cleared",
        "notKept": "kept.not_kept",
        "show": "kept.show",
        "loading": "kept.loading",
        "failed": "kept.failed",
        "unreachable": "kept.unreachable",
        "limit": "kept.limit",
    },
    "turn.js": {
        "change": "turn.change",
        "again": "turn.again",
        "copy": "export.copy",
        "copyLink": "shared.copy",
        "copyQuotation": "export.copy_quotation",
        "copied": "export.copied",
        "notCopied": "export.not_copied",
        "next": "suggested.heading",
        "wasHelpful": "feedback.question",
        "helpful": "feedback.yes",
        "unhelpful": "feedback.no",
        "comment": "feedback.comment",
        "kept": "feedback.stored",
        "send": "feedback.send",
    },
    "panel.js": {
        "back": "panel.back",
        "previous": "panel.previous",
        "next": "panel.next",
        "whole": "panel.full_page",
        "opening": "panel.opening",
        "failed": "panel.failed",
    },
    "reach.js": {
        "heading": "problem.heading",
        "busy": "problem.busy",
        "unreachable": "problem.unreachable",
        "late": "problem.no_reply",
        "plain": "page.plain_link",
    },
    "composer.js": {
        "limited": "limit.limited",
        "remove": "limit.remove",
        "toAnswer": "ask.to_answer",
        "navigation": "page.navigation",
    },
    "chat.js": {"conversation": "ask.conversation", "searching": "ask.searching", "questions": "kept.questions"},
}


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the browser keeps conversations: in a `tab` or in the `browser`; `owner_of` tells whose a page is."""

    place: str = "tab"
    owner_of: Callable[[Scope], str] = lambda _scope: ""


class ChatPageMiddleware:
    """ASGI middleware that rewrites the chat page, both at its own path and at the one for a frame of another site.

    `origins` are the sites that may frame the page and exchange messages with it. `known_examples` returns the example
    questions that have been found, without looking for any.
    """

    def __init__(
        self,
        app: ASGIApp,
        messages: Messages,
        origins: Sequence[str] = (),
        known_examples: Callable[[], Sequence[str]] = tuple,
        keeping: Keeping | None = None,
    ) -> None:
        self._app = app
        self._known_examples = known_examples
        self._messages = messages
        self._origins = origins
        self._keeping = keeping or Keeping()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in (CHAT_PATH, EMBED_PATH):
            await self._app(scope, receive, send)
            return
        is_embedded = scope["path"] == EMBED_PATH
        attributes = _root_attributes(is_embedded=is_embedded, query=scope["query_string"])
        root = root_path(scope)
        head = self._head(root, self._keeping.owner_of(scope), is_embedded=is_embedded)
        body_start = self._body_start(root, is_embedded=is_embedded)
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        inner = {**scope, "path": CHAT_PATH, "raw_path": CHAT_PATH.encode(), "headers": headers}
        rewriter = _PageRewriter(
            send,
            lambda page: _rewrite(page, attributes, head, body_start, footer_html(self._messages, root)),
            frame_ancestors(self._origins),
        )
        await self._app(inner, receive, rewriter)

    def _head(self, root: str, owner: str, *, is_embedded: bool) -> Markup:
        """Our scripts, each with its messages, at the end of the page's head. They read `owner` and where to keep."""
        scripts = [
            element("script", src=f"{root}/site/{script}", defer="", data_words=json.dumps(texts, ensure_ascii=False))
            for script, texts in self._script_texts().items()
        ]
        frame_script = element("script", src=f"{root}/site/frame.js", defer="", data_origins=" ".join(self._origins))
        keeping = element("meta", name="conversations", content=self._keeping.place, data_owner=owner)
        return join(keeping, *scripts, frame_script if is_embedded else "")

    def _script_texts(self) -> dict[str, dict[str, str]]:
        return {
            script: {name: self._messages.say(message) for name, message in names.items()}
            for script, names in SCRIPT_MESSAGES.items()
        }

    def _body_start(self, root: str, *, is_embedded: bool) -> Markup:
        """Our style sheets, a link for browsers without JavaScript, and what the page shows at first."""
        sheets = [element("link", rel="stylesheet", href=f"{root}/site/{name}") for name in STYLE_SHEETS]
        plain_link = element("a", self._messages.say("page.plain"), href=f"{root}/ask")
        at_first = () if is_embedded else (self._at_first(root),)  # a frame may not show the page that it leads to
        return join(*sheets, element("noscript", element("p", plain_link)), *at_first)

    def _at_first(self, root: str) -> Markup:
        """What the page shows until Gradio has drawn it: its heading, a box to ask in, and examples once known."""
        say = self._messages.say
        links = [element("a", say(name), href=f"{root}{address}") for name, address in NAVIGATION[1:]]
        field = element(
            "div",
            element("label", say("page.chat"), for_="at-first-question"),
            element("input", type="text", id="at-first-question", name="q", required="", autocomplete="off"),
            class_="field",
        )
        button = element("button", say("ask.button"), type="submit")
        form = element("form", field, button, method="get", action=f"{root}/ask", class_="ask")
        examples = [
            element("li", element("a", question, href=root + asking_address(question)))
            for question in self._known_examples()
        ]
        listed = join(element("h2", say("ask.examples")), element("ul", *examples)) if examples else ""
        heading = element("h1", say("page.product"))
        nav = element("nav", *links, aria_label=say("page.navigation"))
        return element("main", heading, nav, form, listed, id="at-first")


class _PageRewriter:
    """Collects a page until it is complete, rewrites it, and sends it with a policy that lists its inline scripts."""

    def __init__(self, send: Send, rewrite: Callable[[bytes], bytes], ancestors: str) -> None:
        self._send = send
        self._rewrite = rewrite
        self._ancestors = ancestors
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page()
        else:
            await self._send(message)

    async def _send_page(self) -> None:
        page = self._rewrite(self._body)
        headers = MutableHeaders(scope=self._start)
        scripts = " ".join(inline_script_sources(page))
        headers["Content-Security-Policy"] = CHAT_POLICY.format(scripts=scripts, frame_ancestors=self._ancestors)
        if "content-length" in headers and self._body:
            headers["Content-Length"] = str(len(page))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": page})


def inline_script_sources(page: bytes) -> list[str]:
    """Returns a page's inline scripts as CSP sources (Level 3, `'sha256-…'`), in order and without duplicates."""
    sources = []
    for script in INLINE_SCRIPT.finditer(page):
        if re.search(rb"\ssrc\s*=", script["attributes"]):
            continue
        body = script["body"].replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # as an HTML parser reads it
        sources.append(f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'")
    return list(dict.fromkeys(sources))


def _rewrite(page: bytes, attributes: bytes, head: Markup, body_start: Markup, body_end: Markup) -> bytes:
    for markup in REMOVED_MARKUP:
        page = markup.sub(b"", page)
    page = page.replace(ROOT_TAG, b"<html" + attributes + b"\n", 1)
    page = page.replace(HEAD_END, head.encode() + HEAD_END, 1)
    page = page.replace(BODY_END, body_end.encode() + BODY_END, 1)
    return BODY_TAG.sub(lambda tag: tag.group() + body_start.encode(), page, count=1)


def _root_attributes(*, is_embedded: bool, query: bytes) -> bytes:
    """The attributes of the page's root element: whether it is in a frame, and the theme in its URL, if any."""
    theme = parse_qs(query.decode("latin-1")).get("theme", [""])[-1]
    theme_attribute = f' data-theme="{theme}"'.encode() if theme in THEMES else b""
    return (b' class="embedded"' if is_embedded else b"") + theme_attribute
