"""The turns of a conversation, and how a follow-up question is made to stand alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.question.antecedents import EarlierTurn, FollowUpModel
from assistant.question.parsing import parse
from assistant.question.rewriting import Rewriting
from assistant.question.scope import Corpus
from assistant.work import checked


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    text: str


_GREETING = re.compile(
    r"^\W*(?:hello|hi|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|dear (?:sir|madam|all|team))"
    r"(?: (?:there|all|everyone|team|again))?(?:\s*[,.:;!]| [–—-])\s*(?=\w)",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"\b(?:many thanks|thanks|thank you|ta|cheers|please|kind regards|best wishes)"
    r"(?: (?:very|so) much| a lot| in advance)?$",
    re.IGNORECASE,
)
_THANKS_CHARACTERS = 40  # no fewer than the longest thanks has
_BEFORE_THANKS = " \t\r\n,.;:!–—-"
# What is said around a question: that somebody asks, and in which form the answer is wished.
_ASKED_POLITELY = re.compile(
    r"^(?:please |kindly |so |well |and )*"
    r"(?:(?:can|could|would|will) you (?:please |kindly |just )?(?:tell|show|let|inform|remind) (?:me|us)(?: know)?"
    r"|(?:i|we)(?:['’]d| would)? ?(?:(?:just )?(?:need|want|wish|like|love) )?"
    r"to (?:know|find out|understand|learn|hear|see)"
    r"|(?:i|we) (?:am|was|are|were) (?:just )?(?:wondering|interested in|curious about|trying to find out)"
    r"|do you (?:happen to )?know|(?:please |kindly )?(?:tell|let) (?:me|us)(?: know)?|any idea)"
    r"(?: about\b)?,?\s+(?=\w)",
    re.IGNORECASE,
)
_FORM = (
    r"(?:(?:in|as|using) (?:(?:an?|no more than|not more than|at most|about|under|less than|fewer than|up to"
    r"|[0-9]+|one|two|three|four|five|six|seven|eight|nine|ten|a few|several|short|simple|plain|numbered|bulleted) )*"
    r"(?:bullet points?|bullets|sentences?|words|paragraphs?|english|table|numbered list|bulleted list)"
    r"|briefly|concisely|in a nutshell)"
)
_ANSWER_IN = (
    r"(?:(?:please |kindly )*(?:answer|reply|respond|write|put it|keep it) (?:short|brief|(?=in |as |using |briefly)))"
)
_FORM_FIRST = re.compile(rf"^{_ANSWER_IN}?{_FORM}\s*[,:–—-]?\s+(?=\w)", re.IGNORECASE)
_FORM_LAST = re.compile(rf"\b{_ANSWER_IN}?{_FORM}\W*$|(?<=[?.!] ){_ANSWER_IN}\W*$", re.IGNORECASE)
_FORM_CHARACTERS = 120  # no fewer than the longest wish for a form has
_LENGTH_WISHED = re.compile(
    r"\b(?:short|brief|quick|concise|one[- ]page|simple) (?=summary|overview|answer|list|account)", re.IGNORECASE
)
_CONTRACTED_IS = re.compile(r"\b(who|what|how|where|when|why)['’]?s\b", re.IGNORECASE)


def plain_question(question: str) -> str:
    """The question without greetings, thanks, words of asking and wishes for a form, unless there is nothing else."""
    plain = _without_thanks(_GREETING.sub("", question)) or question
    plain = _without_form(_without_form(plain))
    plain = _ASKED_POLITELY.sub("", _without_thanks(plain))
    return _CONTRACTED_IS.sub(r"\1 is", _LENGTH_WISHED.sub("", plain))


_AUXILIARY = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|should|will|would|must)"
_WH = r"(?:what|which|who|whom|whose|when|where|why|how)"
_OPENS = re.compile(
    rf"\W*(?:and |but |also |then |so |by |in |to )*"
    rf"(?:{_WH}|{_AUXILIARY}|list|name|show|summari[sz]e|describe|compare|explain)\b",
    re.IGNORECASE,
)
_NEXT_SENTENCE = re.compile(r"(?<=[?])[\s\"”’)]+(?=\w)")
_MARK = re.compile(r"(?:(?<=^)|(?<=[\s;,.?:]))\(?([a-h]|[1-9]|i{1,3}|iv)[.)]\s+(?=[A-Za-z])", re.IGNORECASE)
_FIRST_MARKS = (("a", "b"), ("1", "2"), ("i", "ii"))
_JOINED_QUESTION = re.compile(
    rf"[,;]?\s+(?:and|but)(?: also| then)?\s+"
    rf"(?={_WH}(?:\s+[\w'’-]+){{0,3}}?\s+{_AUXILIARY}\b\s+\w"
    r"|who\s+(?:[a-z]+ed|said|made|gave|wrote|runs?|leads?)\b)",
    re.IGNORECASE,
)
_ASKS_INSIDE = re.compile(rf"\b{_WH}\b", re.IGNORECASE)
MAX_QUESTIONS = 6  # in one turn; more are read as one
MAX_SPLIT_CHARACTERS = 1_000  # of a turn; a longer one is read as one question


def questions_in(text: str) -> tuple[str, ...]:
    """The questions of a turn, in order: listed, in sentences, or joined by "and"; the turn itself if it is one."""
    if len(text) > MAX_SPLIT_CHARACTERS:
        return (text,)
    listed = _listed_questions(text)
    parts = listed or [part for sentence in _sentences(text) for part in _joined(sentence)]
    return tuple(parts) if 1 < len(parts) <= MAX_QUESTIONS else (text,)


def _listed_questions(text: str) -> list[str]:
    """The questions behind "a)" and "b)", or "1." and "2."; none where they are not listed."""
    marks = list(_MARK.finditer(text))
    if tuple(mark.group(1).lower() for mark in marks[:2]) not in _FIRST_MARKS:
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [text[mark.end() : end].strip(" ;,") for mark, end in zip(marks, ends, strict=True)]


def _sentences(text: str) -> list[str]:
    """The sentences that ask something; what asks nothing stays with its neighbour."""
    found: list[str] = []
    for sentence in _NEXT_SENTENCE.split(" ".join(text.split())):
        asks = _OPENS.match(plain_question(sentence)) is not None and len(sentence.split()) > 1
        if found and not asks:
            found[-1] += f" {sentence}"
        else:
            found.append(sentence)
    return found


def _joined(sentence: str) -> list[str]:
    """The questions of a sentence that are joined by "and"; a question inside another one is no question by itself."""
    plain = plain_question(sentence)
    for joined in _JOINED_QUESTION.finditer(plain):
        before, after = plain[: joined.start()], plain[joined.end() :]
        opens_with_wh = re.match(rf"(?:in |by |for |to |on |from |at )?{_WH}\b", before, re.IGNORECASE)
        if len(before.split()) > 2 and (opens_with_wh or not _ASKS_INSIDE.search(before)):
            return [before.rstrip(" ?") + "?", *_joined(after)]
    return [sentence]


def _without_form(question: str) -> str:
    """The question without a wish for a form at its start or end, unless there is nothing else. Reads both ends."""
    started = _FORM_FIRST.sub("", question) or question
    cut = max(0, len(started) - _FORM_CHARACTERS)
    wished = _FORM_LAST.search(started[cut:])
    asked = started[: cut + wished.start()].rstrip(_BEFORE_THANKS) if wished else ""
    return asked or started


def _without_thanks(question: str) -> str:
    """The question without thanks at its end, if anything is before them. The end is found first, so this is linear."""
    end = len(question)
    while end and not (question[end - 1].isalnum() or question[end - 1] == "_"):
        end -= 1
    thanks = _THANKS.search(question, max(0, end - _THANKS_CHARACTERS), end)
    asked = question[: thanks.start()].rstrip(_BEFORE_THANKS) if thanks else ""
    return asked if asked and (asked[-1].isalnum() or asked[-1] in "_?)”\"'’") else question


# What a turn that asks nothing is made of: it has one of the first, and nothing besides them and the others.
_COURTESIES = """
    hello hi hey hiya greetings morning afternoon evening thanks thank ta cheers regards wishes bye goodbye ok okay
    great lovely perfect brilliant
"""
_BESIDE_COURTESIES = """
    good day dear sir madam all team there everyone again you please kind best very so much a lot in advance many for
    your help that is that's now then and
"""


def is_courtesy(text: str) -> bool:
    """Whether a turn only greets, thanks or takes leave."""
    said = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.lower().replace("’", "'"))
    courtesies = frozenset(_COURTESIES.split())
    return bool(courtesies.intersection(said)) and courtesies.union(_BESIDE_COURTESIES.split()).issuperset(said)


def standalone(question: str, history: Sequence[Turn], corpus: Corpus, stopwords: Collection[str]) -> str:
    """The question with what it takes from the conversation written out; unchanged when it takes nothing."""
    exchanges: list[EarlierTurn] = []
    for asked, answered in checked(_pairs(history)):
        understood = _understood(plain_question(asked), exchanges, corpus)
        scope = corpus.resolve(understood)
        if scope.forces or not scope.missing_forces:  # a question about a force without transcripts is skipped
            exchanges.append(EarlierTurn(parse(understood, corpus, stopwords), parse(answered, corpus, stopwords)))
    return _understood(question, exchanges, corpus)


def last_answer(history: Sequence[Turn]) -> str:
    """What was answered to the last question of a conversation; empty where nothing was."""
    answers = [answered for _, answered in _pairs(history)]
    return answers[-1] if answers else ""


def _understood(question: str, exchanges: Sequence[EarlierTurn], corpus: Corpus) -> str:
    if not exchanges or is_courtesy(question):
        return question
    return Rewriting.of(question, exchanges, corpus, FollowUpModel.load()).rewritten()


def _pairs(history: Sequence[Turn]) -> Iterator[tuple[str, str]]:
    """Yields each question of the conversation with what was answered to it."""
    asked, answered = "", ""
    for turn in history:
        if turn.role == "user":
            if asked:
                yield asked, answered
            asked, answered = ("" if is_courtesy(turn.text) else turn.text.strip()), ""
        elif asked:
            answered = f"{answered} {turn.text}".strip()
    if asked:
        yield asked, answered
