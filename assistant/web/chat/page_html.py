"""The HTML that the chat page is sent in: Gradio's page, with our styles and scripts in it and its ties to others cut.

Gradio would add what is in its `head` option only once its own scripts run, so that the page would be drawn before it
is styled. Here our style sheets stand in the page itself, at the head of its body: after every sheet of Gradio's own,
and before anything is drawn. What Gradio's page says to whichever page frames it, and to other sites that show a link
to it, is taken out. The content policy names the page's inline scripts by their digests: no other inline script, no
inline event handler and no `eval` runs, and nothing is loaded from another host.

Our scripts and style sheets in the chat page, and the words that each script says.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs

from markupsafe import Markup
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.export.html_builder import element, join
from assistant.messages import Messages
from assistant.web.layout import root_path
from assistant.web.security.headers import framers

CHAT_PAGE = "/"
EMBEDDED = "/embed"
THEMES = ("light", "dark")
POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors {framers}"
)
INLINE_SCRIPT = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script", re.DOTALL | re.IGNORECASE)
OTHERS_TIES = (
    re.compile(rb'<meta\s+(property="og:|name="twitter:)[^>]*>'),  # what other sites show of a link to the page
    re.compile(rb'<link rel="manifest"[^>]*>'),
    re.compile(rb'window\.parent\?\.postMessage\(\s*\{ type: "SET_SCROLLING"[^)]*\);'),
    # obeys messages of any page that frames it
    re.compile(rb"<script>\s*\(\(\) => \{\s*const root = (?:(?!</script).)*?iframeResizer.*?</script>", re.DOTALL),
)

Frame = Callable[[bool, str], tuple[Markup, Markup]]


class ChatPageHtml:
    """ASGI middleware: the chat page, whole or for a frame, as it leaves.

    `parts` gives, for the page (False) or the frame (True) and the root path of the site, what goes into the head and
    what to the start of the body.
    """

    def __init__(self, app: ASGIApp, parts: Frame, origins: Sequence[str] = ()) -> None:
        self._app = app
        self._parts = parts
        self._framers = framers(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in (CHAT_PAGE, EMBEDDED):
            await self._app(scope, receive, send)
            return
        embedded = scope["path"] == EMBEDDED
        head, body = self._parts(embedded, root_path(scope))
        kind = _classes(embedded=embedded, query=scope["query_string"])
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        inside = {**scope, "path": CHAT_PAGE, "raw_path": CHAT_PAGE.encode(), "headers": plain}
        await self._app(inside, receive, _Whole(send, lambda page: _ours(page, head, body, kind), self._framers))


class _Whole:
    """Holds a page back until it is whole, so that it can be changed and its policy name its scripts by digest."""

    def __init__(self, send: Send, change: Callable[[bytes], bytes], framed_by: str) -> None:
        self._send = send
        self._change = change
        self._framed_by = framed_by
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        page = self._change(self._body)
        headers = MutableHeaders(scope=self._start)
        scripts = " ".join(script_digests(page))
        headers["Content-Security-Policy"] = POLICY.format(scripts=scripts, framers=self._framed_by)
        if "content-length" in headers and self._body:
            headers["Content-Length"] = str(len(page))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": page})


def script_digests(page: bytes) -> list[str]:
    """The inline scripts of a page as sources of a content policy (CSP Level 3, `'sha256-…'`), each once, in order."""
    sources = []
    for script in INLINE_SCRIPT.finditer(page):
        if re.search(rb"\ssrc\s*=", script["attributes"]):
            continue
        body = script["body"].replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # as an HTML parser reads it
        sources.append(f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'")
    return list(dict.fromkeys(sources))


def _ours(page: bytes, head: Markup, body: Markup, kind: bytes) -> bytes:
    """Gradio's page with ours in it."""
    for tie in OTHERS_TIES:
        page = tie.sub(b"", page)
    page = page.replace(b"<html\n", b"<html" + kind + b"\n", 1)
    page = page.replace(b"</head>", head.encode() + b"</head>", 1)
    return re.sub(rb"<body[^>]*>", lambda found: found.group() + body.encode(), page, count=1)


def _classes(*, embedded: bool, query: bytes) -> bytes:
    """The attributes of the page's root: whether it stands in a frame, and the theme asked for, if any."""
    asked = parse_qs(query.decode("latin-1")).get("theme", [""])[-1]
    theme = f' data-theme="{asked}"'.encode() if asked in THEMES else b""
    return (b' class="embedded"' if embedded else b"") + theme


SPOKEN = {  # what each script says, by its own name for it
    "turn.js": {
        "change": "turn.change",
        "copy": "take.copy",
        "copyQuotation": "take.copy_quotation",
        "copied": "take.copied",
        "notCopied": "take.not_copied",
        "wasHelpful": "feedback.question",
        "helpful": "feedback.yes",
        "unhelpful": "feedback.no",
        "comment": "feedback.comment",
        "kept": "feedback.kept",
        "send": "feedback.send",
    },
    "panel.js": {
        "back": "panel.back",
        "whole": "panel.whole",
        "opening": "panel.opening",
        "failed": "panel.failed",
    },
    "reach.js": {
        "heading": "problem.heading",
        "busy": "problem.busy",
        "unreachable": "problem.unreachable",
        "late": "problem.late",
        "plain": "page.plain_link",
    },
    "chat.js": {"conversation": "ask.conversation", "searching": "ask.searching"},
}


def shell_parts(words: Messages, origins: Sequence[str] = ()) -> Frame:
    """What the page's HTML carries of ours: for the whole page, or for a frame, the head's and the body's start.

    `origins` are the sites that a frame may exchange messages with.
    """
    spoken = {script: {name: words.say(phrase) for name, phrase in said.items()} for script, said in SPOKEN.items()}

    def parts(embedded: bool, root: str) -> tuple[Markup, Markup]:  # noqa: FBT001  # the shell's own callable
        scripts = [
            element("script", src=f"{root}/site/{name}", defer="", data_words=json.dumps(said, ensure_ascii=False))
            for name, said in spoken.items()
        ]
        sheets = [element("link", rel="stylesheet", href=f"{root}/site/{name}") for name in ("page.css", "chat.css")]
        plain = element("noscript", element("p", element("a", words.say("page.plain"), href=f"{root}/ask")))
        frame = element("script", src=f"{root}/site/frame.js", defer="", data_origins=" ".join(origins))
        return join(*scripts, frame if embedded else ""), join(*sheets, plain)

    return parts
