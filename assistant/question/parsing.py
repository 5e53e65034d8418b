"""Parses a turn of a conversation: its words, forces, periods, noun phrases and references.

Takes the words off a turn that only join it to the turns before: "and", "ok then", "no, I meant", "what about".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.question.phrases import SCOPE_TAG, NounPhrase, Reference, is_clause, noun_phrases, references
from assistant.question.scope import Corpus
from assistant.question.tagger import Tagger, Token
from index.sources.dates import find_periods
from index.sources.forces import short_name
from index.text.words import stem, words

Span = tuple[int, int]
_CONTENT_TAGS = frozenset({"NN", "NNS", "NNP", "JJ", "CD", "VB", "VBP", "VBD", "VBN", "VBG"})
_MARKERS = "and but so or then well ok okay now right sorry no yes also oh ah please".split()  # noqa: SIM905
_SPEAKING = frozenset({"meant", "mean", "said"})
_ABOUT = re.compile(
    r"(?:(?:what|how) about|what of|same for|tell me about|(?P<back>(?:(?:going|coming) )?back to))\b\W*", re.IGNORECASE
)


@dataclass(frozen=True)
class ParsedTurn:
    """A text with its tagged words; `forces` and `periods` are the spans that name them."""

    text: str
    tokens: tuple[Token, ...]
    forces: tuple[Span, ...]
    periods: tuple[Span, ...]
    stopwords: Collection[str]

    @cached_property
    def phrases(self) -> list[NounPhrase]:
        """Its noun phrases, without forces and periods."""
        return noun_phrases(self.tokens)

    @cached_property
    def references(self) -> list[Reference]:
        """The words that refer back."""
        return references(self.tokens)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of its content words, those of forces and periods left out."""
        return self.stems_of(self.tokens)

    @property
    def content(self) -> list[Token]:
        """Its nouns, adjectives, numbers and verbs that say something of their own."""
        return [token for token in self.tokens if token.tag in _CONTENT_TAGS and self.stems_of([token])]

    @property
    def is_clause(self) -> bool:
        """Whether it has a finite verb."""
        return is_clause(self.tokens)

    @property
    def question_words(self) -> list[Token]:
        return [token for token in self.tokens if token.tag == "WH"]

    @property
    def unmarked(self) -> str:
        """Its words in small letters, without marks."""
        return " ".join(token.word for token in self.tokens if token.tag != ".")

    def stems_of(self, tokens: Sequence[Token]) -> frozenset[str]:
        """The stems of the content words among some of its words."""
        said = [word for token in tokens if token.tag != SCOPE_TAG for word in words(token.text)]
        return frozenset(stem(word) for word in said if word not in self.stopwords)

    def written(self, spans: Sequence[Span]) -> list[str]:
        """The text of some spans."""
        return [self.text[start:end] for start, end in spans]


def parse(text: str, corpus: Corpus, stopwords: Collection[str]) -> ParsedTurn:
    """Parses a text."""
    forces = tuple((mention.start, mention.end) for mention in corpus.gazetteer.find(text))
    periods = tuple((mention.start, mention.end) for mention in find_periods(text))
    tokens = tuple(_masked(token, (*forces, *periods)) for token in Tagger.load().tag(text))
    return ParsedTurn(text, tokens, forces, periods, stopwords)


def _masked(token: Token, spans: Sequence[Span]) -> Token:
    inside = any(start < token.end and token.start < end for start, end in spans)
    return replace(token, tag=SCOPE_TAG) if inside else token


def names_of_forces(text: str, corpus: Corpus) -> list[str]:
    """The forces a text names, each as short as it is still known by; an ambiguous name as it is written."""
    mentions = corpus.gazetteer.find(text)
    names = [mention.forces[0] if len(mention.forces) == 1 else mention.text for mention in mentions]
    return list(dict.fromkeys(_short(name, corpus) for name in names))


def _short(name: str, corpus: Corpus) -> str:
    short = short_name(name)
    again = corpus.gazetteer.find(short)
    return short if again and again[0].forces == (name,) else name


def without_connectives(said: ParsedTurn) -> str:
    """The turn without the words that join it. "Back to custody, who …" becomes "On custody, who …"."""
    text = said.text[_start(said) :]
    about = _ABOUT.match(text)
    rest = text[about.end() :] if about else ""
    if not about or not rest:
        return text
    if about["back"] and "," in rest:
        return f"{'In' if rest[0].isdigit() else 'On'} {rest}"
    return rest


def _start(said: ParsedTurn) -> int:
    """The first character after the words that join."""
    tokens = said.tokens
    place = 0
    while place < len(tokens) and tokens[place].tag != SCOPE_TAG:
        speaks = tokens[place].word == "i" and place + 2 < len(tokens) and tokens[place + 1].word in _SPEAKING
        if not speaks and tokens[place].word not in _MARKERS and tokens[place].tag != ".":
            break
        place += 2 if speaks else 1
    return tokens[place].start if place < len(tokens) else 0
