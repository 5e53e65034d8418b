"""Timed text of the library."""

from __future__ import annotations

from collections.abc import Iterator

from tests.index.made.case import Case, title_of
from tests.index.made.pages import COST, GOOD, SLOW, SUPERVISORS


def vtt(*blocks: str, header: str = "WEBVTT") -> bytes:
    """A WebVTT file of blocks, a blank line between them."""
    return "\n\n".join((header, *blocks, "")).encode()


def timed() -> Iterator[Case]:
    """WebVTT and SubRip."""
    ada, ben = ("speaker", "Ada Marlowe"), ("speaker", "Ben Hale")
    yield Case(
        "voices.vtt",
        vtt(
            "NOTE checked by hand",
            "STYLE\n::cue {}",
            "1\n00:01.000 --> 00:04.000\n<v Ada Marlowe>The force is good",
            f"00:04.000 --> 00:06.000 align:start\n<v Ada Marlowe>at <i>preventing</i> crime. {SUPERVISORS}",
            f"01:03:21.500 --> 01:03:24.000\n<v.loud Ben Hale>{SLOW}</v>",
            f"01:04:00.000 --> 01:04:02.000\n{COST}",
            header=f"WEBVTT - {title_of(0)}",
        ),
        (GOOD, SUPERVISORS, SLOW, COST),
        notes=("Comment left out: “checked by hand”",),
        title=title_of(0),
        others=(title_of(0), "Ada Marlowe", "Ben Hale"),
        places=(
            (GOOD, at("00:00:01", ada)),
            (SUPERVISORS, at("00:00:04", ada)),
            (SLOW, at("01:03:21", ben)),
            (COST, at("01:04:00")),
        ),
    )
    yield Case(
        "names.vtt",
        vtt(
            f"00:00.000 --> 00:02.000\nAda Marlowe: {GOOD}",
            "00:02.000 --> 00:05.000\nHowever, it answers",
            "00:05.000 --> 00:07.000\n999 calls too slowly.",
            f"00:07.000 --> 00:09.000\nBen Hale: {SUPERVISORS}",
        ),
        (GOOD, SLOW, SUPERVISORS),
        others=("Ada Marlowe:", "Ben Hale:"),
        places=((GOOD, at("00:00:00", ada)), (SLOW, at("00:00:02", ada)), (SUPERVISORS, at("00:00:07", ben))),
    )
    yield Case(
        "remember.vtt",
        vtt("00:00.000 --> 00:02.000\nRemember: it is good &amp; kind.", f"00:09.000 --> 00:12.000\n{SLOW}"),
        ("Remember: it is good & kind.", SLOW),
    )
    yield Case(
        "broken.vtt",
        vtt(f"00:00.000 --> 00:02.000\n{GOOD}", "This has no time at all.", f"00:05.000 --> 00:03.000\n{SLOW}"),
        (GOOD, SLOW),
        notes=("Line 6: no cue, left out: “This has no time at all.”", "Line 8: the cue ends before it begins."),
        absent=("no time",),
    )
    first = "1\r\n00:00:01,000 --> 00:00:04,000\r\nThe force is good\r\nat preventing crime.\r\n\r\n"
    srt = first + "2\r\n00:03:21,000 --> 00:03:24,500\r\n"
    yield Case(
        "plain.srt",
        f"{srt}<i>{COST}</i> {{\\an8}}{SLOW}\r\n".encode(),
        (GOOD, COST, SLOW),
        places=((GOOD, at("00:00:01")), (SLOW, at("00:03:21"))),
    )
    yield Case("windows.srt", f"{srt}{COST}\r\n".encode("cp1252"), (GOOD, COST))
    yield Case("capitals.srt", f"{srt}INTERVIEWER: {SLOW}\r\n".encode(), (GOOD, SLOW), others=("INTERVIEWER:",))
    yield Case("wide.srt", b"\xff\xfe" + f"{srt}{COST}\r\n".encode("utf-16-le"), (GOOD, COST))


def at(clock: str, *others: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The locators of a place at a time."""
    return (("time", clock), *others)
