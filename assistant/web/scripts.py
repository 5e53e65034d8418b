"""Our scripts and style sheets in the chat page, and the words that each script says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from assistant.export.markup import Html, element, join
from assistant.phrasebook import Phrasebook

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


def shell_parts(words: Phrasebook, origins: Sequence[str] = ()) -> Callable[[bool], tuple[Html, Html]]:
    """What the page's HTML carries of ours: for the whole page, or for a frame, the head's and the body's start.

    `origins` are the sites that a frame may exchange messages with.
    """
    spoken = {script: {name: words.say(phrase) for name, phrase in said.items()} for script, said in SPOKEN.items()}

    def parts(embedded: bool) -> tuple[Html, Html]:  # noqa: FBT001  # the shell's own callable
        scripts = [
            element("script", src=f"/site/{name}", defer="", data_words=json.dumps(said, ensure_ascii=False))
            for name, said in spoken.items()
        ]
        sheets = [element("link", rel="stylesheet", href=f"/site/{name}") for name in ("page.css", "chat.css")]
        plain = element("noscript", element("p", element("a", words.say("page.plain"), href="/ask")))
        frame = element("script", src="/site/frame.js", defer="", data_origins=" ".join(origins))
        return join(*scripts, frame if embedded else ""), join(*sheets, plain)

    return parts
