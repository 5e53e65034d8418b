"""What was said before a question.

A question in plain words: without a greeting before it or thanks after it, "who's" and "whats" written out.
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


_GREETED = re.compile(
    r"^\W*(?:hello|hi|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|dear (?:sir|madam|all|team))"
    r"(?: (?:there|all|everyone|team|again))?(?:\s*[,.:;!]| [–—-])\s*(?=\w)",
    re.IGNORECASE,
)
_THANKED = re.compile(
    r"(?<=[\w?.!)”\"'’])[\s,.;:!–—-]*\b(?:many thanks|thanks|thank you|ta|cheers|please|kind regards|best wishes)"
    r"(?: (?:very|so) much| a lot| in advance)?\W*$",
    re.IGNORECASE,
)
_IS = re.compile(r"\b(who|what|how|where|when|why)['’]?s\b", re.IGNORECASE)


def plainly(question: str) -> str:
    """The question alone; courtesies are left where there is nothing else."""
    alone = _THANKED.sub("", _GREETED.sub("", question)) or question
    return _IS.sub(r"\1 is", alone)
