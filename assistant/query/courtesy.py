"""Courtesies around a question, which say nothing of what it asks: a greeting before it, thanks after it."""

from __future__ import annotations

import re

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


def without_courtesies(question: str) -> str:
    """The question alone; unchanged where it is nothing but courtesies."""
    return _THANKED.sub("", _GREETED.sub("", question)) or question
