"""The page that lists what is held: by force, each with its periods, and a way to ask about any of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from urllib.parse import urlencode

from assistant.export.markup import Html, element, isolated, join
from assistant.phrasebook import Phrasebook, load_phrasebook
from assistant.reading import Held, transcript_address
from assistant.web.pages import whole_page


def contents_html(held: Sequence[Held], phrases: Phrasebook | None = None) -> Html:
    """The list of what is held, in the order of forces, periods and titles; those of no named force at the end."""
    words = phrases or load_phrasebook()
    heading = element("h1", words.say("source.contents"))
    if not held:
        return whole_page(words.say("source.contents"), join(heading, element("p", words.say("source.none"))), words)
    ordered = sorted(held, key=lambda one: (not one.force, one.force, one.period, one.title, one.source))
    groups = [_group(force, list(of_force), words) for force, of_force in groupby(ordered, key=lambda one: one.force)]
    total = element("p", _counted(held, words), class_="total")
    return whole_page(words.say("source.contents"), join(heading, total, *groups), words)


def _group(force: str, of_force: list[Held], words: Phrasebook) -> Html:
    named = element("h2", isolated(force) if force else words.say("source.unnamed"))
    about = [_counted(of_force, words)]
    if force and len(of_force) > 1:
        about.append(_asking({"force": force}, words.say("contents.ask_force"), force))
    spans = [element("span", part) for part in about]
    entries = [element("li", _entry(one, words)) for one in of_force]
    return element("section", named, element("p", *spans, class_="about"), element("ul", *entries, class_="contents"))


def _entry(one: Held, words: Phrasebook) -> Html:
    name = one.title or one.source
    link = element("a", isolated(name), href=transcript_address(one.transcript_id))
    about: list[str] = [isolated(one.period)] if one.period else []
    about.append(words.count("sentences", one.sentences))
    about.append(_asking({"transcript": one.transcript_id}, words.say("contents.ask"), name))
    return join(link, element("p", *(element("span", part) for part in about), class_="about"))


def _asking(limit: dict[str, str], label: str, what: str) -> Html:
    """A link to the form that asks; which one of many it is, is said to those who listen to the links alone."""
    unseen = element("span", ": ", isolated(what), class_="unseen")
    return element("a", label, unseen, href=f"/ask?{urlencode(limit)}")


def _counted(held: Sequence[Held], words: Phrasebook) -> str:
    sentences = words.count("sentences", sum(one.sentences for one in held))
    return words.say("contents.about", transcripts=words.count("transcripts", len(held)), sentences=sentences)
