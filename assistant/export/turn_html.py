"""Renders one turn of the chat, a question and its answer, as HTML. The same answer gives the same HTML.

Text of a source is shown character for character. Quotations are in `blockquote`; everything else is a message or a
field of the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import urlsplit

from markupsafe import Markup

from assistant.answer import Answer, Citation, Searched, Statement
from assistant.export.answer_blocks import AnswerBlock, displayed_statements, is_laid_out
from assistant.export.html_builder import element, isolated, join, marked, set_apart
from assistant.export.layout_html import arranged_html
from assistant.export.plain_text import clipboard_text
from assistant.export.reference import quotation, repeated_sentences
from assistant.filter import EVERYTHING, Filter
from assistant.messages import Messages, load_messages
from assistant.sources import SourceReader, asking_address, permalink, shared_address
from assistant.work import checked
from index.text.sentences import Sentence

NEIGHBOURS = 2  # sentences shown on each side of a cited one
MAX_SHARED_CHARACTERS = 6000  # of a link to an answer: servers refuse longer addresses
MAX_SHOWN = 50  # quotations of one page; the others are a link away


def to_html(
    answer: Answer,
    sources: SourceReader,
    *,
    turn: int = 1,
    site: str = "",
    new_tab: bool = True,
    within: Filter = EVERYTHING,
    first: int = 1,
    messages: Messages | None = None,
) -> Markup:
    """Returns a turn as one line of HTML. `turn` is its number in its conversation, counted from 1.

    It shows `MAX_SHOWN` quotations, from citation number `first` on, and links to the pages with the others.

    It contains, hidden, the answer and each quotation as plain text to copy. `site` is the address at which the reader
    reaches this site, such as `https://example.org/assistant`: copied references begin with it, and links with its
    path. `new_tab` is whether the page opens links in a new tab, which the links then say. `within` is the filter of
    the question, which the links that ask another question keep.
    """
    messages = messages or load_messages()
    repeated = repeated_sentences(answer.quoted, messages)
    context = _TurnContext(sources, messages, site, new_tab, within, answer.standalone_question, first, repeated)
    body = _answered(answer, context) if answer.status.answered else _not_answered(answer, context)
    reply = element(
        "div",
        element("h3", messages.say(f"status.{answer.status.value}"), class_="outcome"),
        element("p", answer.reason, class_="reason"),
        body,
        element("p", searched_line(answer.searched, messages), class_="searched"),
        element("p", *repeated, class_="print-only") if answer.quoted else "",
        _share(answer, context),
        class_="reply answered" if answer.status.answered else "reply refused",
    )
    as_text = _text_to_copy(clipboard_text(answer, site=site, messages=messages))
    question = _question(answer.question, messages)
    return element("article", question, _understood(answer, messages), reply, as_text, class_="turn", id=f"turn-{turn}")


@dataclass(frozen=True, slots=True)
class _TurnContext:
    """What every part of a turn is rendered with. The fields are as for `to_html`."""

    sources: SourceReader
    messages: Messages
    site: str
    new_tab: bool
    within: Filter
    question: str
    first: int
    repeated: tuple[str, ...]  # what the references of the quotations repeat, which is printed once

    def shows(self, citation: Citation) -> bool:
        """Whether a citation of the answer is one that this page shows."""
        return self.first <= citation.number < self.first + MAX_SHOWN

    def link(self, address: str) -> str:
        """Returns an address from the root of this site as one from the root of its host."""
        return urlsplit(self.site).path + address


def problem_html(question: str, message: str, *, turn: int = 1, messages: Messages | None = None) -> Markup:
    """Returns a turn whose question failed; `message` says what is wrong and what to do."""
    messages = messages or load_messages()
    heading = element("h3", messages.say("problem.heading"), class_="outcome")
    reply = element("div", heading, element("p", message, class_="reason"), class_="reply problem")
    return element("article", _question(question, messages), reply, class_="turn", id=f"turn-{turn}")


def searched_line(searched: Searched, messages: Messages) -> str:
    """Returns a sentence that says what was searched."""
    return messages.say(
        "turn.searched",
        scope=searched.scope,
        transcripts=messages.count("transcripts", searched.transcripts),
        sentences=messages.count("sentences", searched.sentences),
    )


def _question(question: str, messages: Messages) -> Markup:
    return element("h2", _unseen(messages.say("turn.question") + ": "), isolated(question), class_="asked")


def _share(answer: Answer, context: _TurnContext) -> Markup:
    """Returns a link to the page that gives this answer by itself; nothing if it is too long or without a question."""
    messages, address = context.messages, context.link(shared_address(answer, context.within))
    if not answer.standalone_question.strip() or len(address) > MAX_SHARED_CHARACTERS:
        return Markup()
    new_tab = f" {messages.say('quotation.new_tab')}" if context.new_tab else ""
    return element("p", element("a", messages.say("shared.link") + new_tab, href=address), class_="share")


def _unseen(text: str) -> Markup:
    """Returns text for screen readers only."""
    return element("span", text, class_="unseen")


def _understood(answer: Answer, messages: Messages) -> Markup:
    if answer.standalone_question == answer.question:
        return Markup()
    label = messages.say("turn.understood")
    return element("p", f"{label}: ", isolated(answer.standalone_question), class_="understood")


def _text_to_copy(text: str, repeated: Sequence[str] = ()) -> Markup:
    return element("pre", set_apart(text, repeated, "repeated"), class_="as-text")


def _answered(answer: Answer, context: _TurnContext) -> Markup:
    if is_laid_out(answer):
        note_sources = _note_sources(answer, context)
        return arranged_html(
            answer, lambda block: _block_quotations(block, context), context.messages, note_sources=note_sources
        )
    notes = [element("p", note, class_="note") for note in answer.notes]
    runs = _runs(answer, context.messages)
    return join(*notes, *(join(run.heading, _quotations(run.citations, context)) for run in runs))


@dataclass(slots=True)
class _Run:
    """Quotations that are shown together, below the statement they support, if they are not it."""

    heading: str = ""
    citations: list[Citation] = field(default_factory=list)


def _runs(answer: Answer, messages: Messages) -> Iterator[_Run]:
    """Yields the statements in order. Those that are their own quotations share a run until the next other one."""
    run = _Run()
    for displayed in displayed_statements(answer):
        if displayed.claim:
            yield run
            yield _Run(_claim(displayed.statement, messages), list(displayed.citations))
            run = _Run()
        elif displayed.opens_rest:
            yield run
            run = _Run(_also_found(messages), list(displayed.citations))
        else:
            run.citations += displayed.citations
    yield run


def _also_found(messages: Messages) -> Markup:
    return element("p", messages.say("summary.rest"), class_="claim rest")


def _claim(statement: Statement, messages: Messages) -> Markup:
    tag = join(element("span", messages.say("summary.tag"), class_="tag"), " ") if statement.kind == "summary" else ""
    return element("p", tag, statement.text, class_="claim")


def _not_answered(answer: Answer, context: _TurnContext) -> Markup:
    notes = [element("p", note, class_="note") for note in answer.notes]
    if answer.choices:
        return join(*notes, _choices(answer.choices, context))
    if not answer.nearest:
        return join(*notes)
    nearest = element(
        "section",
        element("h4", context.messages.say("nearest.heading")),
        element("p", context.messages.say("nearest.note"), class_="note"),
        _quotations(answer.nearest, context, numbered=False),
        class_="nearest",
    )
    return join(*notes, nearest)


def _note_sources(answer: Answer, context: _TurnContext) -> Markup:
    """Returns the sentences that the notes are drawn from, without numbers: they are not part of the answer."""
    if not answer.note_sources:
        return Markup()
    heading = element("p", context.messages.say("coverage.grades_source"), class_="note")
    return element("div", heading, _quotations(answer.note_sources, context, numbered=False), class_="nearest")


def _choices(questions: Sequence[str], context: _TurnContext) -> Markup:
    """Returns the questions that an ambiguous one may mean, each a link that asks it."""
    addresses = [context.link(asking_address(question, context.within)) for question in questions]
    links = [
        element("li", element("a", isolated(question), href=address, class_="choice"))
        for question, address in zip(questions, addresses, strict=True)
    ]
    heading = element("h4", context.messages.say("choices.heading"))
    return element("section", heading, element("ul", *links), class_="choices")


def _block_quotations(block: AnswerBlock, context: _TurnContext) -> Markup:
    """Returns the quotations of a block. They do not repeat the force and period if its label names both."""
    return _quotations(block.citations, context, origin=not (block.place.force and block.place.period))


def _quotations(
    citations: Sequence[Citation], context: _TurnContext, *, numbered: bool = True, origin: bool = True
) -> Markup:
    """Returns quotations in order, successive ones from one transcript below one line that names it.

    Numbered ones that another page shows are left out, and linked to.
    """
    elsewhere = [citation for citation in citations if numbered and not context.shows(citation)]
    here = [citation for citation in citations if not numbered or context.shows(citation)]
    groups: list[Markup] = []
    for _, run in groupby(here, key=lambda citation: citation.transcript_id):
        of_transcript = list(run)
        items = [_quotation(citation, context, numbered=numbered) for citation in checked(of_transcript)]
        groups += [_source_line(of_transcript[0], origin=origin), element("ol", *items, class_="quotations")]
    return join(*groups, _further(elsewhere, context))


def _further(citations: Sequence[Citation], context: _TurnContext) -> Markup:
    """Returns a link to the page that shows these citations; nothing where there are none."""
    if not citations:
        return Markup()
    start = {"from": str(min(citation.number for citation in citations))}
    address = context.link(asking_address(context.question, context.within, **start))
    return element("p", element("a", context.messages.count("further", len(citations)), href=address), class_="further")


def _source_line(citation: Citation, *, origin: bool) -> Markup:
    names = [name for name in (citation.force, citation.period) if name and origin]
    origins = [join(element("span", name, class_="origin"), " ") for name in names]
    return element("p", *origins, element("cite", isolated(citation.title or citation.source)), class_="source")


def _quotation(citation: Citation, context: _TurnContext, *, numbered: bool) -> Markup:
    messages, address = context.messages, context.link(permalink(citation))
    tag = element("p", messages.say("quotation.context"), class_="tag") if citation.context else ""
    quote = element("blockquote", marked(citation.quote, context.question), cite=address, dir="auto")
    locator = element("p", citation.locator, class_="locator", dir="auto") if citation.locator else ""
    surroundings = _surroundings(citation, address, context)
    as_text = _text_to_copy(quotation(citation, site=context.site, messages=messages), context.repeated)
    return element(
        "li",
        _number_link(citation, address, context) if numbered else "",
        element("div", tag, quote, locator, surroundings, as_text, class_="words"),
        class_="quotation context" if citation.context else "quotation",
    )


def _number_link(citation: Citation, address: str, context: _TurnContext) -> Markup:
    before = context.messages.say("quotation.citation")
    after = context.messages.say("quotation.open" if context.new_tab else "quotation.open_here")
    parts = (_unseen(f"{before} "), str(citation.number), _unseen(f", {after}"))
    return element("a", *parts, href=address, class_="number")


def _surroundings(citation: Citation, address: str, context: _TurnContext) -> Markup:
    """Returns the sentence between its neighbours, which opens on demand, and a link to the whole transcript."""
    messages = context.messages
    around = context.sources.neighbours(citation.transcript_id, citation.sentence, NEIGHBOURS)
    paragraphs = [
        element("p", Markup(" ").join(_neighbour(sentence, citation) for sentence in of_block), dir="auto")
        for _, of_block in groupby(around, key=lambda sentence: sentence.block)
    ]
    new_tab = join(" ", element("span", messages.say("quotation.new_tab"), class_="aside")) if context.new_tab else ""
    link = element("a", messages.say("quotation.whole"), new_tab, href=address)
    around_words = messages.say("quotation.around")
    summary = element("summary", _unseen(around_words), title=around_words)
    return element("details", summary, *paragraphs, element("p", link), class_="place")


def _neighbour(sentence: Sentence, citation: Citation) -> Markup:
    return element("mark" if sentence.id == citation.sentence else "span", sentence.text)
