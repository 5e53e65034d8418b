"""Our own pages, which need no JavaScript, and our own files."""

from __future__ import annotations

from importlib import resources

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from assistant.export.html_builder import element, join
from assistant.messages import load_messages
from assistant.web.asker import Asker
from assistant.web.layout import message_html
from assistant.web.pages.ask import own_origin
from assistant.web.pages.contents import contents_html
from assistant.web.pages.source import Permalink, transcript_html

MEDIA_TYPES = {"css": "text/css", "js": "text/javascript"}
OUR_FILES = (
    "page.css", "chat.css", "framing.css", "chat.js", "frame.js", "panel.js", "reach.js", "source.js", "turn.js",
)  # fmt: skip


def pages(assistant: Asker) -> APIRouter:
    """The routes of the pages."""
    router = APIRouter(default_response_class=HTMLResponse)

    @router.get("/sources")
    def contents() -> HTMLResponse:
        return HTMLResponse(contents_html(assistant.sources.held(), superseded=assistant.sources.superseded()))

    @router.get("/sources/{transcript_id:path}")
    def source(request: Request, transcript_id: str, text: str = "", sentence: str = "") -> HTMLResponse:
        page = assistant.sources.transcript_page(transcript_id)
        if page is None:
            return HTMLResponse(_withdrawn(linked=bool(text or sentence)), status_code=404)
        return HTMLResponse(transcript_html(page, Permalink(text, sentence), site=own_origin(request)))

    return router


def _withdrawn(*, linked: bool) -> str:
    """The page of a transcript that is not held; `linked` when a permalink led to it."""
    words = load_messages()
    message = words.say("problem.no_transcript")
    said = element("p", words.say("cited.withdrawn")) if linked else ""
    more = join(said, element("p", element("a", words.say("cited.contents"), href="/sources")))
    return message_html(words.say("problem.not_found_heading"), message, more=more)


def our_files() -> APIRouter:
    """The routes of our own style sheets and scripts."""
    router = APIRouter()
    folder = resources.files("assistant") / "web" / "static"
    files = {name: (folder / name).read_bytes() for name in OUR_FILES}

    @router.get("/site/{name}")
    def site(name: str) -> Response:
        if name not in files:
            return Response(status_code=404)
        return Response(files[name], media_type=MEDIA_TYPES[name.rpartition(".")[2]])

    return router
