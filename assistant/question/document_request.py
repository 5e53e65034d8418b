"""Reads from a question what it asks about the documents themselves: which there are, and of whom, when and by whom.

A question is about the documents only if every word of it is a function word, a word for documents and their making, or
names a force or year. "Which forces have been inspected?" is; "Which forces have been inspected for custody?" is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from assistant.question.scope import Corpus
from index.sources.dates import find_periods_asked
from index.text.words import words_at


class DocumentFact(StrEnum):
    """What a question asks about the documents."""

    DOCUMENTS = "documents"
    FORCES = "forces"
    PERIODS = "periods"
    PUBLISHED = "published"
    INSPECTORS = "inspectors"
    EVERYTHING = "everything"  # what there is and what can be asked


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """What a question asks about the documents in its scope; `newest` limits it to the latest of them.

    `is_of_one` says that it speaks of one document without naming it: "Who wrote this?".
    """

    fact: DocumentFact
    newest: bool = False
    is_of_one: bool = False


_FORCE = r"(?:police )?(?:forces?|constabular(?:y|ies))"
_DOCUMENT = (
    r"(?:documents?|reports?|assessments?|inspections?|transcripts?|sources?|files?|publications?|texts?|pages?)"
)
_INSPECTOR = r"(?:hmis?|inspectors?|authors?)"
_PERIOD = r"(?:years?|(?:inspection )?periods?|dates?)"
_MADE = (
    r"(?:assess(?:ed|es)?|inspect(?:ed|s)?|wrote|written|write|authored|gave|delivered|produced|made|carried out"
    r"|conducted|published|updated|dated)"
)
_NEW = r"(?:latest|last|newest|most recent(?:ly)?|recent(?:ly)?|current|new)"
_ANY = rf"(?:(?:all|any|every|the|of|these|those|your|an?|me|other|police|lead|peel|hmic|hmicfrs|different|{_NEW}) )*"
_WHICH = rf"(?:which|what|list|show|name|names of|tell me|give me) {_ANY}"
_COUNTED = rf"(?:{_WHICH}|(?:how many|number of) {_ANY})"
_CAN = r"(?:can|could|may)"
_COLLECTION = r"(?:this|the|your) (?:collection|library)"
_SUBJECT = r"(?:this|it|the|these|an?)"
# In order: the first that matches says what is asked. Forces and years have been replaced by "§".
_ASKED = tuple(
    (fact, re.compile(pattern))
    for fact, pattern in (
        (
            DocumentFact.EVERYTHING,
            rf"\bwhat (?:else )?{_CAN} (?:i|we|you|one)(?: \w+)? (?:ask|do|answer|know|search|find|help|use)\b"
            r"|\bwhat (?:do|can) you (?:know|have|hold|cover|do|answer|tell me)(?: about| on| here| in here)?$"
            r"|\b(?:which|what) (?:(?:kinds?|sorts?|types?) of )?"
            rf"(?:questions?|topics?|subjects?) (?:do|are|{_CAN})\b"
            rf"|\bwhat (?:is|are|do you have|there is) (?:here|in (?:here|there|it|{_COLLECTION}))$"
            rf"|\bwhat does (?:it|this|{_COLLECTION}) (?:cover|contain|have|hold|include)$"
            r"|^(?:please )?help(?: me)?$|\bhow (?:do|can) (?:i|we) (?:use|ask|search)\b",
        ),
        (
            DocumentFact.INSPECTORS,
            rf"\b(?:who|whose)\b.*\b(?:{_MADE}|{_INSPECTOR})\b|\bwho is speaking\b|\bwhose {_DOCUMENT}\b"
            rf"|\bwho (?:did|made|led|is in|was in|is responsible for|was responsible for) {_ANY}{_DOCUMENT}\b"
            rf"|{_WHICH}{_INSPECTOR}\b|\bnames? (?:of )?(?:the )?{_INSPECTOR}\b",
        ),
        (
            DocumentFact.PUBLISHED,
            rf"\b(?:when|{_WHICH}dates?)\b.*\b(?:published|updated)\b|\bdates? of publication\b",
        ),
        (
            DocumentFact.PERIODS,
            rf"\bwhen\b.*\b(?:{_MADE}|{_DOCUMENT})\b|{_COUNTED}{_PERIOD}\b|\b{_PERIOD} (?:of|are|is|covered)\b"
            rf"|\bhow recent\b.*\b{_DOCUMENT}\b",
        ),
        (DocumentFact.FORCES, rf"{_COUNTED}{_FORCE}(?! called)\b"),
        (
            DocumentFact.DOCUMENTS,
            rf"{_COUNTED}{_DOCUMENT}\b|\b(?:you have|you hold|is there|are there) {_ANY}{_DOCUMENT}\b"
            rf"|\b(?:titles?|names?) of {_SUBJECT} ?{_DOCUMENT}\b"
            rf"|\bwhat is {_SUBJECT}(?: {_DOCUMENT})?(?: called| about)?$"
            rf"|(?:^|\bis |\bare )(?:the )?{_NEW} {_DOCUMENT}\b|\b(?:what is|anything) new\b"
            r"|\bwhat (?:has been|was|is) (?:added|newest)\b"
            rf"|^(?:is|are|was|were|has|have) .*\b{_MADE}\b"
            r"|^(?:is|are) § (?:in|covered|included|held|available|there)\b"
            r"|\b(?:do|did) you (?:have|hold|cover|include|inspect)\b|\bwhat (?:do|have) you (?:have|hold|got|cover)\b",
        ),
    )
)
_NEWEST = re.compile(rf"\b{_NEW}\b")
_OF_ONE = re.compile(
    rf"\b(?:this|it|the (?:document|report|assessment|inspection|transcript|text|author|inspector|hmi|speaker))\b"
    rf"|\bwhich {_FORCE} is (?:this|it|being)\b"
)
_WORDS_OF_DOCUMENTS = """
    document documents report reports assessment assessments inspection inspections transcript transcripts source
    sources file files publication publications text page collection library index hmic hmicfrs peel
    force forces constabulary constabularies police inspector inspectors hmi hmis author authors inspectorate
    year years period periods date dates title titles name names named lead called question questions topic topics
    subject subjects kind kinds sort sorts type types
    hold held holds cover covers covered include includes included contain contains contained available indexed
    assess assesses assessed inspect inspects inspected wrote write written authored delivered produced made
    carried conducted published updated dated responsible speaking answer use search find help do does did
    list show count number latest last newest new recent recently current first added different being
"""
# Function words, without those that say what a document states, does not state, or what somebody ought to do.
_FUNCTION_WORDS = """
    how what whats what's which who whom who's whos whose when
    am are be been being can could did do does had has have having is isn't was were
    a an the all any anybody anyone anything every everything few many more most much other some these this that those
    i i'd i'm it its me my one our they them their there us we you your
    about at by for from got in into of on out to up with and or also else far here so still then
    ask asked asking give know let list please show tell thank thanks want would like see
"""
_WORDS = frozenset(_WORDS_OF_DOCUMENTS.split()) | frozenset(_FUNCTION_WORDS.split())


def document_request_of(question: str, corpus: Corpus) -> DocumentRequest | None:
    """What a question asks about the documents; None for a question about what they say."""
    spans = _of_scope(question, corpus)
    said: list[str] = []
    for text, start, end in words_at(question.replace("’", "'")):
        if any(a < end and start < b for a, b in spans):
            said += ["§"] if said[-1:] != ["§"] else []
        elif text not in _WORDS:
            return None
        else:
            said.append(text)
    read = " ".join(said)
    fact = next((fact for fact, asked in _ASKED if asked.search(read)), None)
    if fact is None or (fact is DocumentFact.EVERYTHING and "§" in said):
        return None
    is_of_one = fact is not DocumentFact.EVERYTHING and "§" not in said and _OF_ONE.search(read) is not None
    return DocumentRequest(fact, _NEWEST.search(read) is not None, is_of_one)


def _of_scope(question: str, corpus: Corpus) -> list[tuple[int, int]]:
    """The stretches of a question that name forces and periods, whether there are documents of them or not."""
    forces = [(mention.start, mention.end) for mention in corpus.gazetteer.find(question)]
    return [*forces, *((year.start, year.end) for year in find_periods_asked(question))]
