"""The page that lists what is held: by force, each with its periods, and a way to ask about any of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from assistant.export.html_builder import Html, element, isolated, join
from assistant.filter import Filter
from assistant.messages import Messages, load_messages
from assistant.sources import Held, asking_address, transcript_address
from assistant.web.layout import whole_page


def contents_html(held: Sequence[Held], phrases: Messages | None = None, *, superseded: Sequence[Held] = ()) -> Html:
    """The list of what is held, in the order of forces, periods and titles; those of no named force at the end.

    The `superseded` stand among the rest, each with what took its place; they are in no count.
    """
    words = phrases or load_messages()
    heading = element("h1", words.say("source.contents"))
    if not held:
        return whole_page(words.say("source.contents"), join(heading, element("p", words.say("source.none"))), words)
    listed = (*held, *superseded)
    ordered = sorted(listed, key=lambda one: (not one.force, one.force, one.period, one.title, one.source))
    later = {one.transcript_id: one for one in held}
    groups = [
        _group(force, list(of_force), later, words) for force, of_force in groupby(ordered, key=lambda one: one.force)
    ]
    total = element("p", _counted(held, words), class_="total")
    return whole_page(words.say("source.contents"), join(heading, total, *groups), words)


def _group(force: str, of_force: list[Held], later: Mapping[str, Held], words: Messages) -> Html:
    named = element("h2", isolated(force) if force else words.say("source.unnamed"))
    searched = [one for one in of_force if not one.superseded_by]
    about = [_counted(searched, words)]
    if force and len(searched) > 1:
        about.append(_asking(Filter(forces=(force,)), words.say("contents.ask_force"), force))
    spans = [element("span", part) for part in about]
    entries = [element("li", _entry(one, later, words)) for one in of_force]
    return element("section", named, element("p", *spans, class_="about"), element("ul", *entries, class_="contents"))


def _entry(one: Held, later: Mapping[str, Held], words: Messages) -> Html:
    about: list[str] = [isolated(one.period)] if one.period else []
    about.append(words.count("sentences", one.sentences))
    if one.superseded_by:
        link = _link(later[one.superseded_by])
        about.append(join(words.say("contents.superseded"), " ", link))
    else:
        about.append(
            _asking(Filter(transcripts=(one.transcript_id,)), words.say("contents.ask"), one.title or one.source)
        )
    return join(_link(one), element("p", *(element("span", part) for part in about), class_="about"))


def _link(one: Held) -> Html:
    return element("a", isolated(one.title or one.source), href=transcript_address(one.transcript_id))


def _asking(within: Filter, label: str, what: str) -> Html:
    """A link to the form that asks; which one of many it is, is said to those who listen to the links alone."""
    unseen = element("span", ": ", isolated(what), class_="unseen")
    return element("a", label, unseen, href=asking_address("", within))


def _counted(held: Sequence[Held], words: Messages) -> str:
    sentences = words.count("sentences", sum(one.sentences for one in held))
    return words.say("contents.about", transcripts=words.count("transcripts", len(held)), sentences=sentences)
