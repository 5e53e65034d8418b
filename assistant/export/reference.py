"""A quotation as it is cited elsewhere: where it stands, in which version of the source, and under which licence."""

from __future__ import annotations

from assistant.answer import Citation
from assistant.messages import Messages, load_messages
from assistant.sanitise import carried, directed, plain
from assistant.sources import permalink


def reference(citation: Citation, *, site: str = "", phrases: Messages | None = None) -> str:
    """The full reference of a quotation in one line: title, force, period, file, place, digest and permalink.

    Force and period are left out where the title says them; where it was published and under which licence is said as
    far as it is known. `site` is the origin the permalink is reached at, such as `https://assistant.example`; without
    it the permalink is a path from the root of the site.
    """
    words = phrases or load_messages()
    return words.say(
        "reference.line",
        place=place(citation),
        span=span(citation, words) + _published(citation, words),
        sha256=citation.sha256,
        permalink=site + permalink(citation),
    )


def quotation(citation: Citation, *, site: str = "", phrases: Messages | None = None) -> str:
    """A quotation to paste elsewhere: its words in quotation marks, its reference, and the attribution, a line each."""
    words = phrases or load_messages()
    quoted = words.say("reference.quoted", quote=carried(citation.quote))
    return "\n".join((quoted, reference(citation, site=site, phrases=words), attribution(words)))


def attribution(words: Messages) -> str:
    """The acknowledgement that the Open Government Licence v3.0 asks of those who re-use what it covers."""
    return words.say("reference.attribution")


def place(citation: Citation) -> str:
    """The title, or the file where there is none, then force and period as far as the title does not say them."""
    known = [part for part in (citation.force, citation.period) if part and part not in citation.title]
    return directed(plain(", ".join([citation.title or citation.source, *known])))


def _published(citation: Citation, words: Messages) -> str:
    """Where the source was published, and under which licence, as sentences after another."""
    said = [words.say("reference.url", url=plain(citation.url))] if citation.url else []
    said += [words.say("reference.licence", licence=directed(plain(citation.licence)))] if citation.licence else []
    return "".join(f". {one}" for one in said)


def span(citation: Citation, words: Messages) -> str:
    """The file, where people find the place in it, and the characters of its decoded text, counted from 0; the last one
    named is not part of it.
    """
    named = [plain(part) for part in (citation.source, citation.locator) if part]
    file = ", ".join(map(directed, named))
    return words.say("reference.span", file=file, start=citation.start, end=citation.end)
