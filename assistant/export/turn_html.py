"""An Answer as HTML for one turn of the conversation, and as plain text. Pure: the same answer gives the same words.

What a source says is shown character for character, apart from what the page says about it: quotations stand in
`blockquote`, and everything else comes from the phrases catalogue or from the answer's own fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.answer import Answer, Citation, Searched, Statement
from assistant.export.answer_blocks import AnswerBlock, displayed_statements
from assistant.export.html_builder import Html, element, isolated, join
from assistant.export.layout_html import arranged_html
from assistant.export.plain_text import clipboard_text
from assistant.export.reference import quotation
from assistant.filter import EVERYTHING, Filter
from assistant.messages import Messages, load_messages
from assistant.sources import SourceReader, asking_address, permalink
from index.text.sentences import Sentence

NEIGHBOURS = 2


def to_html(
    answer: Answer,
    sources: SourceReader,
    *,
    turn: int = 1,
    site: str = "",
    new_tab: bool = True,
    within: Filter = EVERYTHING,
    phrases: Messages | None = None,
) -> Html:
    """One turn, question and reply, as one line of HTML. `turn` numbers it within its conversation, from 1.

    It carries, unseen, what is copied from it: the answer and each quotation as text, with references that lead to
    `site`, the origin the reader knows this place by. `new_tab` tells whether the page opens links in a tab of their
    own: the links say so. `within` is the filter the question was asked with, which its choices keep.
    """
    words = phrases or load_messages()
    page = _TurnPage(sources, words, site, new_tab, within)
    asked = element("h2", _unseen(words.say("turn.question") + ": "), isolated(answer.question), class_="asked")
    body = _answered(answer, page) if answer.status.answered else _not_answered(answer, page)
    reply = element(
        "div",
        element("h3", words.say(f"status.{answer.status.value}"), class_="outcome"),
        element("p", answer.reason, class_="reason"),
        body,
        element("p", searched_line(answer.searched, words), class_="searched"),
        class_="reply answered" if answer.status.answered else "reply refused",
    )
    as_text = _to_copy(clipboard_text(answer, site=site, messages=words))
    return element("article", asked, _understood(answer, words), reply, as_text, class_="turn", id=f"turn-{turn}")


@dataclass(frozen=True, slots=True)
class _TurnPage:
    """What a turn is shown with."""

    sources: SourceReader
    words: Messages
    site: str
    new_tab: bool
    within: Filter


def problem_html(question: str, message: str, *, turn: int = 1, phrases: Messages | None = None) -> Html:
    """One turn whose question could not be answered because something is wrong; `message` says what and what to do."""
    words = phrases or load_messages()
    asked = element("h2", _unseen(words.say("turn.question") + ": "), isolated(question), class_="asked")
    heading = element("h3", words.say("problem.heading"), class_="outcome")
    reply = element("div", heading, element("p", message, class_="reason"), class_="reply problem")
    return element("article", asked, reply, class_="turn", id=f"turn-{turn}")


def searched_line(searched: Searched, words: Messages) -> str:
    """What was looked through, in one sentence."""
    return words.say(
        "turn.searched",
        scope=searched.scope,
        transcripts=words.count("transcripts", searched.transcripts),
        sentences=words.count("sentences", searched.sentences),
    )


def _unseen(words: str) -> Html:
    """Words for those who listen to the page; those who look at it have the layout."""
    return element("span", words, class_="unseen")


def _understood(answer: Answer, words: Messages) -> Html:
    if answer.standalone_question == answer.question:
        return Html("")
    return element("p", words.say("turn.understood") + ": ", isolated(answer.standalone_question), class_="understood")


def _to_copy(text: str) -> Html:
    return element("pre", text, class_="as-text")


def _answered(answer: Answer, page: _TurnPage) -> Html:
    if answer.table or answer.coverage or answer.sides:
        noted = _noted(answer, page)
        return arranged_html(answer, lambda block: _of_block(block, page), page.words, noted=noted)
    parts: list[Html] = [element("p", note, class_="note") for note in answer.notes]
    shown: list[Citation] = []
    for displayed in displayed_statements(answer):
        if displayed.claim:
            claim = _claim(displayed.statement, page.words)
            parts += [_quotations(shown, page), claim, _quotations(displayed.citations, page)]
            shown = []
        else:
            parts += [_quotations(shown, page), _also_found(page.words)] if displayed.opens_rest else []
            shown = [*([] if displayed.opens_rest else shown), *displayed.citations]
    return join(*parts, _quotations(shown, page))


def _also_found(words: Messages) -> Html:
    return element("p", words.say("summary.rest"), class_="claim rest")


def _claim(statement: Statement, words: Messages) -> Html:
    tag = element("span", words.say("summary.tag"), class_="tag") if statement.kind == "summary" else Html("")
    return element("p", tag, " " if tag else "", statement.text, class_="claim")


def _not_answered(answer: Answer, page: _TurnPage) -> Html:
    if answer.choices:
        return _choices(answer.choices, page)
    if not answer.nearest:
        return Html("")
    return element(
        "section",
        element("h4", page.words.say("nearest.heading")),
        element("p", page.words.say("nearest.note"), class_="note"),
        _quotations(answer.nearest, page, cited=False),
        class_="nearest",
    )


def _noted(answer: Answer, page: _TurnPage) -> Html:
    """The sentences that say what a note does; not numbered, for they are no part of the answer."""
    if not answer.note_sources:
        return Html("")
    said = element("p", page.words.say("coverage.grades_said"), class_="note")
    return element("div", said, _quotations(answer.note_sources, page, cited=False), class_="nearest")


def _choices(questions: Sequence[str], page: _TurnPage) -> Html:
    """The questions it may mean, each a link that asks it."""
    links = [
        element("li", element("a", isolated(question), href=asking_address(question, page.within), class_="choice"))
        for question in questions
    ]
    heading = element("h4", page.words.say("choices.heading"))
    return element("section", heading, element("ul", *links), class_="choices")


def _of_block(block: AnswerBlock, page: _TurnPage) -> Html:
    """A block's quotations; its label says force and period where it names both."""
    return _quotations(block.citations, page, origin=not (block.place.force and block.place.period))


def _quotations(citations: Sequence[Citation], page: _TurnPage, *, cited: bool = True, origin: bool = True) -> Html:
    """Quotations in order; those of one transcript in a row stand under one line that names it."""
    groups: list[Html] = []
    for _, run in groupby(citations, key=lambda citation: citation.transcript_id):
        of_one = list(run)
        items = [_quotation(citation, page, cited=cited) for citation in of_one]
        groups += [_source_line(of_one[0], origin=origin), element("ol", *items, class_="quotations")]
    return join(*groups)


def _source_line(citation: Citation, *, origin: bool) -> Html:
    names = (citation.force, citation.period) if origin else ()
    named = [element("span", name, class_="origin") for name in names if name]
    spaced = [part for name in named for part in (name, " ")]
    return element("p", *spaced, element("cite", isolated(citation.title or citation.source)), class_="source")


def _quotation(citation: Citation, page: _TurnPage, *, cited: bool) -> Html:
    words = page.words
    address = permalink(citation)
    number = element(
        "a",
        _unseen(words.say("quotation.citation") + " "),
        str(citation.number),
        _unseen(", " + words.say("quotation.open" if page.new_tab else "quotation.open_here")),
        href=address,
        class_="number",
    )
    tag = element("p", words.say("quotation.context"), class_="tag") if citation.context else Html("")
    quoted = element("blockquote", citation.quote, cite=address, dir="auto")
    where = element("p", citation.locator, class_="locator", dir="auto") if citation.locator else Html("")
    place = _in_its_place(citation, page)
    as_text = _to_copy(quotation(citation, site=page.site, messages=words))
    kind = "quotation context" if citation.context else "quotation"
    return element(
        "li", number if cited else "", element("div", tag, quoted, where, place, as_text, class_="words"), class_=kind
    )


def _in_its_place(citation: Citation, page: _TurnPage) -> Html:
    words = page.words
    around = page.sources.neighbours(citation.transcript_id, citation.sentence, NEIGHBOURS)
    paragraphs = [
        element("p", *_spaced([_neighbour(sentence, citation) for sentence in run]), dir="auto")
        for _, run in groupby(around, key=lambda sentence: sentence.block)
    ]
    aside = join(" ", element("span", words.say("quotation.new_tab"), class_="aside")) if page.new_tab else ""
    link = element("a", words.say("quotation.whole"), aside, href=permalink(citation))
    summary = element("summary", words.say("quotation.around"))
    return element("details", summary, *paragraphs, element("p", link), class_="place")


def _neighbour(sentence: Sentence, citation: Citation) -> Html:
    return element("mark" if sentence.id == citation.sentence else "span", sentence.text)


def _spaced(parts: Sequence[Html]) -> list[Html]:
    return [piece for part in parts for piece in (part, Html(" "))][:-1]
