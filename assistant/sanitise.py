"""Removes or replaces characters that control a terminal, break a file format or are invisible to a reader."""

from __future__ import annotations

import re
import unicodedata

from index.text.words import clean

REPLACEMENT = "\ufffd"
# C0 and C1 controls: a terminal would execute escape sequences in them.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Controls except tab, LF, CR and NEL (terminals execute them, and XML 1.0's Char, section 2.2, excludes all of them but
# DEL and C1), lone surrogates, and the two noncharacters that XML excludes.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Embeddings, overrides and isolates of the Unicode Bidirectional Algorithm (UAX #9, section 2).
DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FIRST_STRONG_ISOLATE, _POP_DIRECTIONAL_ISOLATE = "\u2068", "\u2069"


def one_line(text: str) -> str:
    """Returns the text on one line, with each control character replaced by U+FFFD."""
    return _CONTROLS.sub(REPLACEMENT, " ".join(text.split()))


def printable(text: str) -> str:
    """Replaces by U+FFFD the characters that some export format cannot contain. Keeps white space.

    Idempotent. Text without such characters is returned unchanged.
    """
    return _UNPRINTABLE.sub(REPLACEMENT, text)


def isolate(text: str) -> str:
    """Isolates text that has direction controls, so that they do not affect the text around it."""
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_DIRECTIONAL_ISOLATE}" if DIRECTION_CONTROLS & set(text) else text


def visible(text: str) -> str:
    """Returns the visible text on one line, as a chat model receives it.

    Folds compatibility forms as for searching, and removes controls, format characters, private use, lone surrogates
    and unassigned characters (Unicode's general category C).
    """
    return "".join(character for character in clean(text) if not unicodedata.category(character).startswith("C"))
