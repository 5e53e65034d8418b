"""Extracts a transcript's metadata from its title and from explicit statements in its text; nothing is inferred.

Also recognises web addresses, and addresses of the same page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from index.sources.dates import find_periods
from index.sources.gazetteer import ForceMention, Gazetteer, NameMatch
from index.text.lexicon import MONTH_ABBREVIATIONS, MONTHS, alternatives
from index.text.transcript import Block, Metadata, Period, Role

MAX_ADDRESS_CHARACTERS = 2000
_NOT_IN_ADDRESS = re.compile(r"[\s<>\"\\^`{|}]")

_LINE = r"(?:\A|[\n\r])\s*"  # the start of a line
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
_DATE_BEFORE_YEAR = re.compile(rf"(?:{_MONTH}\s+|[0-9]/)$", re.IGNORECASE)

_SEPARATOR = re.compile(r"\s+[–—|-]\s+|\s*[—|]\s*|:\s+")
_PROGRAMME = re.compile(r"\bPEEL\b")
_STATED_PROGRAMME = re.compile(rf"{_LINE}(?:Inspection\s+)?Programme:[^\S\n\r]*(?P<stated>[^\n\r]{{1,80}})")
_STATED_PERIOD = re.compile(rf"{_LINE}(?:Inspection\s+|Assessment\s+)?Period:(?P<stated>[^\n\r]+)", re.IGNORECASE)
_STATED_PEEL = re.compile(
    r"\bThis\s+(?:is\s+(?:the|our|my)\s+)?(?P<stated>PEEL\s+\S{4,9})\s+(?:assessment|inspection|report)"
)

_UPPER = "A-ZÀ-ÖØ-ÞĀĆČĎĐĒĘĚĞĪŁŃŇŌŐŘŚŞŠŢŤŪŮŰŹŻŽ"
_NAME_WORD = rf"[{_UPPER}][^\W\d_]*(?:['’-][^\W\d_]{{2,}})*"
_PERSON = (
    rf"(?P<name>(?:(?:Sir|Dame|Dr|Mr|Mrs|Ms)\.?\s+)?(?:{_NAME_WORD}|[{_UPPER}]\.)"
    rf"(?:\s+(?:{_NAME_WORD}|[{_UPPER}]\.|de|van|von|der|la|le|ap)){{0,3}}?\s+{_NAME_WORD})"
)
_RANK = r"(?:HMI|HM\s+Inspector|H(?:er|is)\s+Majesty['’]s\s+Inspector)(?:\s+of\s+Constabulary)?,?\s+"
_INSPECTOR_IN_TITLE = re.compile(rf"\b{_RANK}{_PERSON}(?=['’]s?(?!\w)|\s*[,–—|:-]|\Z)")
_RESPONSIBLE_INSPECTOR = re.compile(
    r"\b(?i:inspector\s+responsible|(?:responsible|lead)\s+inspector|inspector\s+for\s+the\s+force|the\s+inspector)"
    rf"(?:\s+(?:was|is)|:)\s+(?:{_RANK})?{_PERSON}(?=\s*(?:[.,;\n\r]|\Z))"
)
_RANKED_INSPECTOR = re.compile(rf"\b{_RANK}{_PERSON}(?=['’]s?(?!\w)|\s*[.,;:)]|\s+[a-z(–—-]|\s*\Z)")
_NOT_A_PERSON = re.compile(
    r"\b(?:Probation|Prisons?|Constabulary|Police|Fire|Rescue|Inspectorate|Report|Assessment|PEEL)\b"
)

_BODY_NAME = re.compile(
    rf"(?P<name>(?:[{_UPPER}][\w'’-]*,?\s+(?:(?:and|&|upon|of|of\s+the)\s+)?)+?"
    r"(?:Police\s+Service|Police|Constabulary|Fire\s+and\s+Rescue\s+Service))\b"
)
_NOT_PART_OF_NAME = re.compile(
    r"(?:\S+['’]s|An?|The|Our|My|PEEL|HMI|HMIC|HMICFRS|Transcript|Overall|Annual|Full|Final|Integrated|"
    r"(?:Inspection|Assessment|Report|Review|Summary|Transcript|Efficiency|Effectiveness|Legitimacy)(?:\s+(?:of|on|for))?"
    r"|of|on|for|and|&),?\s+"
)
# Many places share their names with forces: "Kent" is taken for a force only if one of these words occurs somewhere.
_POLICING = re.compile(r"\b(?:polic(?:e|ing)|constabulary|PEEL|HMIC(?:FRS)?|HMI|fire\s+and\s+rescue)\b", re.IGNORECASE)
_SUBJECT_FOLLOWS = re.compile(
    r"\b(?:assessment|inspection|report|review|judgment|judgement)\s+(?:of|on|for)\s+(?:the\s+)?$", re.IGNORECASE
)


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


def extract_metadata(title: str, text: str, blocks: Sequence[Block], gazetteer: Gazetteer) -> Metadata:
    """Returns what the title says, and what the text states explicitly ("The inspector responsible was…").

    A field that neither gives stays empty. A force or period that only the body of the text mentions is not taken for
    the subject of the text.
    """
    stated = [text[block.start : block.end] for block in blocks if block.role is not Role.MARKUP]
    about_policing = any(_matches(_POLICING, [title, *stated]))
    return Metadata(
        force=_force(title, gazetteer) if about_policing else "",
        period=_period(title, stated),
        programme=_programme(title, stated),
        kind=_kind(title, gazetteer) if about_policing else "",
        inspector=_inspector(title, stated),
        updated=_first_match(_UPDATED, "date", stated),
        published=_first_match(_PUBLISHED, "date", stated),
        url=_url(stated),
        licence=_first_match(_STATED_LICENCE, "stated", stated),
    )


def _force(title: str, gazetteer: Gazetteer) -> str:
    """Returns the one force that a title is about.

    It is the only force named, or the one named after "assessment of", or the only one in the title's first part.
    """
    named = _forces_named(title, gazetteer)
    if len(set(named.values())) <= 1:
        return next(iter(named.values()), "")
    separator = _SEPARATOR.search(title)
    first_part = separator.start() if separator else len(title)
    subjects = {name for at, name in named.items() if _SUBJECT_FOLLOWS.search(title, 0, at)}
    leading = {name for at, name in named.items() if at < first_part}
    return next((forces.pop() for forces in (subjects, leading) if len(forces) == 1), "")


def _forces_named(title: str, gazetteer: Gazetteer) -> dict[int, str]:
    """Returns the forces named in a title by position: the canonical name if the gazetteer knows it, else as written.

    A longer name that the gazetteer does not know ("North Kent Police") is not the force within it.
    """
    written = dict(_written_names(title))
    mentions = _unambiguous_mentions(title, gazetteer)
    names = {mention.start: mention.forces[0] for mention in mentions if not _is_part_of_longer(mention, written)}
    names |= {
        start: name
        for start, name in written.items()
        if gazetteer.canonical(name) is None and not _is_misspelt(start, mentions)
    }
    return dict(sorted(names.items()))


def _unambiguous_mentions(title: str, gazetteer: Gazetteer) -> list[ForceMention]:
    """Returns the mentions of one force; misspelt ones only where there are no others."""
    mentions = [mention for mention in gazetteer.find(title) if len(mention.forces) == 1]
    well_spelt = [mention for mention in mentions if mention.match is not NameMatch.SPELLING]
    return well_spelt or mentions


def _is_part_of_longer(mention: ForceMention, written: dict[int, str]) -> bool:
    return mention.match is not NameMatch.SPELLING and any(
        start < mention.start and mention.end <= start + len(name) for start, name in written.items()
    )


def _is_misspelt(start: int, mentions: Sequence[ForceMention]) -> bool:
    """Whether the name written at `start` begins with a mention that the gazetteer found to be misspelt."""
    return any(mention.start == start and mention.match is NameMatch.SPELLING for mention in mentions)


def _written_names(title: str) -> Iterator[tuple[int, str]]:
    """Yields the position and text of each name of a force or fire service: capitalised words before "Police" etc."""
    for found in _BODY_NAME.finditer(title):
        start = found.start()
        while leading := _NOT_PART_OF_NAME.match(title, start, found.end()):
            start = leading.end()
        name = " ".join(title[start : found.end()].split())
        if name.split()[0] not in ("Police", "Constabulary", "Fire"):
            yield start, name


def _period(title: str, stated: Sequence[str]) -> Period | None:
    """Returns the one period of the title (that after "PEEL" if there are several), else the one the text states."""
    in_title = [mention for mention in find_periods(title) if not _DATE_BEFORE_YEAR.search(title, 0, mention.start)]
    after_peel = [mention for mention in in_title if title[: mention.start].rstrip().endswith("PEEL")]
    for periods in (
        {mention.period for mention in in_title},
        {mention.period for mention in after_peel},
        _periods_stated(_STATED_PERIOD, stated),
        _periods_stated(_STATED_PEEL, stated),
    ):
        if len(periods) == 1:
            return periods.pop()
    return None


def _periods_stated(pattern: re.Pattern[str], stated: Sequence[str]) -> set[Period]:
    return {mention.period for match in _matches(pattern, stated) for mention in find_periods(match["stated"])}


def _programme(title: str, stated: Sequence[str]) -> str:
    if _PROGRAMME.search(title) or any(_matches(_STATED_PEEL, stated)):
        return "PEEL"
    return next((match["stated"].strip() for match in _matches(_STATED_PROGRAMME, stated)), "")


def _kind(title: str, gazetteer: Gazetteer) -> str:
    """Returns the parts of a title that name no force, period, programme or inspector, if any part does."""
    parts = [part.strip() for part in _SEPARATOR.split(title) if part.strip()]
    kinds = [part for part in parts if not _names_subject(part, gazetteer)]
    return " – ".join(kinds) if len(kinds) < len(parts) else ""


def _names_subject(part: str, gazetteer: Gazetteer) -> bool:
    return bool(
        find_periods(part)
        or _PROGRAMME.search(part)
        or _forces_named(part, gazetteer)
        or _INSPECTOR_IN_TITLE.search(part)
    )


def _inspector(title: str, stated: Sequence[str]) -> str:
    """Returns the inspector that the title names, else the one called responsible, else the one given the rank."""
    for pattern, texts in (
        (_INSPECTOR_IN_TITLE, [title]),
        (_RESPONSIBLE_INSPECTOR, stated),
        (_RANKED_INSPECTOR, stated),
    ):
        names = {" ".join(match["name"].split()) for match in _matches(pattern, texts)}
        people = {name for name in names if not _NOT_A_PERSON.search(name)}
        if people:
            return people.pop() if len(people) == 1 else ""
    return ""


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
