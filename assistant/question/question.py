"""Understands a question: as one that stands alone, with its scope, its concepts and the kind of answer asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.judgements.praise_and_concern import Judgement, asking_words, judgement_asked
from assistant.question.concepts import Lexicon
from assistant.question.conversation import Turn, plainly
from assistant.question.followup import standalone
from assistant.question.intent import AnswerKind, Wanted, asks_about_itself, wanted
from assistant.question.narrowing import ScopeLimit, narrowed
from assistant.question.scope import Corpus, Scope, asks_about_change, asks_which_force
from index.search.search import Concept
from index.text.normalise import clean
from index.text.tokens import stem, words

_ANY_FORCE = frozenset(
    {"forc", "polic", "constabulari", "main", "point", "summari", "summaris", "overview", "key", "make"}
)
CARRIED = 0.5  # how much a word counts that a follow-up takes over from the question before

_FORCES = re.compile(r"\b(which|what|all) (\w+ )?(forces|constabularies)\b", re.IGNORECASE)
_TOGETHER = re.compile(
    r"\b(work(s|ing|ed)?|collaborat\w+|cooperat\w+|shar(e|es|ed|ing)|joint\w*|partner\w*|together|alongside)\b",
    re.IGNORECASE,
)
_THE_FORCE = re.compile(r"\b(the|this|that|our|your|their) (police )?(force|constabulary)\b", re.IGNORECASE)
_OVERVIEW = re.compile(
    r"\b(summar\w+|overview|key points|main (points|findings|conclusions))\b|\bin (short|brief)\b", re.IGNORECASE
)
_MANNER = re.compile(r"\bhow (\w+)\b")  # "how good is it at" asks of what comes after
_CHANGE_WORD = re.compile(
    r"^(chang|improv|better|wors|deterior|declin|progress|trend|perform|overal|judg|score)"
    r"|^(move|fix|time|go|get|got|fare|year|do|grade|rate|between)$"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the rest of the chain reads it."""

    text: str
    standalone: str
    wanted: Wanted
    scope: Scope
    concepts: tuple[Concept, ...]
    judgement: Judgement | None
    about_itself: bool  # asks who wrote the assessment, or which force it is about
    about_change: bool
    which_force: bool  # asks for a force, not about one
    which_forces: bool  # asks for several
    topic: frozenset[str]  # stems of the concepts besides forces, periods, grades, judgements and the question's frame

    @property
    def has_topic(self) -> bool:
        """Whether it asks about something in particular."""
        return bool(self.topic)

    @property
    def may_be_mentioned(self) -> bool:
        """Whether other forces' assessments may mention a force without one of its own: work done together."""
        return not self.has_topic or _TOGETHER.search(self.standalone) is not None

    @property
    def leaves_force_open(self) -> bool:
        """Whether it speaks of "the force" and neither it nor a filter says which."""
        named = self.scope.of_one_force or self.which_force or self.scope.missing_forces
        return not named and _THE_FORCE.search(self.standalone) is not None

    @property
    def asks_for_overview(self) -> bool:
        """Whether it asks for a summary, or the main points."""
        return _OVERVIEW.search(self.standalone) is not None

    @property
    def is_empty(self) -> bool:
        return not any(character.isalnum() for character in self.text)


def understand(
    text: str,
    history: Sequence[Turn],
    corpus: Corpus,
    lexicon: Lexicon,
    max_characters: int = 10_000,
    limit: ScopeLimit | None = None,
    alone: str = "",
) -> Question:
    """Reads a question in its conversation: at most `max_characters` of it, cleaned and in plain words.

    `limit` is what a filter allows; `alone` is the question already rewritten to stand alone.
    """
    read = plainly(clean(text[:max_characters]))
    alone = alone or standalone(read, history, corpus, lexicon.vocabulary.stopwords)
    named = corpus.resolve(alone)
    if limit and named.ambiguous:
        alone = _meant_within(limit, named, alone, corpus)
        named = corpus.resolve(alone)
    scope = narrowed(named, limit) if limit else named
    judgement = judgement_asked(alone)
    return Question(
        text=text,
        standalone=alone,
        wanted=_wanted(read, alone, scope),
        scope=scope,
        concepts=_weighed(read, lexicon.concepts(alone, scope.spans)),
        judgement=judgement,
        about_itself=asks_about_itself(read) or asks_about_itself(alone),
        about_change=judgement is None and (asks_about_change(alone) or scope.over_time),
        which_force=asks_which_force(alone),
        which_forces=_FORCES.search(alone) is not None,
        topic=_topic(alone, scope, judgement, lexicon),
    )


def _topic(alone: str, scope: Scope, judgement: Judgement | None, lexicon: Lexicon) -> frozenset[str]:
    """The stems of what a question is about, without its scope, its judgement words and words any question has."""
    skipped = [*scope.spans, *(asking_words(judgement, alone) if judgement else ())]
    stems = [concept.text for concept in lexicon.concepts(alone, skipped) if not _CHANGE_WORD.match(concept.text)]
    missing = {stem(word) for name in scope.missing_forces for word in words(name)}
    ignored = lexicon.frame_stems | _ANY_FORCE | missing
    topic = [text for text in stems if text not in ignored]
    manner = {stem(word) for word in _MANNER.findall(alone.lower())}
    return frozenset([text for text in topic if text not in manner] or topic)


def _meant_within(limit: ScopeLimit, named: Scope, alone: str, corpus: Corpus) -> str:
    """The question with an ambiguous name of a force written out, where the filter allows only one of them."""
    allowed = corpus.forces_of(limit.part.places)
    meant = [name for name in named.choices if name in allowed]
    start, end = named.spans[0]
    return alone[:start] + meant[0] + alone[end:] if len(meant) == 1 else alone


def _weighed(text: str, concepts: Sequence[Concept]) -> tuple[Concept, ...]:
    """A follow-up's own words count in full, what it leaves to the conversation counts half."""
    own = {stem(word) for word in words(text)}
    if own.isdisjoint(concept.text for concept in concepts):
        return tuple(concepts)
    return tuple(concept if concept.text in own else replace(concept, weight=CARRIED) for concept in concepts)


def _wanted(text: str, alone: str, scope: Scope) -> Wanted:
    """What is asked for, by the words of the question itself; what its scope names need not be in a sentence."""
    rest = alone
    for start, end in sorted(scope.spans, reverse=True):
        rest = rest[:start] + " " + rest[end:]
    whole, own = wanted(rest), wanted(text)
    kind = own.kind if own.kind is not AnswerKind.OTHER else whole.kind
    return Wanted(kind, own.negated, whole.numbers, whole.names)
