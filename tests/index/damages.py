"""Ways in which a file can be damaged."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

Damage = Callable[[Path, random.Random], None]


def truncate(path: Path, draw: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: draw.randrange(max(path.stat().st_size, 1))])


def empty(path: Path, draw: random.Random) -> None:
    path.write_bytes(b"")


def zero(path: Path, draw: random.Random) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def flip(path: Path, draw: random.Random) -> None:
    data = bytearray(path.read_bytes())
    place = draw.randrange(len(data))
    data[place] ^= 1 << draw.randrange(8)
    path.write_bytes(data)


def noise(path: Path, draw: random.Random) -> None:
    path.write_bytes(draw.randbytes(path.stat().st_size))


def remove(path: Path, draw: random.Random) -> None:
    path.unlink()


def lengthen(path: Path, draw: random.Random) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


DAMAGES: tuple[Damage, ...] = (flip, truncate, zero, remove, flip, empty, lengthen, noise)
