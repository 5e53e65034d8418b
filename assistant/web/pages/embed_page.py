"""The page on which an administrator sees whether a page of theirs can hold the chat, and what to paste into it."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.export.html_builder import SITE_ROOT, Html, element, isolated, join
from assistant.messages import Messages
from assistant.web.layout import whole_page
from assistant.web.pages.embed_check import CheckResult, EmbedFinding, Origin

CHECK_PAGE = "/embed/check"
MARKS = {CheckResult.RIGHT: "framing.right", CheckResult.WRONG: "framing.wrong", CheckResult.NOTE: "framing.note"}
FRAME = {"width": "100%", "height": "640"}


@dataclass(frozen=True, slots=True)
class EmbedCheckRequest:
    """The addresses as they were written into the form."""

    page: str
    assistant: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check. The origins are there if both addresses have one, and so there is something to paste."""

    findings: tuple[EmbedFinding, ...]
    origins: tuple[Origin, Origin] | None = None


def framing_html(asked: EmbedCheckRequest, checked: Checked | None, words: Messages) -> Html:
    """The form, and below it the findings, if anything was asked."""
    heading = words.say("framing.heading")
    parts = [
        element("link", rel="stylesheet", href="/site/framing.css"),
        element("h1", heading),
        element("p", words.say("framing.introduction")),
        _form(asked, words),
    ]
    if checked is not None:
        parts += [element("h2", words.say("framing.result")), _findings(checked.findings, words)]
        if checked.origins is not None:
            parts += _to_paste(*checked.origins, words)
        parts += [element("h2", words.say("framing.unseen")), element("p", words.say("framing.unseen_note"))]
    return whole_page(heading, join(*parts), words)


def _form(asked: EmbedCheckRequest, words: Messages) -> Html:
    rows = [
        _field("page", words.say("framing.page"), words.say("framing.page_hint"), asked.page),
        _field("assistant", words.say("framing.assistant"), words.say("framing.assistant_hint"), asked.assistant),
    ]
    button = element("button", words.say("framing.check"), type="submit")
    return element("form", *rows, button, method="get", action=CHECK_PAGE, class_="framing")


def _field(name: str, label: str, hint: str, value: str) -> Html:
    hint_id = f"{name}-hint"
    attributes = {"inputmode": "url", "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}
    box = element(
        "input", type="text", id=name, name=name, value=value, aria_describedby=hint_id, required="", **attributes
    )
    return element("div", element("label", label, for_=name), element("p", hint, id=hint_id, class_="hint"), box)


def _findings(findings: tuple[EmbedFinding, ...], words: Messages) -> Html:
    return element("ul", *(_finding(one, words) for one in findings), class_="findings")


def _finding(finding: EmbedFinding, words: Messages) -> Html:
    mark = element("strong", words.say(MARKS[finding.outcome]))
    advice = element("p", isolated(finding.advice)) if finding.advice else join()
    return element("li", element("p", mark, " ", isolated(finding.found)), advice, class_=finding.outcome.value)


def _to_paste(page: Origin, assistant: Origin, words: Messages) -> list[Html]:
    site = f"{assistant}{SITE_ROOT.get()}"
    script = element("script", src=f"{site}/embed.js", defer="", referrerpolicy="no-referrer")
    script = Html(script.replace('defer=""', "defer"))  # as people write it
    link = element("noscript", element("a", words.say("embed.open"), href=f"{site}/"))
    frame = element("iframe", src=f"{site}/embed", title=words.say("page.product"), **FRAME)
    pasted = [
        element("h2", words.say("framing.paste")),
        element("p", words.say("framing.paste_note")),
        _as_text(f"{script}\n{link}"),
        element("p", words.say("framing.paste_frame")),
        _as_text(str(frame)),
    ]
    if page == assistant:
        return pasted
    return [
        *pasted,
        element("h2", words.say("framing.setting")),
        element("p", words.say("framing.setting_note")),
        _as_text(f'embed_origins = ["{page}"]'),
        element("p", words.say("framing.setting_variable")),
        _as_text(f"ASSISTANT_EMBED_ORIGINS={page}"),
    ]


def _as_text(written: str) -> Html:
    return element("pre", element("code", written))
