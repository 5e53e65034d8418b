"""The tally: what an answer's quotations were drawn from, and the same in the fixed words that state it.

A count is of assessments and forces in which sentences were found. It is never a finding: those are the quotations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from assistant.answer import Citation
from assistant.answer_layout import Coverage, Group, Place, Row, Table
from assistant.messages import listed, load_messages
from assistant.question.scope import Corpus, Scope, ScopePart
from index.text.transcript import Metadata, Period

# The inspectorate graded in four grades up to PEEL 2020 and in five from PEEL 2021/22: adequate was added.
FIVE_GRADES_FROM = 2021


def sort_key(metadata: Metadata) -> tuple[str, int, int, str]:
    """The key that puts assessments in order of force, then of time."""
    return metadata.force, *_when(metadata.period), _label(metadata)


def coverage_of(citations: Sequence[Citation], scope: Scope, holdings: Corpus) -> Coverage:
    """The citations, which are in order of force and time, by force and period, and where nothing was found."""
    groups = tuple(
        Group(force=force, period=period, citations=tuple(citation.number for citation in run))
        for (force, period), run in groupby(citations, key=lambda one: (one.force, one.period))
    )
    found = {(group.force, group.period) for group in groups}
    looked_at = [holdings.transcripts[place] for place in scope.places or range(len(holdings.transcripts))]
    pairs = dict.fromkeys((one.force, _label(one)) for one in sorted(looked_at, key=sort_key))
    forces = tuple(dict.fromkeys(force for force, _ in pairs if force))
    return Coverage(
        groups=groups,
        nothing_found=tuple(
            Place(force=force, period=period) for force, period in pairs if (force, period) not in found
        ),
        held_forces=forces,
        not_held=_not_held(scope, holdings),
    )


def in_words(coverage: Coverage, scope: Scope, most: int) -> str:
    """How much of what was looked at something was found in, and where nothing was: the denominator.

    `most` is how many sentences of each force and period are shown; 0 where all are.
    """
    words = load_messages()
    if len(coverage.held_forces) > 1:
        empty, held, found = coverage.empty_forces, len(coverage.held_forces), len(coverage.found_forces)
        name = "coverage.forces_of_period" if scope.periods else "coverage.forces"
    else:
        empty = tuple(" ".join((one.force, one.period)).strip() for one in coverage.nothing_found)
        held, found = len(coverage.groups) + len(empty), len(coverage.groups)
        name = "coverage.assessments"
    said = [words.say(name, found=f"{found:,}", held=f"{held:,}", periods=listed(scope.periods))]
    if empty:
        said.append(words.say("coverage.nothing", number=f"{len(empty):,}", names=listed(empty)))
        said.append(words.say("coverage.meaning"))
    if coverage.not_held:
        said.append(words.say("coverage.not_held", number=f"{len(coverage.not_held):,}"))
    if most:
        said.append(words.say("coverage.most", number=f"{most:,}"))
    return " ".join(said)


def table_of(parts: Sequence[ScopePart], numbers: Sequence[Sequence[int]]) -> Table:
    """One row a part, in the order given, and the numbers of its citations."""
    return Table(
        rows=tuple(
            Row(force=part.force, period=part.period, citations=tuple(cell))
            for part, cell in zip(parts, numbers, strict=True)
        )
    )


def notes_on(periods: Iterable[Period | None]) -> tuple[str, ...]:
    """What has to be said beside quotations of these periods: that the grading scale changed between them."""
    years = [period for period in periods if period is not None]
    before = any(period.last < FIVE_GRADES_FROM for period in years)
    since = any(period.first >= FIVE_GRADES_FROM for period in years)
    return (load_messages().say("coverage.grades"),) if before and since else ()


def _not_held(scope: Scope, holdings: Corpus) -> tuple[str, ...]:
    """The territorial forces of which nothing of the periods asked for is held; none where no such force is held."""
    held = {one.force for one in holdings.transcripts if not scope.periods or _label(one) in scope.periods}
    gazetteer = holdings.gazetteer
    known = sorted(force.name for force in gazetteer.forces if gazetteer.kind(force.name) == "territorial")
    if scope.forces or not any(force in holdings.by_force for force in known):
        return ()
    return tuple(force for force in known if force not in held)


def _label(metadata: Metadata) -> str:
    return metadata.period.label if metadata.period else ""


def _when(period: Period | None) -> tuple[int, int]:
    return (period.first, period.last) if period else (0, 0)
