"""The reference of a quotation: its source, the place in it, the version, the permalink and the licence."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answer import Citation
from assistant.messages import Messages, load_messages
from assistant.sanitise import isolate, one_line, printable
from assistant.sources import permalink


def reference(citation: Citation, *, site: str = "", messages: Messages | None = None) -> str:
    """The full reference of a quotation in one line: title, force, period, file, place, digest and permalink.

    Force and period are left out where the title has them, the address of publication and the licence where they are
    not known. `site` is the origin to put before the permalink, such as `https://assistant.example`; without it the
    permalink is a path from the root of the site.
    """
    messages = messages or load_messages()
    return messages.say(
        "reference.line",
        place=source_title(citation),
        span=source_location(citation, messages) + _publication(citation, messages),
        sha256=citation.sha256,
        permalink=site + permalink(citation),
    )


def quotation(citation: Citation, *, site: str = "", messages: Messages | None = None) -> str:
    """A quotation to copy: its words in quotation marks, its reference and the attribution, a line each."""
    messages = messages or load_messages()
    quoted = messages.say("reference.quoted", quote=printable(citation.quote))
    return "\n".join((quoted, reference(citation, site=site, messages=messages), attribution(messages)))


def attribution(messages: Messages) -> str:
    """The acknowledgement that the Open Government Licence v3.0 requires of those who re-use a publication."""
    return messages.say("reference.attribution")


def repeated_sentences(citations: Sequence[Citation], messages: Messages) -> tuple[str, ...]:
    """What the quotations of several citations repeat, in their order: the licence, if all have the same, and
    the attribution.
    """
    licences = {citation.licence for citation in citations}
    shared = licences.pop() if len(licences) == 1 else ""
    return (*((f"{_licence(shared, messages)}. ",) if shared else ()), attribution(messages))


def _licence(licence: str, messages: Messages) -> str:
    return messages.say("reference.licence", licence=isolate(one_line(licence)))


def source_title(citation: Citation) -> str:
    """The title, or the file where there is none, then force and period where the title does not have them."""
    missing = [part for part in (citation.force, citation.period) if part and part not in citation.title]
    return isolate(one_line(", ".join([citation.title or citation.source, *missing])))


def source_location(citation: Citation, messages: Messages) -> str:
    """The file, the locator that people go by, and the characters of the decoded text: from 0, the end exclusive."""
    parts = [one_line(part) for part in (citation.source, citation.locator) if part]
    file = ", ".join(map(isolate, parts))
    return messages.say("reference.span", file=file, start=citation.start, end=citation.end)


def _publication(citation: Citation, messages: Messages) -> str:
    """Where the source was published and under which licence, each as a sentence that follows another."""
    sentences = []
    if citation.url:
        sentences.append(messages.say("reference.url", url=one_line(citation.url)))
    if citation.licence:
        sentences.append(_licence(citation.licence, messages))
    return "".join(f". {sentence}" for sentence in sentences)
