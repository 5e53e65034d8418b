"""The page of one transcript: what it says of itself, its whole text, and the sentence that a permalink leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.export.html_builder import Html, element, isolated, join
from assistant.export.reference import quotation, reference
from assistant.messages import Messages, load_messages
from assistant.sources import Held, SourcePage, citation_of, permalink, sentence_anchor, transcript_address
from assistant.web.layout import whole_page
from index.text.sentences import Sentence
from index.text.transcript import Block, Role, Transcript

TAGS = {Role.HEADING: "h2", Role.TITLE: "p", Role.STRAPLINE: "p", Role.FINDING: "p", Role.MARKUP: "p"}
SCRIPT = "/site/source.js"
DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Permalink:
    """What a permalink names: the digest its text had, and a sentence's id. What cannot be either is ignored."""

    text: str = ""
    sentence: str = ""


def transcript_html(
    page: SourcePage, link: Permalink = Permalink(), *, site: str = "", phrases: Messages | None = None
) -> Html:
    """The page of one transcript, with the sentence that `link` names marked where it is held.

    When the text is not the one the link was made for, the page says so first. `site` is the origin to put before the
    permalink in the sentence's reference.
    """
    words = phrases or load_messages()
    transcript = page.transcript
    cited = next((one for one in _readable(page) if one.id == link.sentence), None)
    main = join(
        element("p", words.say("source.at_top"), class_="kicker"),
        element("h1", isolated(transcript.title or transcript.source)),
        _superseded(page.later, words) if page.later else "",
        _changed(page, link, cited, words),
        _cited(page, cited, site, words) if cited else "",
        _facts(_said_of_itself(transcript, words), words),
        element("p", words.say("source.notice"), class_="notice"),
        element(
            "article",
            transcript_text(page, cited.id if cited else ""),
            class_="transcript",
            aria_label=words.say("source.text"),
        ),
        _facts(_provenance(page), words),
        element("p", words.say("page.print_note"), class_="print-only"),
    )
    return whole_page(transcript.title or transcript.source, main, words, script=SCRIPT)


def transcript_text(page: SourcePage, cited: str = "") -> Html:
    """The text of a transcript, whole: every character in its order, blocks as elements, sentences as anchors.

    The sentence with the id `cited` is marked.
    """
    transcript = page.transcript
    by_block: dict[int, list[Sentence]] = {}
    for sentence in page.sentences:
        by_block.setdefault(sentence.block, []).append(sentence)
    parts: list[Html] = []
    position = 0
    for first, last in _lines(transcript):
        start, end = transcript.blocks[first].start, transcript.blocks[last].end
        sentences = [one for block in range(first, last + 1) for one in by_block.get(block, [])]
        role = transcript.blocks[last].role
        inside = _with_anchors(transcript.text, start, end, sentences, cited)
        parts.append(join(transcript.text[position:start]))
        parts.append(element(TAGS[role], inside, class_=role.value, dir="auto"))
        position = end
    return join(*parts, transcript.text[position:])


def _readable(page: SourcePage) -> list[Sentence]:
    return [one for one in page.sentences if one.role is not Role.MARKUP]


def _superseded(later: Held, words: Messages) -> Html:
    """That a later transcript took this one's place, and the way to it."""
    link = element("a", isolated(later.title or later.source), href=transcript_address(later.transcript_id))
    return element("p", words.say("source.superseded"), " ", link, class_="changed")


def _changed(page: SourcePage, link: Permalink, cited: Sentence | None, words: Messages) -> Html:
    """That the text is not the one the link was made for, and what became of the sentence."""
    if not DIGEST.fullmatch(link.text) or link.text == page.transcript.sha256:
        return Html("")
    name = "cited.changed" if not link.sentence else "cited.kept" if cited else "cited.gone"
    return element("p", words.say(name), class_="changed")


def _cited(page: SourcePage, sentence: Sentence, site: str, words: Messages) -> Html:
    """The sentence's reference, to copy, and the ways to it and to its neighbours."""
    citation = citation_of(page, sentence)
    readable = _readable(page)
    place = readable.index(sentence)
    around = [
        ("cited.before", readable[place - 1] if place else None),
        ("cited.after", next(iter(readable[place + 1 :]), None)),
    ]
    links = [element("a", words.say("cited.go"), href=f"#{sentence_anchor(sentence.id)}")]
    links += [
        element("a", words.say(name), href=permalink(citation_of(page, one))) for name, one in around if one is not None
    ]
    said = {f"data_{name}": words.say(f"take.{name}") for name in ("copy_quotation", "copied", "not_copied")}
    return element(
        "section",
        element("h2", words.say("cited.heading"), id="cited-heading"),
        element("p", reference(citation, site=site, messages=words), class_="reference", dir="auto"),
        element("nav", *links, aria_label=words.say("cited.neighbours")),
        element("pre", quotation(citation, site=site, messages=words), class_="to-copy", hidden=""),
        element("p", class_="said", role="status"),
        class_="citation",
        aria_labelledby="cited-heading",
        **said,
    )


def _lines(transcript: Transcript) -> Iterator[tuple[int, int]]:
    """Runs of blocks that stand on one line, as (first, last): a bullet or a hash goes with the words after it."""
    first = 0
    for number, block in enumerate(transcript.blocks):
        following = transcript.blocks[number + 1] if number + 1 < len(transcript.blocks) else None
        if following is None or not _runs_on(transcript.text, block, following):
            yield first, number
            first = number + 1


def _runs_on(text: str, block: Block, following: Block) -> bool:
    return block.role is Role.MARKUP and not set("\r\n") & set(text[block.end - 1 : following.start])


def _with_anchors(text: str, start: int, end: int, sentences: list[Sentence], cited: str) -> Html:
    parts: list[str] = []
    position = start
    for sentence in sentences:
        parts.append(text[position : sentence.start])
        marks = {"class_": "sentence"}
        if sentence.id == cited:
            marks = {"class_": "sentence cited", "aria_current": "true", "tabindex": "-1"}
        parts.append(element("span", sentence.text, id=sentence_anchor(sentence.id), **marks))
        position = sentence.end
    return join(*parts, text[position:end])


def _said_of_itself(transcript: Transcript, words: Messages) -> dict[str, str]:
    said = transcript.metadata
    link = element("a", isolated(said.url), href=said.url, rel="noreferrer") if said.url else ""
    return {
        "source.force": said.force or words.say("source.unnamed"),
        "source.period": said.period.label if said.period else words.say("source.unnamed"),
        "source.inspector": said.inspector,
        "source.programme": said.programme,
        "source.kind": said.kind,
        "source.published": said.published,
        "source.updated": said.updated,
        "source.url": link,
        "source.licence": said.licence,
        "source.catalogued": ", ".join(words.say(f"source.{name}") for name in said.catalogued),
    }


def _provenance(page: SourcePage) -> dict[str, str]:
    return {
        "source.file": page.transcript.source,
        "source.sentences": f"{len(page.sentences):,}",
        "source.digest": page.transcript.sha256,
    }


def _facts(facts: dict[str, str], words: Messages) -> Html:
    rows = [
        element(
            "div", element("dt", words.say(name)), element("dd", value if isinstance(value, Html) else isolated(value))
        )
        for name, value in facts.items()
        if value
    ]
    return element("dl", *rows, class_="facts")
