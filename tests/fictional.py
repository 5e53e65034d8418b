"""A fictional assistant for the pages' tests: its transcripts, and answers looked up by a word of the question."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence

from assistant.answer import Answer, Citation, IndexInfo, Searched, Statement, Status
from assistant.arrangement import Aspect, Coverage, Group, Place, Row, Sides, Table
from assistant.errors import FilterError
from assistant.filter import EVERYTHING, Filter
from assistant.judgements import Judgements
from assistant.query.conversation import Turn
from assistant.reading import Held, SourcePage
from index.errors import NotIndexedError
from index.sentence import Sentence
from index.transcript import Block, Metadata, Period, Role, Transcript

Said = tuple[Role, tuple[str, ...]]


def make_page(transcript_id: str, title: str, said: Sequence[Said], metadata: Metadata | None = None) -> SourcePage:
    """A transcript of the given blocks, each of the given sentences, with blank lines between blocks."""
    text, blocks, sentences = "", [], []
    for number, (role, of_block) in enumerate(said):
        text += "\n\n" if text else ""
        start = len(text)
        for one in of_block:
            text += " " if len(text) > start else ""
            place = f"{transcript_id}|{len(text)}|{one}"
            identity = hashlib.sha256(place.encode()).hexdigest()[:15]
            span = (len(text), len(text) + len(one))
            sentences.append(Sentence(identity, transcript_id, len(sentences), number, *span, one, role))
            text += one
        blocks.append(Block(role, start, len(text)))
    digest = hashlib.sha256(text.encode()).hexdigest()
    source = f"{transcript_id}.txt"
    transcript = Transcript(transcript_id, source, digest, title, text, tuple(blocks), metadata or Metadata())
    return SourcePage(transcript, tuple(sentences))


NORTHSHIRE = make_page(
    "northshire-2018",
    "HMI Ada Marlowe's assessment of Northshire Constabulary – Transcript",
    [
        (Role.STRAPLINE, ("Promoting improvements in policing to make everyone safer",)),
        (Role.TITLE, ("HMI Ada Marlowe's assessment of Northshire Constabulary – Transcript",)),
        (
            Role.FINDING,
            (
                "I am pleased with several aspects of the performance of Northshire Constabulary.",
                "The constabulary works well with its partners to prevent crime.",
            ),
        ),
        (Role.HEADING, ("Investigating crime",)),
        (
            Role.FINDING,
            (
                "The constabulary investigates most crime to a good standard.",
                "However, the supervision of some investigations is not consistent.",
                "This is limited by the number of trained sergeants in two of its three areas.",
                "I will look again at supervision at the next inspection.",
            ),
        ),
        (Role.HEADING, ("Treating people fairly",)),
        (
            Role.FINDING,
            (
                "Officers understand why it matters to treat people fairly and with respect.",
                "The constabulary records the grounds for most of its stop and search encounters.",
                "It should ask people who have been searched what they thought of it.",
            ),
        ),
    ],
    Metadata("Northshire Constabulary", Period("2018/19", 2018, 2019), "PEEL", "overall assessment", "Ada Marlowe"),
)

WESTMERE = make_page(
    "westmere 2021/£",
    "Westmere Police: effectiveness",
    [
        (Role.TITLE, ("Westmere Police: effectiveness",)),
        (
            Role.FINDING,
            (
                "Westmere Police has a clear plan for the investigation of fraud.",
                "It does not yet know whether the plan works.",
            ),
        ),
    ],
    Metadata("Westmere Police", Period("2021/22", 2021, 2022)),
)

HOSTILE_SENTENCES = (
    "<script>alert(1)</script> <img src=//outside.invalid/a.png onerror=alert(2)> <b>bold</b>",
    "**bold** _under_ `code` $$x^2$$ ![i](http://outside.invalid/b.png) [l](javascript:alert(3)) :smile:",
    "{{constructor.constructor('alert(4)')()}} ${alert(5)} {% raw %} #{7*7} <%= 7*7 %>",
    '"></blockquote></details></article><form action="http://outside.invalid/"><input type=password>',
    '__i18n__{"key":"common.submit"} &lt;i&gt; &amp;amp; &#x3c;script&#x3e;',
    "\u202eright to left override\u202c שלום عربى é ﬁ ﬂ soft\u00adhyphen zero\u200bwidth",
    "tab\there  two  spaces, a\nline end, and \U0001f46e\U0001f3fd\u200d\u2640\ufe0f at the end",
    "<style>body{display:none}</style><svg onload=alert(6)><iframe src=http://outside.invalid/c></iframe>",
    "# heading\u2028- list\u2029> quote ~~~ ``` --- <!-- comment --> ]]> <![CDATA[x]]>",
)
HOSTILE_TITLE = "<svg onload=alert(7)>${alert(8)}{{9*9}} **Westmere** \u202ePolice"
HOSTILE = make_page("hostile", HOSTILE_TITLE, [(Role.FINDING, (one,)) for one in HOSTILE_SENTENCES])

PAGES = {page.transcript.id: page for page in (NORTHSHIRE, WESTMERE, HOSTILE)}


class FictionalSources:
    """Reads the fictional transcripts."""

    def __init__(self, pages: Mapping[str, SourcePage] = PAGES) -> None:
        self._pages = pages

    def neighbours(self, transcript_id: str, sentence_id: str, around: int = 2) -> tuple[Sentence, ...]:
        page = self._pages.get(transcript_id)
        for sentence in page.sentences if page else ():
            if page and sentence.id == sentence_id:
                return page.sentences[max(0, sentence.ordinal - around) : sentence.ordinal + around + 1]
        return ()

    def transcript_page(self, transcript_id: str) -> SourcePage | None:
        return self._pages.get(transcript_id)

    def superseded(self) -> tuple[Held, ...]:
        return ()

    def held(self) -> tuple[Held, ...]:
        return tuple(
            Held(
                one.transcript.id,
                one.transcript.source,
                one.transcript.title,
                one.transcript.metadata.force,
                one.transcript.metadata.period.label if one.transcript.metadata.period else "",
                len(one.sentences),
            )
            for one in self._pages.values()
        )


def cite(page: SourcePage, ordinal: int, number: int, *, context: bool = False) -> Citation:
    """The citation of a page's sentence."""
    sentence, transcript = page.sentences[ordinal], page.transcript
    return Citation(
        number=number,
        source=transcript.source,
        transcript_id=transcript.id,
        title=transcript.title,
        force=transcript.metadata.force,
        period=transcript.metadata.period.label if transcript.metadata.period else "",
        sentence=sentence.id,
        start=sentence.start,
        end=sentence.end,
        quote=sentence.text,
        sha256=transcript.sha256,
        context=context,
    )


def make_answer(
    question: str,
    status: Status = Status.NOT_IN_ASSESSMENTS,
    cited: Sequence[Citation] = (),
    nearest: Sequence[Citation] = (),
    **fields: object,
) -> Answer:
    """An answer whose statements are its citations, one each."""
    values: dict[str, object] = {
        "id": hashlib.sha256(question.encode("utf-8", "replace")).hexdigest()[:12],
        "question": question,
        "standalone_question": question,
        "status": status,
        "reason": "The words of the question are together in these sentences."
        if cited
        else "No sentence held says anything of this.",
        "statements": tuple(Statement(text=one.quote, citations=(one.number,)) for one in cited),
        "citations": tuple(cited),
        "nearest": tuple(nearest),
        "searched": Searched(transcripts=3, sentences=22, scope="every force and period held"),
        "index": IndexInfo(version="g1", embedding_model="none", digest="0" * 64),
        "mode": "extractive",
        "seconds": 0.01,
    }
    return Answer.model_validate(values | fields)


def compared(question: str) -> Answer:
    """A comparison of three periods of fictional forces, of which one holds nothing."""
    cited = [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 6, 2), cite(WESTMERE, 1, 3)]
    rows = (
        Row(force="Northshire Constabulary", period="2018/19", citations=(1, 2)),
        Row(force="Westmere Police", period="2018/19", citations=()),
        Row(force="Westmere Police", period="2021/22", citations=(3,)),
    )
    note = "Grades before PEEL 2021/22 and since are not comparable: four grades were given before, and five since."
    return make_answer(question, Status.ANSWERED, cited, table=Table(rows=rows), notes=(note,))


def listed(question: str) -> Answer:
    """Two of three fictional forces, and a third of which nothing was found."""
    cited = [cite(NORTHSHIRE, 5, 1), cite(WESTMERE, 1, 2)]
    coverage = Coverage(
        groups=(
            Group(force="Northshire Constabulary", period="2018/19", citations=(1,)),
            Group(force="Westmere Police", period="2021/22", citations=(2,)),
        ),
        nothing_found=(
            Place(force="Eastvale Police", period="2016"),
            Place(force="Eastvale Police", period="2018/19"),
            Place(force="Westmere Police", period="2016"),
        ),
        held_forces=("Eastvale Police", "Northshire Constabulary", "Westmere Police"),
        not_held=(),
    )
    reason = "Found in the assessments of 2 of the 3 forces held. Nothing found for 1: Eastvale Police."
    return make_answer(question, Status.ANSWERED, cited, coverage=coverage, reason=reason)


def two_sided(question: str) -> Answer:
    """What is good at a fictional force and what is not, of two themes and of none."""
    cited = [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 6, 2), cite(NORTHSHIRE, 3, 3), cite(NORTHSHIRE, 2, 4)]
    themes = (
        Aspect(theme="Investigating crime", praise=(1,), concern=(2,), both=()),
        Aspect(theme="Working with others", praise=(3,), concern=(), both=()),
        Aspect(theme="", praise=(), concern=(), both=(4,)),
    )
    return make_answer(question, Status.ANSWERED, cited, sides=Sides(themes=themes), reason="By theme.")


class FictionalAssistant:
    """Answers by a word of the question, and remembers what it was asked with which history."""

    def __init__(self) -> None:
        self.sources = FictionalSources()
        self.judgements = Judgements(self.sources)
        self.asked: list[tuple[str, tuple[Turn, ...]]] = []
        self.within: list[Filter] = []
        self.let_go = threading.Event()

    def degraded(self) -> bool:
        return False

    def ask(self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING) -> Answer:
        known = {page.transcript.metadata.force for page in PAGES.values()}
        if set(within.forces) - known:
            raise FilterError(f"No assessment of {within.forces[0]} is held.", advice="Choose a force that is held.")
        self.asked.append((question, tuple(history)))
        self.within.append(within)
        folded = question.casefold()
        if "slowly" in folded:
            self.let_go.wait(10)
        if "rebuild" in folded:
            raise NotIndexedError("The index is being rebuilt.", advice="Ask again in a minute.")
        if "breaks" in folded:
            raise ZeroDivisionError("a fault nobody foresaw")
        return self._answered(question, folded)

    def _answered(self, question: str, folded: str) -> Answer:
        if "and westmere" in folded:
            standalone = "How well does Westmere Police investigate crime?"
            return make_answer(question, Status.ANSWERED, [cite(WESTMERE, 1, 1)], standalone_question=standalone)
        if "investigat" in folded:
            cited = [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 6, 2, context=True), cite(NORTHSHIRE, 7, 3)]
            return make_answer(question, Status.ANSWERED, cited)
        arranged = {"compare": compared, "strengths": two_sided, "which forces": listed}
        for word, make in arranged.items():
            if word in folded:
                return make(question)
        if "the force" in folded:
            choices = ("How does Northshire Constabulary investigate crime?", "How does Westmere Police work?")
            return make_answer(question, Status.AMBIGUOUS, choices=choices)
        if "hostile" in folded:
            return make_answer(
                question, Status.ANSWERED, [cite(HOSTILE, n, n + 1) for n in range(len(HOSTILE.sentences))]
            )
        return make_answer(question, nearest=[cite(NORTHSHIRE, 11, 1), cite(WESTMERE, 1, 2)])

    def search(self, text: str, count: int, *, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        """Every sentence that holds the text, in the order of the transcripts."""
        found = [
            (page, sentence.ordinal)
            for page in PAGES.values()
            for sentence in page.sentences
            if text.casefold() in sentence.text.casefold()
            and (not within.forces or page.transcript.metadata.force in within.forces)
        ]
        return tuple(cite(page, ordinal, number) for number, (page, ordinal) in enumerate(found[:count], 1))
