"""Web addresses: which texts are kept and linked to as one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST = 2000  # characters
_NEVER = re.compile(r"[\s<>\"\\^`{|}]")


def is_web_address(text: str) -> bool:
    """Whether a text is an http or https address as a whole, of no more than `LONGEST` characters."""
    if len(text) > LONGEST or not text.isprintable() or _NEVER.search(text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:  # a bracket that is not closed
        return False


def page_of(address: str) -> str:
    """What two addresses of one page have in common: no scheme, no fragment, no slash at the end."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{query}"
