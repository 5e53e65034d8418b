"""Parses a turn of a conversation: its words, forces, periods, noun phrases and references."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.question.phrases import SCOPE_TAG, NounPhrase, Reference, is_clause, noun_phrases, references
from assistant.question.scope import Corpus
from assistant.question.tagger import Tagger, Token
from index.sources.dates import find_periods
from index.sources.forces import short_name
from index.text.tokens import stem, words

Span = tuple[int, int]
_CONTENT_TAGS = frozenset({"NN", "NNS", "NNP", "JJ", "CD", "VB", "VBP", "VBD", "VBN", "VBG"})


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
