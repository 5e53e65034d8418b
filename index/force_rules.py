"""When a stretch of words is a mention of a force: whole names, what may follow them, and names that are also words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.forces import TOKEN, Name, Rule, word_of

POLICE = frozenset({"police", "force", "forces", "constabulary", "constabularies", "officers", "cops", "pcc"})
BODY = (("police", "service"), ("police", "force"), ("police",), ("constabulary",))
FIRE = (
    ("fire", "and", "rescue", "service"), ("fire", "and", "rescue", "authority"), ("fire", "and", "rescue"),
    ("fire", "service"), ("fire", "brigade"),
)  # fmt: skip
_OPENERS = frozenset({
    "and", "are", "at", "but", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "how",
    "in", "is", "of", "on", "or", "should", "was", "were", "what",
})  # fmt: skip
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_WITHIN_NAME = re.compile(r"\s*|[-‐‑–]")


@dataclass(frozen=True, slots=True)
class Token:
    start: int
    end: int
    word: str
    possessive: bool
    joined: bool  # nothing but white space or a hyphen stands between it and the token before


def tokens_of(text: str) -> list[Token]:
    """The words of a text, where they stand in it."""
    tokens: list[Token] = []
    end = 0
    for match in TOKEN.finditer(text):
        joined = bool(tokens) and _WITHIN_NAME.fullmatch(text, end, match.start()) is not None
        possessive = match["possessive"] is not None
        stop = match.end("word") if match["word"] else match.end()
        tokens.append(Token(match.start(), stop, word_of(match), possessive, joined))
        end = stop
    return tokens


def reads(tokens: Sequence[Token], at: int, words: tuple[str, ...]) -> bool:
    """Whether these words stand at a token, with nothing but white space or a hyphen between them."""
    return at + len(words) <= len(tokens) and all(
        tokens[at + n].word == word and (n == 0 or tokens[at + n].joined) for n, word in enumerate(words)
    )


def tail_length(tokens: Sequence[Token], after: int, tails: Iterable[tuple[str, ...]]) -> int:
    """How many tokens of the first tail that stands here."""
    for words in tails:
        if after < len(tokens) and tokens[after].joined and reads(tokens, after, words):
            return len(words)
    return 0


def counts(text: str, tokens: Sequence[Token], at: int, name: Name) -> bool:
    """Whether a name that is also an ordinary word stands where it names a force."""
    last = at + len(name.words) - 1
    written = text[tokens[at].start : tokens[last].end]
    before = tokens[at - 1].word if at else ""
    match name.rule:
        case Rule.PLAIN:
            return True
        case Rule.EXACTLY:
            return written == name.text
        case Rule.WITH_POLICE:
            return last + 1 < len(tokens) and tokens[last + 1].word in POLICE
        case Rule.CAPITAL:
            return written == written.capitalize() or _beside(tokens, last)
        case Rule.INSIDE:
            return (written == written.capitalize() and at > 0) or before == "the" or _beside(tokens, last)
        case Rule.ALONE:
            return before != "the" and written == written.capitalize() and _alone(text, tokens, at)


def _beside(tokens: Sequence[Token], last: int) -> bool:
    """Whether a police word, an apostrophe-s or a year follows."""
    following = tokens[last + 1 : last + 3]
    words = [token.word for token in following if token.word not in ("in", "for", "peel")]
    if tokens[last].possessive:
        return True
    return bool(words) and (words[0] in POLICE or _YEAR.fullmatch(words[0]) is not None)


def _alone(text: str, tokens: Sequence[Token], at: int) -> bool:
    """Whether no capitalised word stands on either side, save one that opens a question, and a word stands before."""
    before, after = tokens[at - 1 : at], tokens[at + 1 : at + 2]
    if not before or (after and after[0].joined and (after[0].word == "of" or text[after[0].start].isupper())):
        return False
    return before[0].word in _OPENERS or not text[before[0].start].isupper()
