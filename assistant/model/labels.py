"""Opaque labels: what a chat model calls sentences by. Drawn anew for each question, so that no source can name one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

LETTERS = "bcdfghjkmnpqrstvwxz"  # without vowels they make no word
LENGTH = 6


def draw_labels(count: int, texts: Sequence[str], choice: Callable[[str], str] = secrets.choice) -> tuple[str, ...]:
    """`count` different labels, none of which stands anywhere in `texts`. `choice` takes one letter of several."""
    present = "\n".join(texts).lower()
    labels: dict[str, None] = {}
    while len(labels) < count:
        label = "".join(choice(LETTERS) for _ in range(LENGTH))
        if label not in present:
            labels[label] = None
    return tuple(labels)
