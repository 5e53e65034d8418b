"""Breadth: in an answer that is not about one force, no force crowds out the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

OF_ONE_FORCE = 3  # sentences of one force, from which the place of one more is offered to another force first
GOOD_ENOUGH = 0.5  # share of its chance that another force's sentence must have to take its place
UNNAMED = -1  # the number of no force: such sentences are never capped


def spread(places: Sequence[int], chance: NDArray[np.float32], force: NDArray[np.int64]) -> list[int]:
    """As many places as were chosen: a force's further ones give way to good ones of others, or else stay.

    `chance` and `force` are of shape (n,); `places` are chosen among the n.
    """
    first: list[int] = []
    over: list[int] = []
    counted = Counter[int]()
    for place in sorted(places, key=lambda place: (-float(chance[place]), place)):
        number = int(force[place])
        counted[number] += 1
        (over if number != UNNAMED and counted[number] > OF_ONE_FORCE else first).append(place)
    kept = Counter(int(force[place]) for place in first)
    for place in reversed(over):  # the second pass: the weakest gives way first
        others = [
            other
            for other in np.flatnonzero(chance >= GOOD_ENOUGH * chance[place]).tolist()
            if other not in first and kept[int(force[other])] < OF_ONE_FORCE and chance[other] > 0
        ]
        taken = max(others, key=lambda other: (float(chance[other]), -other), default=place)
        first.append(taken)
        kept[int(force[taken])] += 1
    return first
