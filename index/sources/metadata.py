"""Extracts a transcript's metadata from its title, its cover and explicit statements in its text; nothing is inferred.

Also recognises web addresses, and addresses of the same page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from urllib.parse import urlsplit

from index.sources.cover import MONTH, NO_COVER, Cover, read_cover
from index.sources.dates import PeriodMention, find_periods, make_period
from index.sources.force_names import forces_named, unwrapped, written_names
from index.sources.gazetteer import Gazetteer
from index.sources.subject import SEPARATOR, inspector_of, names_inspector, subject_of
from index.text.transcript import Block, Metadata, Period, Role

MAX_ADDRESS_CHARACTERS = 2000
MAX_LINES_TO_DATE = 8  # from the title to the line with the date of publication
_NOT_IN_ADDRESS = re.compile(r"[\s<>\"\\^`{|}]")

_LINE = r"(?:\A|[\n\r])[^\S\n\r]*"  # the start of a line
_DAY_OF_WEEK = r"(?:(?:Mon|Tue|Tues|Wed|Wednes|Thu|Thurs|Fri|Sat|Satur|Sun)(?:day)?,?\s+)?"
_TIME_OF_RECORDING = r"(?:,?\s+[0-9:]+\s?[ap]m)?(?:\s*[•|·]\s*[0-9:]+)?"
_DATE = (
    rf"(?:on:?\s+)?{_DAY_OF_WEEK}(?P<date>(?:[0-9]{{1,2}}(?:st|nd|rd|th)?\s+)?{MONTH}\s+[0-9]{{4}}"
    rf"|{MONTH}\s+[0-9]{{1,2}},?\s+[0-9]{{4}}|[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}})(?![0-9/])"
)
_UPDATED = (
    re.compile(rf"\blast\s+updated:?\s+{_DATE}", re.IGNORECASE),
    re.compile(rf"\b(?:page|assessment|report|transcript)\s+was\s+updated\s+{_DATE}", re.IGNORECASE),
    re.compile(rf"{_LINE}Updated:?\s+{_DATE}", re.IGNORECASE),
)
_PUBLISHED = re.compile(
    rf"\bthis\s+(?:page|assessment|report|transcript|letter|inspection)\s+was\s+(?:first\s+)?published\s+{_DATE}",
    re.IGNORECASE,
)
_PUBLISHED_LINE = re.compile(
    rf"(?:(?:First\s+)?Published|Publication\s+date|Date\s+(?:published|of\s+publication)):?\s+{_DATE}", re.IGNORECASE
)
_RELEASED_LINE = re.compile(
    r"(?:For\s+immediate\s+release|Embargoed\s+until|Not\s+for\s+publication\s+before)[,:]?\s+"
    rf"(?:[0-9]{{1,2}}(?:[:.][0-9]{{2}}\s?(?:[ap]m)?|\s?[ap]m),?\s+)?{_DATE}",
    re.IGNORECASE,
)
_PUBLISHED_IN_TITLE = re.compile(rf"\bpublished:?\s+{_DATE}", re.IGNORECASE)
_DATED_LINE = re.compile(
    rf"(?:(?:Report\s+)?Dated?:?\s+|(?:Notes|Minutes)\s+of\s+.{{0,60}}?\bheld\s+)?{_DATE}{_TIME_OF_RECORDING}",
    re.IGNORECASE,
)
_DATE_IN_TITLE = re.compile(rf"(?<![0-9] )\b{_DATE}", re.IGNORECASE)
_OTHER_DATE_FOLLOWS = re.compile(r"\b(?:to|since|until|from|before|after|and|between)\s+$", re.IGNORECASE)
_STATED_URL = re.compile(
    rf"{_LINE}(?:URL|Web\s+(?:page|address)|Published\s+at):?[^\S\n\r]+(?P<stated>https?://\S+)", re.IGNORECASE
)
_STATED_LICENCE = (
    re.compile(rf"{_LINE}Licen[cs]e:[^\S\n\r]*(?P<stated>[^\n\r]{{1,120}})", re.IGNORECASE),
    re.compile(
        r"\blicensed\s+under\s+(?:the\s+terms\s+of\s+)?(?:the\s+)?"
        r"(?P<stated>Open\s+Government\s+Licence(?:,?\s+v(?:ersion)?\.?\s*[0-9](?:\.[0-9])?)?)"
    ),
)
# A year after one of these is that of a date, or of the quarter that a meeting is about.
_DATE_BEFORE_YEAR = re.compile(
    rf"(?:{MONTH}\s+(?:[0-9]{{1,2}},?\s+)?|[0-9]/|\b(?:quarter|Q)\s?[1-4](?:\s+of|,)?\s+)$", re.IGNORECASE
)

_PROGRAMME = re.compile(r"\bPEEL\b")
_STATED_PROGRAMME = re.compile(rf"{_LINE}(?:Inspection\s+)?Programme:[^\S\n\r]*(?P<stated>[^\n\r]{{1,80}})")
_STATED_PERIOD = re.compile(rf"{_LINE}(?:Inspection\s+|Assessment\s+)?Period:(?P<stated>[^\n\r]+)", re.IGNORECASE)
_STATED_PEEL = re.compile(
    r"\bThis\s+(?:is\s+(?:the|our|my)\s+)?(?P<stated>PEEL\s+\S{4,9})\s+(?:assessment|inspection|report)"
)
_STATED_ASSESSMENT = re.compile(
    r"\bThis\s+is\s+(?:the|our|my)\s+(?:[\w-]+\s+){0,3}?(?:PEEL\s+)?(?:assessment|inspection|report)\b[^.\n]{0,80}?"
    r"\bfor\s+(?P<stated>(?:19|20)[0-9]{2}\S{0,5})"
)

# Many places share their names with forces: "Kent" is taken for a force only if one of these words occurs somewhere.
_POLICING = re.compile(
    r"\b(?:polic(?:e|ing)|constabulary|PEEL|HMIC(?:FRS)?|HMI|HM\s+Inspector|fire\s+and\s+rescue)\b", re.IGNORECASE
)
_DAYS = rf"(?:[0-9]{{1,2}}(?:st|nd|rd|th)?\s+)?(?:{MONTH}\s+)?(?:[0-9]{{4}}\s+)?"
_RANGE = rf"(?P<stated>{_DAYS}(?:and|to|–|-)\s*(?:[0-9]{{1,2}}(?:st|nd|rd|th)?\s+)?{MONTH}\s+[0-9]{{4}})"
_FEW_WORDS = r"(?:(?!(?:who|whose|which|that|made|reports?|cases?|covering)\b)[\w'’-]+\s+){0,5}?"
_INSPECTED = (
    rf"(?:inspected|visited|carried\s+(?:it|this)\s+out|carried\s+out\s+{_FEW_WORDS}(?:inspection|fieldwork|visits?))"
)
_TIME_OF_YEAR = rf"(?:spring|summer|autumn|winter|{MONTH}(?:\s+and\s+{MONTH})?)"
_INSPECTION_DAYS = (
    re.compile(
        rf"\b(?:we|I|inspectors|my team|our team)\s+{_INSPECTED}\s+{_FEW_WORDS}(?:between|from)\s+{_RANGE}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:inspection|fieldwork|visit)\b,?\s+(?:which\s+)?(?:took\s+place|was\s+(?:carried\s+out|conducted|done))\s+"
        rf"(?:between|from)\s+{_RANGE}",
        re.IGNORECASE,
    ),
    # "Westmere Police, which we inspected in the early summer of 2021", but not "when we inspected in 2018"
    re.compile(
        r",\s+which\s+(?:we|I|inspectors|my team|our team)\s+(?:inspected|visited)\s+in\s+"
        rf"(?:the\s+)?(?:(?:early|late)\s+)?(?P<stated>{_TIME_OF_YEAR}\s+(?:of\s+)?[0-9]{{4}})\b",
        re.IGNORECASE,
    ),
)
_INSPECTION_DAYS_IN_TITLE = re.compile(
    rf"\b(?:inspection|visit)\b[^.\n]{{0,100}}?(?:,|:|–|-|from|between)\s+{_RANGE}", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_EARLIER = re.compile(r"\b(?:last|previous(?:ly)?|earlier|first)\b", re.IGNORECASE)


def is_web_address(text: str) -> bool:
    """Whether the whole of a text is an http or https address of at most `MAX_ADDRESS_CHARACTERS`."""
    if len(text) > MAX_ADDRESS_CHARACTERS or not text.isprintable() or _NOT_IN_ADDRESS.search(text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:  # a bracket that is not closed
        return False


def page_key(address: str) -> str:
    """Returns what all addresses of one page have in common: no scheme, "www.", fragment or slash at the end."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def extract_metadata(
    title: str, text: str, blocks: Sequence[Block], gazetteer: Gazetteer, *, has_own_title: bool = True
) -> Metadata:
    """Returns what the title, the cover and explicit statements say ("The inspector responsible was…").

    A field that none of them gives stays empty. A force or period that only the body of the text mentions is not taken
    for the subject of the text. Without `has_own_title`, the title is the file's name, and the text comes first.
    """
    stated = stated_in(text, blocks)
    cover = read_cover(text, blocks)
    own_title = title if has_own_title else ""
    published, dated = _published(own_title, cover, stated), _dated(own_title, cover)
    policing = about_policing(title, stated)
    return Metadata(
        force=force_of(title, cover, stated, gazetteer, has_own_title=has_own_title) if policing else "",
        period=_period(own_title, cover, stated) or (None if published else _period_in_title(title)),
        programme=_programme(title, stated),
        kind=_kind(title, gazetteer) if policing else "",
        inspector=inspector_of(title, cover, stated),
        updated=_first_match(_UPDATED, "date", stated),
        published=published,
        dated=dated if dated != published else "",
        url=_url(stated),
        licence=_first_match(_STATED_LICENCE, "stated", stated),
    )


def stated_in(text: str, blocks: Sequence[Block]) -> list[str]:
    """Returns the blocks of a text, without markup."""
    return [text[block.start : block.end] for block in blocks if block.role is not Role.MARKUP]


def about_policing(title: str, stated: Iterable[str]) -> bool:
    """Whether a source says anything of policing, so that the name of a place may stand for its force."""
    return any(_matches(_POLICING, [title, *stated]))


def force_of(
    title: str, cover: Cover, stated: Sequence[str], gazetteer: Gazetteer, *, has_own_title: bool = True
) -> str:
    """Returns the force that a source is about; that of its file's name only if its text gives none."""
    content = "\n\n".join(map(unwrapped, stated))
    force = subject_of(title if has_own_title else "", cover, content, gazetteer)
    return force if force or has_own_title else subject_of(title, NO_COVER, "", gazetteer)


def _period(title: str, cover: Cover, stated: Sequence[str]) -> Period | None:
    """Returns the one period of the title, else the one that the text states, else that of the days of inspection."""
    if period := _period_in_title(title):
        return period
    opening = [unwrapped(paragraph) for paragraph in cover.opening]
    for periods in (
        _periods_stated(_STATED_PERIOD, stated),
        _periods_stated(_STATED_PEEL, opening),
        _periods_stated(_STATED_ASSESSMENT, opening),
        _years_of_inspection([_INSPECTION_DAYS_IN_TITLE], [title]),
        _years_of_inspection(_INSPECTION_DAYS, opening),
    ):
        if periods:
            return periods.pop() if len(periods) == 1 else None
    return None


def _period_in_title(title: str) -> Period | None:
    """Returns the one period that a title names, or the whole of "2021/22 to 2022/23"; of several, that of the PEEL."""
    in_title = [mention for mention in find_periods(title) if not _DATE_BEFORE_YEAR.search(title, 0, mention.start)]
    if len(in_title) == 2 and title[in_title[0].end : in_title[1].start] == " to ":
        return make_period(in_title[0].period.first, in_title[1].period.last)
    after_peel = [mention for mention in in_title if title[: mention.start].rstrip().endswith("PEEL")]
    return _only(in_title) or _only(after_peel)


def _only(mentions: Sequence[PeriodMention]) -> Period | None:
    periods = {mention.period for mention in mentions}
    return periods.pop() if len(periods) == 1 else None


def _periods_stated(pattern: re.Pattern[str], stated: Sequence[str]) -> set[Period]:
    return {mention.period for match in _matches(pattern, stated) for mention in find_periods(match["stated"])}


def _years_of_inspection(patterns: Iterable[re.Pattern[str]], texts: Sequence[str]) -> set[Period]:
    """Returns the years in which the texts say that the inspection took place, as periods."""
    found = set()
    for pattern in patterns:
        for match in _matches(pattern, texts):
            years = [int(year) for year in _YEAR.findall(match["stated"])]
            if not _EARLIER.search(match.group()):
                found.add(make_period(min(years), max(years)))
    return found


def _published(title: str, cover: Cover, stated: Sequence[str]) -> str:
    """Returns the date of publication that the title, a line below it, or a statement about this text gives."""
    below_title = (match for line in cover.below_title[:MAX_LINES_TO_DATE] if (match := _PUBLISHED_LINE.match(line)))
    released = (match for line in cover.lines if (match := _RELEASED_LINE.match(line)))
    found = chain(_PUBLISHED_IN_TITLE.finditer(title), below_title, released, _matches(_PUBLISHED, stated))
    return next((" ".join(match["date"].split()) for match in found), "")


def _dated(title: str, cover: Cover) -> str:
    """Returns the date that a letter, or the title of a meeting or a talk, bears; empty if there are several."""
    matches = (
        match for match in _DATE_IN_TITLE.finditer(title) if not _OTHER_DATE_FOLLOWS.search(title, 0, match.start())
    )
    in_title = {" ".join(match["date"].split()) for match in matches}
    on_lines = {match["date"] for line in cover.lines if (match := _DATED_LINE.fullmatch(line))}
    for dates in (on_lines, in_title):
        if dates:
            return dates.pop() if len(dates) == 1 else ""
    return ""


def _programme(title: str, stated: Sequence[str]) -> str:
    if _PROGRAMME.search(title) or any(_matches(_STATED_PEEL, stated)):
        return "PEEL"
    return next((match["stated"].strip() for match in _matches(_STATED_PROGRAMME, stated)), "")


def _kind(title: str, gazetteer: Gazetteer) -> str:
    """Returns the parts of a title that name no force, period, programme or inspector, if any part does."""
    parts = [part.strip() for part in SEPARATOR.split(title) if part.strip()]
    kinds = [part for part in parts if not _names_subject(part, gazetteer)]
    return " – ".join(kinds) if len(kinds) < len(parts) else ""


def _names_subject(part: str, gazetteer: Gazetteer) -> bool:
    return bool(
        find_periods(part)
        or _PROGRAMME.search(part)
        or forces_named(part, gazetteer)
        or any(written_names(part))
        or names_inspector(part)
    )


def _url(stated: Sequence[str]) -> str:
    """Returns the one address at which the text says it was published."""
    found = {match["stated"].rstrip(".,;)>") for match in _matches(_STATED_URL, stated)}
    addresses = {address for address in found if is_web_address(address)}
    return addresses.pop() if len(addresses) == 1 else ""


def _first_match(patterns: Iterable[re.Pattern[str]], group: str, stated: Sequence[str]) -> str:
    """Returns the group of the first match that is not empty, with white space collapsed; patterns in their order."""
    matches = (" ".join(match[group].split()) for pattern in patterns for match in _matches(pattern, stated))
    return next(filter(None, matches), "")


def _matches(pattern: re.Pattern[str], texts: Iterable[str]) -> Iterator[re.Match[str]]:
    return (match for text in texts for match in pattern.finditer(text))
