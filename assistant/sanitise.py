"""Characters that a terminal would obey, a file format cannot hold, or a reader could not see, kept from doing harm."""

from __future__ import annotations

import re
import unicodedata

from index.text.normalise import clean

REPLACEMENT = "\ufffd"
# Escape sequences in a source would be obeyed by the terminal.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Controls but tab, LF, CR and NEL (obeyed by terminals, and all but DEL and C1 outside XML 1.0's Char, section 2.2),
# lone surrogates, and the two noncharacters XML leaves out.
_UNCARRIED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Embeddings, overrides and isolates of the Unicode Bidirectional Algorithm (UAX #9, section 2).
DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


def plain(text: str) -> str:
    """Text on one line, without control characters."""
    return _CONTROL.sub(REPLACEMENT, " ".join(text.split()))


def carried(text: str) -> str:
    """Text as every format people take away can carry it: white space is kept, other control characters become U+FFFD.

    Applying it again changes nothing. It is the text itself wherever the source holds nothing but text.
    """
    return _UNCARRIED.sub(REPLACEMENT, text)


def directed(text: str) -> str:
    """Text to stand among other words: what it says of writing direction stops at its ends."""
    return f"{_ISOLATE}{text}{_END_ISOLATE}" if DIRECTION_CONTROLS & set(text) else text


def seen(text: str) -> str:
    """A text with nothing in it that a reader would not see, on one line: what a chat model is shown of it.

    Compatibility forms are folded as for searching; controls, format characters, private use, lone surrogates and
    unassigned characters (Unicode's general category C) are left out.
    """
    return "".join(one for one in clean(text) if not unicodedata.category(one).startswith("C"))
