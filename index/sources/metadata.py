"""What a transcript says of itself: force, period, programme, kind, inspector, dates, address and licence.

Read, never guessed.

Web addresses: which texts are kept and linked to as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from index.sources.dates import find_periods
from index.sources.gazetteer import SPELLING, ForceMention, Gazetteer
from index.text.lexicon import MONTH_ABBREVIATIONS, MONTHS, alternatives
from index.text.transcript import Block, Metadata, Period, Role

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


_LINE = r"(?:\A|[\n\r])\s*"  # where a line begins
_MONTH = f"(?:{alternatives([*MONTHS, *MONTH_ABBREVIATIONS])})"  # for patterns that ignore case
_DATE = (
    rf"(?:on\s+)?(?P<date>(?:[0-9]{{1,2}}(?:st|nd|rd|th)?\s+)?{_MONTH}\s+[0-9]{{4}}"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})"
)
_UPDATED = (
    re.compile(rf"\blast\s+updated:?\s+{_DATE}", re.IGNORECASE),
    re.compile(rf"\b(?:page|assessment|report|transcript)\s+was\s+updated\s+{_DATE}", re.IGNORECASE),
    re.compile(rf"{_LINE}Updated:?\s+{_DATE}", re.IGNORECASE),
)
_PUBLISHED = (
    re.compile(rf"\b(?:page|assessment|report|transcript)\s+was\s+published\s+{_DATE}", re.IGNORECASE),
    re.compile(rf"{_LINE}(?:Published|(?:Publication\s+)?Date(?:\s+published)?):?\s+{_DATE}", re.IGNORECASE),
)
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
_IN_A_DATE = re.compile(rf"(?:{_MONTH}\s+|[0-9]/)$", re.IGNORECASE)

_SEPARATOR = re.compile(r"\s+[–—|-]\s+|\s*[—|]\s*|:\s+")
_PROGRAMME = re.compile(r"\bPEEL\b")
_STATED_PROGRAMME = re.compile(rf"{_LINE}(?:Inspection\s+)?Programme:[^\S\n\r]*(?P<stated>[^\n\r]{{1,80}})")
_STATED_PERIOD = re.compile(rf"{_LINE}(?:Inspection\s+|Assessment\s+)?Period:(?P<stated>[^\n\r]+)", re.IGNORECASE)
_STATED_PEEL = re.compile(
    r"\bThis\s+(?:is\s+(?:the|our|my)\s+)?(?P<stated>PEEL\s+\S{4,9})\s+(?:assessment|inspection|report)"
)

_UPPER = "A-ZÀ-ÖØ-ÞĀĆČĎĐĒĘĚĞĪŁŃŇŌŐŘŚŞŠŢŤŪŮŰŹŻŽ"
_WORD = rf"[{_UPPER}][^\W\d_]*(?:['’-][^\W\d_]{{2,}})*"
_PERSON = (
    rf"(?P<name>(?:(?:Sir|Dame|Dr|Mr|Mrs|Ms)\.?\s+)?(?:{_WORD}|[{_UPPER}]\.)"
    rf"(?:\s+(?:{_WORD}|[{_UPPER}]\.|de|van|von|der|la|le|ap)){{0,3}}?\s+{_WORD})"
)
_RANK = r"(?:HMI|HM\s+Inspector|H(?:er|is)\s+Majesty['’]s\s+Inspector)(?:\s+of\s+Constabulary)?,?\s+"
_IN_TITLE = re.compile(rf"\b{_RANK}{_PERSON}(?=['’]s?(?!\w)|\s*[,–—|:-]|\Z)")
_RESPONSIBLE = re.compile(
    r"\b(?i:inspector\s+responsible|(?:responsible|lead)\s+inspector|inspector\s+for\s+the\s+force|the\s+inspector)"
    rf"(?:\s+(?:was|is)|:)\s+(?:{_RANK})?{_PERSON}(?=\s*(?:[.,;\n\r]|\Z))"
)
_RANKED = re.compile(rf"\b{_RANK}{_PERSON}(?=['’]s?(?!\w)|\s*[.,;:)]|\s+[a-z(–—-]|\s*\Z)")
_NO_PERSON = re.compile(
    r"\b(?:Probation|Prisons?|Constabulary|Police|Fire|Rescue|Inspectorate|Report|Assessment|PEEL)\b"
)

_BODY_NAME = re.compile(
    rf"(?P<name>(?:[{_UPPER}][\w'’-]*,?\s+(?:(?:and|&|upon|of|of\s+the)\s+)?)+?"
    r"(?:Police\s+Service|Police|Constabulary|Fire\s+and\s+Rescue\s+Service))\b"
)
_NOT_IN_A_NAME = re.compile(
    r"(?:\S+['’]s|An?|The|Our|My|PEEL|HMI|HMIC|HMICFRS|Transcript|Overall|Annual|Full|Final|Integrated|"
    r"(?:Inspection|Assessment|Report|Review|Summary|Transcript|Efficiency|Effectiveness|Legitimacy)(?:\s+(?:of|on|for))?"
    r"|of|on|for|and|&),?\s+"
)
# A place shares its name with its force: without one of these words anywhere, "Kent" is a place.
_POLICING = re.compile(r"\b(?:polic(?:e|ing)|constabulary|PEEL|HMIC(?:FRS)?|HMI|fire\s+and\s+rescue)\b", re.IGNORECASE)
_ABOUT = re.compile(
    r"\b(?:assessment|inspection|report|review|judgment|judgement)\s+(?:of|on|for)\s+(?:the\s+)?$", re.IGNORECASE
)


def describe(title: str, text: str, blocks: Sequence[Block], gazetteer: Gazetteer) -> Metadata:
    """Metadata from the title, and from statements in the text that are explicit ("The inspector responsible was…").

    What neither gives stays empty. A force or a period that only the body mentions is not what the text is about.
    """
    stated = [text[block.start : block.end] for block in blocks if block.role is not Role.MARKUP]
    about_policing = any(_found(_POLICING, [title, *stated]))
    return Metadata(
        force=_force(title, gazetteer) if about_policing else "",
        period=_period(title, stated),
        programme=_programme(title, stated),
        kind=_kind(title, gazetteer) if about_policing else "",
        inspector=_inspector(title, stated),
        updated=_first(_UPDATED, "date", stated),
        published=_first(_PUBLISHED, "date", stated),
        url=_url(stated),
        licence=_first(_STATED_LICENCE, "stated", stated),
    )


def _force(title: str, gazetteer: Gazetteer) -> str:
    """The one force a title is about: the only one it names, or the one of its first part, or "assessment of…"."""
    named = _names(title, gazetteer)
    if len(set(named.values())) > 1:
        first_part = (_SEPARATOR.search(title) or re.compile(r"\Z").search(title)).start()  # type: ignore[union-attr]
        subjects = {name for at, name in named.items() if _ABOUT.search(title, 0, at)}
        leading = {name for at, name in named.items() if at < first_part}
        return next((one.pop() for one in (subjects, leading) if len(one) == 1), "")
    return next(iter(named.values()), "")


def _names(title: str, gazetteer: Gazetteer) -> dict[int, str]:
    """Forces named in a title, by where: canonical if the gazetteer knows them, else as written.

    A longer name that the gazetteer does not know ("North Kent Police") is not the force within it.
    """
    written = dict(_written_names(title))
    known = [mention for mention in gazetteer.find(title) if len(mention.forces) == 1]
    if any(mention.how != SPELLING for mention in known):
        known = [mention for mention in known if mention.how != SPELLING]
    names = {mention.start: mention.forces[0] for mention in known if not _within(mention, written)}
    for start, name in written.items():
        canonical = gazetteer.canonical(name)
        inside = [m for m in known if start <= m.start < start + len(name)]
        if canonical is None and not any(m.how == SPELLING and m.start == start for m in inside):
            names[start] = name
    return dict(sorted(names.items()))


def _within(mention: ForceMention, written: dict[int, str]) -> bool:
    return mention.how != SPELLING and any(
        start < mention.start and mention.end <= start + len(name) for start, name in written.items()
    )


def _written_names(title: str) -> Iterator[tuple[int, str]]:
    """Capitalised words before "Police", "Constabulary" or a fire service's name."""
    for found in _BODY_NAME.finditer(title):
        start = found.start()
        while leading := _NOT_IN_A_NAME.match(title, start, found.end()):
            start = leading.end()
        name = " ".join(title[start : found.end()].split())
        if name.split()[0] not in ("Police", "Constabulary", "Fire"):
            yield start, name


def _period(title: str, stated: Iterable[str]) -> Period | None:
    """The one period of the title (that after "PEEL" if it names several), else the one the text states."""
    stated = list(stated)
    in_title = [m for m in find_periods(title) if not _IN_A_DATE.search(title, 0, m.start)]
    after_peel = [m for m in in_title if title[: m.start].rstrip().endswith("PEEL")]
    for periods in (
        {m.period for m in in_title},
        {m.period for m in after_peel},
        {m.period for f in _found(_STATED_PERIOD, stated) for m in find_periods(f["stated"])},
        {m.period for f in _found(_STATED_PEEL, stated) for m in find_periods(f["stated"])},
    ):
        if len(periods) == 1:
            return periods.pop()
    return None


def _programme(title: str, stated: Sequence[str]) -> str:
    if _PROGRAMME.search(title) or any(_found(_STATED_PEEL, stated)):
        return "PEEL"
    return next((found["stated"].strip() for found in _found(_STATED_PROGRAMME, stated)), "")


def _kind(title: str, gazetteer: Gazetteer) -> str:
    """The parts of a title that name no force, period or programme, if other parts do."""
    parts = [part.strip() for part in _SEPARATOR.split(title) if part.strip()]
    kinds = [
        part
        for part in parts
        if not (find_periods(part) or _PROGRAMME.search(part) or _names(part, gazetteer) or _IN_TITLE.search(part))
    ]
    return " – ".join(kinds) if len(kinds) < len(parts) else ""


def _inspector(title: str, stated: Sequence[str]) -> str:
    """The inspector of the title, else the one the text calls responsible, else the one it gives that rank."""
    for pattern, texts in ((_IN_TITLE, [title]), (_RESPONSIBLE, stated), (_RANKED, stated)):
        names = {" ".join(found["name"].split()) for found in _found(pattern, texts)}
        people = {name for name in names if not _NO_PERSON.search(name)}
        if people:
            return people.pop() if len(people) == 1 else ""
    return ""


def _url(stated: Sequence[str]) -> str:
    """The one address that the text says it was published at."""
    found = {found["stated"].rstrip(".,;)>") for found in _found(_STATED_URL, stated)}
    addresses = {one for one in found if is_web_address(one)}
    return addresses.pop() if len(addresses) == 1 else ""


def _first(patterns: Iterable[re.Pattern[str]], group: str, stated: Sequence[str]) -> str:
    """What the first of the patterns that is found anywhere says, its white space drawn together."""
    found = (found[group] for pattern in patterns for found in _found(pattern, stated))
    return next((said for text in found if (said := " ".join(text.split()))), "")


def _found(pattern: re.Pattern[str], texts: Iterable[str]) -> Iterator[re.Match[str]]:
    return (found for text in texts for found in pattern.finditer(text))
