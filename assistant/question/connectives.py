"""Takes the words off a turn that only join it to the turns before: "and", "ok then", "no, I meant", "what about"."""

from __future__ import annotations

import re

from assistant.question.parsing import ParsedTurn
from assistant.question.phrases import SCOPE_TAG

_MARKERS = "and but so or then well ok okay now right sorry no yes also oh ah please".split()  # noqa: SIM905
_SPEAKING = frozenset({"meant", "mean", "said"})
_ABOUT = re.compile(
    r"(?:(?:what|how) about|what of|same for|tell me about|(?P<back>(?:(?:going|coming) )?back to))\b\W*", re.IGNORECASE
)


def without_connectives(said: ParsedTurn) -> str:
    """The turn without the words that join it. "Back to custody, who …" becomes "On custody, who …"."""
    text = said.text[_start(said) :]
    about = _ABOUT.match(text)
    rest = text[about.end() :] if about else ""
    if not about or not rest:
        return text
    if about["back"] and "," in rest:
        return f"{'In' if rest[0].isdigit() else 'On'} {rest}"
    return rest


def _start(said: ParsedTurn) -> int:
    """The first character after the words that join."""
    tokens = said.tokens
    place = 0
    while place < len(tokens) and tokens[place].tag != SCOPE_TAG:
        speaks = tokens[place].word == "i" and place + 2 < len(tokens) and tokens[place + 1].word in _SPEAKING
        if not speaks and tokens[place].word not in _MARKERS and tokens[place].tag != ".":
            break
        place += 2 if speaks else 1
    return tokens[place].start if place < len(tokens) else 0
