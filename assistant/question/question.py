"""Understands a question: rewrites it to stand alone and reads its scope, its concepts and its intent."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from assistant.judgements.praise_and_concern import Judgement, JudgementWords
from assistant.question.concepts import ConceptExtractor
from assistant.question.conversation import Turn, is_courtesy, last_answer, plain_question, standalone
from assistant.question.document_request import DocumentRequest, document_request_of
from assistant.question.forces_asked import asks_which_force
from assistant.question.intent import AnswerKind, Intent, KindModel, QuestionKind, intent_of
from assistant.question.narrowing import ScopeLimit, narrowed
from assistant.question.periods import asks_about_change, asks_for_latest
from assistant.question.scope import Corpus, Scope
from assistant.question.speakers import AskedSpeaker, speaker_asked
from index.embedding.embedder import EncodedQuestion
from index.search.candidates import Concept
from index.text.words import clean, stem, words

_NO_TOPIC_STEMS = frozenset(
    {"forc", "polic", "constabulari", "main", "point", "summari", "summaris", "overview", "key", "make"}
)
HISTORY_WEIGHT = 0.5  # of a word that a follow-up takes from the question before

_FORCES = re.compile(r"\b(which|what|all) (\w+ )?(forces|constabularies)\b", re.IGNORECASE)
_TOGETHER = re.compile(
    r"\b(work(s|ing|ed)?|collaborat\w+|cooperat\w+|shar(e|es|ed|ing)|joint\w*|partner\w*|together|alongside)\b",
    re.IGNORECASE,
)
_THE_FORCE = re.compile(r"\b(the|this|that|our|your|their) (police )?(force|constabulary)\b", re.IGNORECASE)
_OVERVIEW = re.compile(
    r"\b(summar\w+|overview|key points|main (points|findings|conclusions))\b|\bin (short|brief)\b", re.IGNORECASE
)
_MANNER = re.compile(r"\bhow (\w+)\b")  # in "how good is it at custody", "good" is not the topic
_HOW_GOOD = re.compile(r"\bhow (good|well)\b", re.IGNORECASE)  # asks for both sides
_QUALITY = re.compile(
    r"\bhow (good|well|effective|efficient|strong|fair|safe|quick|ready|reliable)(ly)?\b"
    r"|\bwhat about\b|\bwhat is .* like\b|\bimprov(ing|ed?)\b|\bgetting (better|worse)\b",
    re.IGNORECASE,
)
_IS_IT_GOOD = re.compile(  # a yes or no needs what speaks for either
    r"^(is|are|was|were|does|do|did|has|have)\b.*\b(good|well|effective(ly)?|enough|proper(ly)?|fair(ly)?|safe(ly)?"
    r"|strong|better|worse|adequate(ly)?|poor(ly)?|weak|outstanding)\b",
    re.IGNORECASE,
)
_CHANGE_WORD = re.compile(
    r"^(chang|improv|better|wors|deterior|declin|progress|trend|perform|overal|judg|score)"
    r"|^(move|fix|time|go|get|got|fare|year|do|grade|rate|between)$"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the rest of the chain reads it."""

    text: str
    standalone: str
    intent: Intent
    scope: Scope
    concepts: tuple[Concept, ...]
    judgement: Judgement | None
    documents: DocumentRequest | None  # what it asks about the documents themselves
    about_change: bool
    which_force: bool  # asks for a force, not about one
    which_forces: bool  # asks for several
    topic: frozenset[str]  # stems of the concepts without forces, periods, judgements and frame words
    kind: QuestionKind
    encoded: EncodedQuestion | None = field(default=None, compare=False, repr=False)  # as it stands alone
    speaker: AskedSpeaker | None = None  # whose words it asks for
    follows: str = ""  # the answer that it follows up; empty when it stands alone

    @classmethod
    def unread(cls, text: str) -> Self:
        """A question about which nothing is known but its text."""
        intent = Intent(AnswerKind.OTHER, negated=False, numbers=frozenset(), names=frozenset())
        return cls(
            text=text,
            standalone=text,
            intent=intent,
            scope=Scope(),
            concepts=(),
            judgement=None,
            documents=None,
            about_change=False,
            which_force=False,
            which_forces=False,
            topic=frozenset(),
            kind=QuestionKind.FACT,
        )

    @property
    def about_documents(self) -> bool:
        """Whether it asks about the documents themselves, and not about what they say."""
        return self.documents is not None

    @property
    def has_topic(self) -> bool:
        """Whether it asks about something in particular."""
        return bool(self.topic)

    @property
    def asks_for_latest(self) -> bool:
        """Whether it asks how things are now, and names no other time."""
        return asks_for_latest(self.standalone) and not self.names_a_time

    @property
    def asks_about_quality(self) -> bool:
        """Whether it asks how good something is, whether it improves, or what there is to say of it."""
        if _IS_IT_GOOD.search(self.standalone):
            return True
        return self.judgement is None and _QUALITY.search(self.standalone) is not None

    @property
    def names_a_time(self) -> bool:
        """Whether it names an inspection or a year."""
        named = self.scope.periods or self.scope.missing_periods
        return bool(named) or any(len(number) == 4 for number in self.intent.numbers)

    @property
    def may_be_mentioned(self) -> bool:
        """Whether other forces' assessments may mention a force without one of its own: work done together."""
        return not self.has_topic or _TOGETHER.search(self.standalone) is not None

    @property
    def leaves_force_open(self) -> bool:
        """Whether it says "the force" without naming it, and no filter does."""
        named = self.scope.of_one_force or self.which_force or self.scope.missing_forces
        return not named and _THE_FORCE.search(self.standalone) is not None

    @property
    def asks_for_overview(self) -> bool:
        """Whether it asks for a summary, or the main points."""
        return _OVERVIEW.search(self.standalone) is not None

    @property
    def is_courtesy(self) -> bool:
        """Whether it only greets, thanks or takes leave."""
        return is_courtesy(self.text)

    @property
    def is_empty(self) -> bool:
        return not any(character.isalnum() for character in self.text)


@dataclass(frozen=True, slots=True)
class QuestionReader:
    """Reads questions about one collection. Immutable; safe to use from several threads.

    At most `max_characters` of a question are read. Without `encode` its kind is read from its words alone.
    """

    corpus: Corpus
    extractor: ConceptExtractor
    judgement_words: JudgementWords
    kinds: KindModel
    encode: Callable[[str], EncodedQuestion] | None = None
    max_characters: int = 10_000

    def understand(
        self, text: str, history: Sequence[Turn] = (), *, limit: ScopeLimit | None = None, rewritten: str = ""
    ) -> Question:
        """Understands a question in its conversation.

        `limit` is what a filter allows; `rewritten` is the question already rewritten to stand alone.
        """
        read = plain_question(clean(text[: self.max_characters]))
        alone = rewritten or standalone(read, history, self.corpus, self.extractor.vocabulary.stopwords)
        named = self.corpus.resolve(alone)
        if limit and named.ambiguous:
            alone = _disambiguated(limit, named, alone, self.corpus)
            named = self.corpus.resolve(alone)
        scope = narrowed(named, limit) if limit else named
        judgement = None if _HOW_GOOD.search(alone) else self.judgement_words.asked(alone)
        encoded = self.encode(clean(alone)) if self.encode and words(alone) else None
        return Question(
            text=text,
            standalone=alone,
            intent=_intent(read, alone, scope),
            scope=scope,
            concepts=_weighted(read, self.extractor.concepts(alone, scope.spans)),
            judgement=judgement,
            documents=document_request_of(alone, self.corpus),
            about_change=judgement is None and (asks_about_change(alone) or scope.over_time),
            which_force=asks_which_force(alone),
            which_forces=_FORCES.search(alone) is not None,
            topic=self._topic(alone, scope, judgement),
            kind=self.kinds.kind(alone, encoded.packaged if encoded else None),
            encoded=encoded,
            follows=last_answer(history) if alone != read else "",
            speaker=speaker_asked(alone, {word for start, end in scope.spans for word in words(alone[start:end])}),
        )

    def _topic(self, alone: str, scope: Scope, judgement: Judgement | None) -> frozenset[str]:
        """The stems of what a question is about, without its scope, its judgement words and words any question has."""
        skip = list(scope.spans)
        if judgement is not None:
            skip += self.judgement_words.spans_asking(judgement, alone)
        stems = {concept.text for concept in self.extractor.concepts(alone, skip)}
        missing = {stem(word) for name in scope.missing_forces for word in words(name)}
        topic = frozenset(
            text
            for text in stems - self.extractor.frame_stems - _NO_TOPIC_STEMS - missing
            if not _CHANGE_WORD.match(text)
        )
        manner = {stem(word) for word in _MANNER.findall(alone.lower())}
        return topic - manner or topic


def _disambiguated(limit: ScopeLimit, named: Scope, alone: str, corpus: Corpus) -> str:
    """The question with an ambiguous name of a force written out, if the filter allows only one of those forces."""
    allowed = corpus.forces_of(limit.part.places)
    meant = [name for name in named.choices if name in allowed]
    start, end = named.spans[0]
    return alone[:start] + meant[0] + alone[end:] if len(meant) == 1 else alone


def _weighted(text: str, concepts: Sequence[Concept]) -> tuple[Concept, ...]:
    """The concepts with their weights: those of a follow-up's own words in full, those of the conversation less."""
    own = {stem(word) for word in words(text)}
    if own.isdisjoint(concept.text for concept in concepts):
        return tuple(concepts)
    return tuple(concept if concept.text in own else replace(concept, weight=HISTORY_WEIGHT) for concept in concepts)


def _intent(text: str, alone: str, scope: Scope) -> Intent:
    """The intent by the question's own words; numbers and names of its scope need not be in a sentence."""
    rest = alone
    for start, end in sorted(scope.spans, reverse=True):
        rest = rest[:start] + " " + rest[end:]
    whole, own = intent_of(rest), intent_of(text)
    kind = own.kind if own.kind is not AnswerKind.OTHER else whole.kind
    return Intent(kind, own.negated, whole.numbers, whole.names)
