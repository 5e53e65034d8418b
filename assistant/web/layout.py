"""The frame of our whole pages, which need no JavaScript, and the page that only says something."""

from __future__ import annotations

from assistant.export.html_builder import Html, element, join
from assistant.messages import Messages, load_messages


def message_html(heading: str, message: str, phrases: Messages | None = None, *, more: Html | None = None) -> Html:
    """A page that says one thing, for an address with nothing at it; `more` stands below what it says."""
    main = join(element("h1", heading), element("p", message), more or "")
    return whole_page(heading, main, phrases or load_messages())


def whole_page(title: str, main: Html, words: Messages, *, script: str = "") -> Html:
    """A whole page in the manner of the source pages: `main` below the links that every page has.

    `script` is the address of a script the page can do without.
    """
    head = join(
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} – {words.say('page.product')}"),
        element("link", rel="stylesheet", href="/site/page.css"),
        element("script", src=script, defer="") if script else "",
    )
    links = [
        element("a", words.say("page.chat"), href="/"),
        element("a", words.say("page.held"), href="/sources"),
        element("a", words.say("page.overview"), href="/overview"),
        element("a", words.say("page.register"), href="/register"),
    ]
    header = element(
        "header",
        element("p", words.say("page.product"), class_="product"),
        element("nav", *links, aria_label=words.say("page.navigation")),
        class_="site",
    )
    body = element("body", header, element("main", main), class_="reading")
    return Html(f"<!doctype html>{element('html', element('head', head), body, lang=words.language)}")
