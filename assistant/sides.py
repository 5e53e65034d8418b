"""The two-sided overview of a force: what its assessments praise and what they are concerned about, by theme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.answer import Statement, Status
from assistant.arrangement import Aspect, Sides
from assistant.extract import compose
from assistant.finder import Finder
from assistant.judgements import Judged, Judgements
from assistant.phrasebook import load_phrasebook
from assistant.query.demand import lists_all
from assistant.query.question import Question
from assistant.query.scope import Holdings
from assistant.query.sided import asks_for_sides, leaves_the_force_open, themes_asked
from assistant.query.stated import Side
from assistant.query.themes import all_themes
from assistant.reasons import Outcome

MOST = 12  # sentences of one theme and side, where there are more than anyone reads


@dataclass(frozen=True, slots=True)
class _Placed:
    """A sentence in its place: under a theme's key, empty for none, and on a side."""

    theme: str
    side: Side
    judged: Judged


def two_sided(question: Question, judgements: Judgements, finder: Finder, holdings: Holdings) -> Outcome | None:
    """The overview a question asks for; None where it asks for none, or nothing is found to stand on a side.

    Where several forces are held and it names none, it is asked back.
    """
    if leaves_the_force_open(question, holdings) and not lists_all(question):
        return Outcome(Status.AMBIGUOUS)
    asked = themes_asked(question) if asks_for_sides(question, holdings) else None
    if asked is None:
        return None
    ids = finder.transcripts_in(question.scope.places)
    placed = [one for transcript_id in ids for one in _placed(judgements.of(transcript_id), asked)]
    shown = _in_order(placed)
    if not shown:
        return None
    stored = finder.held_as([one.judged.sentence for one in shown])
    statements, citations = compose(stored, finder.before(stored))
    most = load_phrasebook().say("sides.most", number=f"{MOST:,}")
    return Outcome(
        Status.ANSWERED,
        statements=statements,
        citations=citations,
        sides=_sides(shown, statements),
        notes=(most,) if len(shown) < len(placed) else (),
    )


def _placed(judged: Iterable[Judged], asked: frozenset[str]) -> list[_Placed]:
    """Each sentence that is on a side, once: under the theme it is most about among those asked for."""
    placed = []
    for one in judged:
        theme = next((theme for theme in (*one.themes, "") if theme in asked), None)
        if theme is not None and one.stated.side is not None:
            placed.append(_Placed(theme, one.stated.side, one))
    return placed


def _in_order(placed: Sequence[_Placed]) -> list[_Placed]:
    """By theme, then by side, then as they came; of many, those that name a term or give a grade are kept first."""
    themes = [*(theme.key for theme in all_themes()), ""]
    shown: list[_Placed] = []
    for theme in themes:
        for side in Side:
            here = [one for one in placed if (one.theme, one.side) == (theme, side)]
            ranked = sorted(here, key=lambda one: not (one.judged.stated.term or one.judged.stated.grades))
            kept = {id(one) for one in ranked[:MOST]}
            shown += [one for one in here if id(one) in kept]
    return shown


def _sides(shown: Sequence[_Placed], statements: Sequence[Statement]) -> Sides:
    numbers: dict[str, dict[Side, list[int]]] = {}
    for one, statement in zip(shown, statements, strict=True):
        numbers.setdefault(one.theme, {side: [] for side in Side})[one.side] += statement.citations
    return Sides(themes=tuple(_aspect(theme, of_theme) for theme, of_theme in numbers.items()))


def _aspect(theme: str, numbers: Mapping[Side, Sequence[int]]) -> Aspect:
    name = next((one.name for one in all_themes() if one.key == theme), "")
    praise, concern, both = (tuple(numbers[side]) for side in (Side.PRAISE, Side.CONCERN, Side.BOTH))
    return Aspect(theme=name, praise=praise, concern=concern, both=both)
