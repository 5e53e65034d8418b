"""Letters put together: stretches of one line without a gap, and rows of stretches on one base line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from index.readers.letters import Letter

GAP = 1.4  # font sizes between two letters of a line, at which a stretch ends: between columns, or cells
ON_LINE = 0.3  # font sizes that two base lines may differ by
_BACK = 0.5
_RAISED = (0.1, 0.8)  # font sizes that a superscript stands above its line
_SMALLER = 0.85
_MARKS = frozenset("0123456789*†‡§,")


@dataclass(slots=True)
class Stretch:
    """Letters of one line without a gap. `marks` are the footnote marks left out of its text."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    page: int
    marks: list[str] = field(default_factory=list)
    last: float = 0.0  # where its last letter begins

    def add(self, letter: Letter) -> None:
        """Put a letter at its end."""
        self.text += (" " if letter.spaced else "") + letter.char
        self.x1 = max(self.x1, letter.x1)
        self.last = letter.x0


def stretches_of(letters: Iterable[Letter], page: int) -> list[Stretch]:
    """The stretches of a page, in the order they were drawn. Raised figures after a word are footnote marks."""
    found: list[Stretch] = []
    marking = False
    for letter in letters:
        last = found[-1] if found else None
        if last is not None and letter.char in _MARKS and _is_raised(last, letter):
            last.marks[len(last.marks) - marking :] = [(last.marks[-1] if marking else "") + letter.char]
            last.x1 = max(last.x1, letter.x1)
            marking = True
            continue
        marking = False
        if last is not None and (_is_raised(last, letter) or _goes_on(last, letter)):
            last.add(letter)
        else:
            found.append(Stretch(letter.char, letter.x0, letter.x1, letter.y, letter.size, page, last=letter.x0))
    return found


def rows_of(stretches: Iterable[Stretch]) -> list[list[Stretch]]:
    """Stretches that stand on one base line, from left to right; the rows from the top down."""
    rows: list[list[Stretch]] = []
    for stretch in sorted(stretches, key=lambda one: (-one.y, one.x0)):
        if rows and abs(rows[-1][0].y - stretch.y) <= ON_LINE * max(rows[-1][0].size, stretch.size):
            rows[-1].append(stretch)
        else:
            rows.append([stretch])
    return [sorted(row, key=lambda one: one.x0) for row in rows]


def row_text(row: Sequence[Stretch]) -> str:
    """The words of a row, a space between its stretches."""
    return " ".join(stretch.text for stretch in row)


def _goes_on(last: Stretch, letter: Letter) -> bool:
    size = max(last.size, letter.size)
    on_line = abs(last.y - letter.y) <= ON_LINE * size
    of_a_ligature = abs(letter.x0 - last.last) < 0.1  # its letters have one box
    return on_line and (of_a_ligature or -_BACK * size <= letter.x0 - last.x1 <= GAP * size)


def _is_raised(last: Stretch, letter: Letter) -> bool:
    low, high = _RAISED
    raised = low * last.size <= letter.y - last.y <= high * last.size
    near = -_BACK * last.size <= letter.x0 - last.x1 <= last.size / 3
    return raised and near and letter.size <= _SMALLER * last.size
