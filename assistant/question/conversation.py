"""Holds the earlier turns of a conversation, and reduces a question to plain words.

Greetings and thanks are removed; "who's" and "whats" are written out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    text: str


_GREETING = re.compile(
    r"^\W*(?:hello|hi|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|dear (?:sir|madam|all|team))"
    r"(?: (?:there|all|everyone|team|again))?(?:\s*[,.:;!]| [–—-])\s*(?=\w)",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?<=[\w?.!)”\"'’])[\s,.;:!–—-]*\b(?:many thanks|thanks|thank you|ta|cheers|please|kind regards|best wishes)"
    r"(?: (?:very|so) much| a lot| in advance)?\W*$",
    re.IGNORECASE,
)
_CONTRACTED_IS = re.compile(r"\b(who|what|how|where|when|why)['’]?s\b", re.IGNORECASE)


def plain_question(question: str) -> str:
    """The question without greetings and thanks, unless there is nothing else."""
    without_courtesies = _THANKS.sub("", _GREETING.sub("", question)) or question
    return _CONTRACTED_IS.sub(r"\1 is", without_courtesies)
