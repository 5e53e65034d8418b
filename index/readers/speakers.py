"""Speakers named at the head of what they say, as in "Ada Marlowe: The force is good.", and told from other words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

_WORD = r"[^\W\d_a-z][\w.'’-]*"
_NAME = re.compile(rf"(?:[-–—]\s*|>>\s*)?((?:{_WORD})(?:[ ](?:{_WORD}|of|de|van|the)){{0,5}}):\s+(?=\S)")


def named_speakers(texts: Sequence[str]) -> frozenset[str]:
    """The names before a colon that are speakers': of two words or more, in capitals, or there at least twice.

    One capitalised word that is there once ("Remember: …") is taken for a word of the sentence.
    """
    names = Counter(found[1] for text in texts if (found := _NAME.match(text)))
    return frozenset(
        name for name, times in names.items() if times > 1 or " " in name or (name.isupper() and len(name) > 1)
    )


def split_name(text: str, speakers: Collection[str]) -> tuple[str, str]:
    """A known speaker's name with its colon, and the words after it; an empty name when there is none."""
    found = _NAME.match(text)
    if found is None or found[1] not in speakers:
        return "", text
    return text[: found.end()].rstrip(), text[found.end() :]
