"""Normalises text for embedding and matching. The result is never quoted: it is not what the source has."""

from __future__ import annotations

import re
import unicodedata

MARKDOWN_SUFFIXES = (".md", ".markdown")
_STRAIGHT = {
    ord(character): plain
    for characters, plain in (
        ("‘’‚‛′ʼ`´", "'"),
        ("“”„‟″«»", '"'),
        ("‐‑‒–—―−", "-"),
        ("⁄∕", "/"),
        ("…", "..."),
    )
    for character in characters
}
# Invisible: soft hyphen, zero-width and joining characters, directions, fillers, variation selectors, tags.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SPACE = re.compile(r"\s+")
MAX_MARKDOWN_CHARACTERS = 1_000
_MARKUP = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+[\"'][^\"']*[\"'])?\)", r"\1"),  # a link or picture with its address
        (r"!?\[([^\[\]]+)\]\[[^\[\]]*\]", r"\1"),  # a link by reference
        (r"<((?:https?|mailto):[^<>\s]*)>", r"\1"),
        (r"<!--.{0,300}?-->|</?[a-zA-Z][^<>]*>", " "),
        (r"(?<!`)(`+)(?!`)(.{1,300}?)(?<!`)\1(?!`)", r"\2"),
        (r"(?<!\\)(\*{1,3}|~~)(?=\S)(.{1,300}?)(?<=[^\s\\])\1", r"\2"),
        (r"(?<![\w\\])(_{1,3})(?=\S)(.{1,300}?)(?<=[^\s\\])\1(?!\w)", r"\2"),
        (r"(?<=\s)\|(?=\s)", " "),
        (r"\\([!-/:-@\[-`{-~])", r"\1"),
    )
)


def clean(text: str, *, markdown: bool = False) -> str:
    """Returns one form for all texts that read the same.

    The text is brought to NFKC with ligatures folded, invisible characters removed, quotation marks and dashes
    straightened, and white space collapsed. With `markdown`, emphasis, links and tags are reduced to their words,
    unless the text is longer than a sentence can be: the time for it grows faster than its length.
    """
    if markdown and len(text) <= MAX_MARKDOWN_CHARACTERS:
        for pattern, words in _MARKUP:
            text = pattern.sub(words, text)
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text).translate(_STRAIGHT)).translate(_STRAIGHT)
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", _INVISIBLE.sub("", plain))).strip()
