"""The page that asks without JavaScript: a form, and below it one answer with the ways to take it away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.export.markup import Html, element, isolated, join
from assistant.filter import EVERYTHING, Filter
from assistant.phrasebook import Phrasebook
from assistant.reading import ASK, Held, asking_address
from assistant.web.pages import whole_page

ALL = {"force": "plain.all_forces", "period": "plain.all_periods"}


@dataclass(frozen=True, slots=True)
class Posed:
    """What an address of the page asks: a question, empty for the form alone, and what to look at."""

    question: str = ""
    within: Filter = EVERYTHING

    def address(self, **more: str) -> str:
        """The address that asks this, as a path from the root of the site."""
        return asking_address(self.question, self.within, **more)


def ask_html(
    posed: Posed,
    held: Sequence[Held],
    words: Phrasebook,
    *,
    shown: Html | None = None,
    formats: Mapping[str, str] | None = None,
) -> Html:
    """The page: the form filled in with what was asked, then `shown`, the turn, and a link for each of `formats`.

    `formats` are the names of formats in words, by the value of `format` in the address.
    """
    parts = [element("h1", words.say("page.chat")), _form(posed, held, words)]
    if shown is not None:
        take = _take(posed, formats, words) if formats else ""
        parts.append(element("section", shown, take, class_="asking", aria_label=words.say("plain.answer")))
    return whole_page(posed.question or words.say("page.chat"), join(*parts), words)


def _form(posed: Posed, held: Sequence[Held], words: Phrasebook) -> Html:
    label = element("label", words.say("ask.label"), for_="q")
    box = element("input", type="text", id="q", name="q", value=posed.question, autocomplete="off", required="")
    forces = sorted({one.force for one in held if one.force})
    periods = sorted({one.period for one in held if one.period})
    return element(
        "form",
        element("div", label, box, class_="field"),
        choice("force", forces, posed.within.forces, words),
        choice("period", periods, posed.within.periods, words),
        _transcripts(posed, held, words),
        element("button", words.say("ask.button"), type="submit"),
        method="get",
        action=ASK,
        role="search",
        class_="ask",
        aria_label=words.say("page.chat"),
    )


def choice(name: str, held: Sequence[str], chosen: Sequence[str], words: Phrasebook) -> Html:
    """A field to choose one of what is held by, or all; nothing where there is nothing to choose.

    Several can be chosen where several were asked for.
    """
    if len(held) < 2 and not chosen:
        return Html("")
    everything = element("option", words.say(ALL[name]), value="")
    options = [_option(value, selected=value in chosen) for value in held]
    several = "" if len(chosen) > 1 else None
    select = element("select", everything, *options, id=name, name=name, multiple=several)
    return element("div", element("label", words.say(f"plain.{name}"), for_=name), select, class_="field")


def _option(value: str, *, selected: bool) -> Html:
    return element("option", value, value=value, selected="" if selected else None)


def _transcripts(posed: Posed, held: Iterable[Held], words: Phrasebook) -> Html:
    """The transcripts that the address limits the question to, each of which can be let go again."""
    chosen = [one for one in held if one.transcript_id in posed.within.transcripts]
    if not chosen:
        return Html("")
    boxes = [
        element(
            "label",
            element("input", type="checkbox", name="transcript", value=one.transcript_id, checked=""),
            " ",
            isolated(one.title or one.source),
        )
        for one in chosen
    ]
    return element("fieldset", element("legend", words.say("plain.transcript")), *boxes)


def _take(posed: Posed, formats: Mapping[str, str], words: Phrasebook) -> Html:
    links = [element("li", element("a", name, href=posed.address(format=kind))) for kind, name in formats.items()]
    heading = element("h2", words.say("plain.take"), id="take")
    return element("nav", heading, element("ul", *links), class_="take", aria_labelledby="take")
