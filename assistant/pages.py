"""Whole pages without JavaScript: a transcript, the list of what is held, and a message."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.markup import Html, element, isolated, join
from assistant.phrasebook import Phrasebook, load_phrasebook
from assistant.reading import Held, SourcePage, sentence_anchor, transcript_address
from index.sentence import Sentence
from index.transcript import Block, Role, Transcript

TAGS = {Role.HEADING: "h2", Role.TITLE: "p", Role.STRAPLINE: "p", Role.FINDING: "p", Role.MARKUP: "p"}


def transcript_html(page: SourcePage, phrases: Phrasebook | None = None) -> Html:
    """The page of one transcript: what it says of itself, then its whole text with an anchor for every sentence."""
    words = phrases or load_phrasebook()
    transcript = page.transcript
    main = join(
        element("p", words.say("source.at_top"), class_="kicker"),
        element("h1", isolated(transcript.title or transcript.source)),
        _facts(_said_of_itself(transcript, words), words),
        element("p", words.say("source.notice"), class_="notice"),
        element("article", transcript_text(page), class_="transcript", aria_label=words.say("source.text")),
        _facts(_provenance(page), words),
        element("p", words.say("page.print_note"), class_="print-only"),
    )
    return whole_page(transcript.title or transcript.source, main, words)


def contents_html(held: tuple[Held, ...], phrases: Phrasebook | None = None) -> Html:
    """The page that lists what is held."""
    words = phrases or load_phrasebook()
    heading = element("h1", words.say("source.contents"))
    if not held:
        return whole_page(words.say("source.contents"), join(heading, element("p", words.say("source.none"))), words)
    entries = [element("li", _entry(one, words)) for one in held]
    listed = element("ul", *entries, class_="contents")
    return whole_page(words.say("source.contents"), join(heading, listed), words)


def message_html(heading: str, message: str, phrases: Phrasebook | None = None) -> Html:
    """A page that says one thing, for an address with nothing at it."""
    return whole_page(heading, join(element("h1", heading), element("p", message)), phrases or load_phrasebook())


def transcript_text(page: SourcePage) -> Html:
    """The text of a transcript, whole: every character in its order, blocks as elements, sentences as anchors."""
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
        inside = _with_anchors(transcript.text, start, end, sentences)
        parts.append(join(transcript.text[position:start]))
        parts.append(element(TAGS[role], inside, class_=role.value, dir="auto"))
        position = end
    return join(*parts, transcript.text[position:])


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


def _with_anchors(text: str, start: int, end: int, sentences: list[Sentence]) -> Html:
    parts: list[str] = []
    position = start
    for sentence in sentences:
        parts.append(text[position : sentence.start])
        parts.append(element("span", sentence.text, id=sentence_anchor(sentence.id), class_="sentence"))
        position = sentence.end
    return join(*parts, text[position:end])


def _said_of_itself(transcript: Transcript, words: Phrasebook) -> dict[str, str]:
    said = transcript.metadata
    return {
        "source.force": said.force or words.say("source.unnamed"),
        "source.period": said.period.label if said.period else words.say("source.unnamed"),
        "source.inspector": said.inspector,
        "source.programme": said.programme,
        "source.kind": said.kind,
        "source.updated": said.updated,
    }


def _provenance(page: SourcePage) -> dict[str, str]:
    return {
        "source.file": page.transcript.source,
        "source.sentences": f"{len(page.sentences):,}",
        "source.digest": page.transcript.sha256,
    }


def _facts(facts: dict[str, str], words: Phrasebook) -> Html:
    rows = [
        element("div", element("dt", words.say(name)), element("dd", isolated(value)))
        for name, value in facts.items()
        if value
    ]
    return element("dl", *rows, class_="facts")


def _entry(one: Held, words: Phrasebook) -> Html:
    link = element("a", isolated(one.title or one.source), href=transcript_address(one.transcript_id))
    about = [part for part in (one.force, one.period) if part] + [words.count("sentences", one.sentences)]
    spans = [element("span", isolated(part)) for part in about]
    return join(link, element("p", *spans, class_="about"))


def whole_page(title: str, main: Html, words: Phrasebook) -> Html:
    """A whole page in the manner of the source pages: `main` below the links that every page has."""
    head = join(
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{title} – {words.say('page.product')}"),
        element("link", rel="stylesheet", href="/site/page.css"),
    )
    links = [
        element("a", words.say("page.chat"), href="/"),
        element("a", words.say("page.held"), href="/sources"),
    ]
    header = element(
        "header",
        element("p", words.say("page.product"), class_="product"),
        element("nav", *links, aria_label=words.say("page.navigation")),
        class_="site",
    )
    body = element("body", header, element("main", main), class_="reading")
    return Html(f"<!doctype html>{element('html', element('head', head), body, lang=words.language)}")
