"""Timed text of the library."""

from __future__ import annotations

from collections.abc import Iterator

from tests.index.made.case import Case, title_of
from tests.index.made.pages import COST, GOOD, SLOW, SUPERVISORS


def timed() -> Iterator[Case]:
    """WebVTT and SubRip."""

    def at(hour: int, minute: int, second: int, *kinds: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        return (("time", f"{hour:02}:{minute:02}:{second:02}"), *kinds)

    ada, ben = ("speaker", "Ada Marlowe"), ("speaker", "Ben Hale")
    yield Case(
        "voices.vtt",
        f"WEBVTT - {title_of(0)}\n\nNOTE checked by hand\n\nSTYLE\n::cue {{}}\n\n1\n00:01.000 --> 00:04.000\n<v Ada Marlowe>The force is "
        f"good\n\n00:04.000 --> 00:06.000 align:start\n<v Ada Marlowe>at <i>preventing</i> crime. {SUPERVISORS}\n\n"
        f"01:03:21.500 --> 01:03:24.000\n<v.loud Ben Hale>{SLOW}</v>\n\n01:04:00.000 --> 01:04:02.000\n{COST}\n".encode(),
        (GOOD, SUPERVISORS, SLOW, COST),
        notes=("Comment left out: “checked by hand”",),
        title=title_of(0),
        others=(title_of(0), "Ada Marlowe", "Ben Hale"),
        places=(
            (GOOD, at(0, 0, 1, ada)),
            (SUPERVISORS, at(0, 0, 4, ada)),
            (SLOW, at(1, 3, 21, ben)),
            (COST, at(1, 4, 0)),
        ),
    )
    yield Case(
        "names.vtt",
        f"WEBVTT\n\n00:00.000 --> 00:02.000\nAda Marlowe: {GOOD}\n\n00:02.000 --> 00:05.000\nHowever, it answers\n\n"
        f"00:05.000 --> 00:07.000\n999 calls too slowly.\n\n00:07.000 --> 00:09.000\nBen Hale: {SUPERVISORS}\n".encode(),
        (GOOD, SLOW, SUPERVISORS),
        others=("Ada Marlowe:", "Ben Hale:"),
        places=((GOOD, at(0, 0, 0, ada)), (SLOW, at(0, 0, 2, ada)), (SUPERVISORS, at(0, 0, 7, ben))),
    )
    yield Case(
        "remember.vtt",
        f"WEBVTT\n\n00:00.000 --> 00:02.000\nRemember: it is good &amp; kind.\n\n00:09.000 --> 00:12.000\n{SLOW}\n".encode(),
        ("Remember: it is good & kind.", SLOW),
        others=(),
    )
    yield Case(
        "broken.vtt",
        f"WEBVTT\n\n00:00.000 --> 00:02.000\n{GOOD}\n\nThis has no time at all.\n\n00:05.000 --> 00:03.000\n{SLOW}\n".encode(),
        (GOOD, SLOW),
        notes=("Line 6: no cue, left out: “This has no time at all.”", "Line 8: the cue ends before it begins."),
        absent=("no time",),
    )
    srt = "1\r\n00:00:01,000 --> 00:00:04,000\r\nThe force is good\r\nat preventing crime.\r\n\r\n2\r\n00:03:21,000 --> 00:03:24,500\r\n"
    yield Case("plain.srt", f"{srt}<i>{COST}</i> {{\\an8}}{SLOW}\r\n".encode(), (GOOD, COST, SLOW),
               places=((GOOD, at(0, 0, 1)), (SLOW, at(0, 3, 21))))  # fmt: skip
    yield Case("windows.srt", f"{srt}{COST}\r\n".encode("cp1252"), (GOOD, COST))
    yield Case("capitals.srt", f"{srt}INTERVIEWER: {SLOW}\r\n".encode(), (GOOD, SLOW), others=("INTERVIEWER:",))
    yield Case("wide.srt", b"\xff\xfe" + f"{srt}{COST}\r\n".encode("utf-16-le"), (GOOD, COST))
