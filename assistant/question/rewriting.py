"""Rewrites one turn of a conversation as a question that stands alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.question.antecedents import Candidate, EarlierTurn, FollowUpModel, candidates
from assistant.question.document_request import document_request_of
from assistant.question.forces_asked import asks_which_force
from assistant.question.intent import AnswerKind, intent_of
from assistant.question.parsing import ParsedTurn, names_of_forces, parse, without_connectives
from assistant.question.phrases import Reference, ReferenceKind, split_at_ends
from assistant.question.scope import Corpus
from assistant.question.wording import (
    as_sentence,
    base_of,
    changed_periods,
    coordinated,
    definite,
    exchanged,
    framed,
    in_scope,
    inserted,
    joined,
    narrowed_to,
    possessive,
    uncapitalised,
    with_tail,
)
from index.sources.dates import find_periods

REPLACED_FROM = 0.3  # probability from which a phrase replaces a word that refers back
FRAMED_FROM = 0.15  # from which a phrase is put in front of a question that refers back, or is no whole question
FRAMED_COMPLETE_FROM = 0.5  # from which it is put in front of any other
MAX_TOPICS = 3  # phrases of earlier turns in a question
_TIMES = """
    year years time period inspection last next previous following report reports both assessment
"""
_BARE_QUESTION = re.compile(
    r"(?P<word>(?:(?:since|until|by|from|for|to|with|in|at) )?(?:how (?:come|many|much|long|often|far|so)|why not|why"
    r"|how|when|where|who|whom|what|which)(?: way)?)(?:'?s| is| was)?(?: (?:that|this|so))?(?: then)?"
)
_LIMITS = frozenset({"only", "just"})
_SAID_ABOUT = re.compile(r"\b(?:said|say|says|stated?|mention(?:s|ed)?|find|found|think|thought)\b[^.?!]*?\babout\b")
_WHO_SAID = re.compile(
    r"(?:and )?(?:who (?:said|says|say|wrote|found|thinks?)(?: (?:that|this|so|it|these|those))?(?: things?)?|says who"
    r"|according to who(?:m)?|whose (?:words|findings?|views?) (?:are|is) (?:that|this|it|these|those|they))(?: then)?"
)
_SINCE = re.compile(r"\bsince\b", re.IGNORECASE)
_ENDS = " ,;:?.!"


@dataclass(frozen=True)
class Rewriting:
    """One turn, and the turns before it. `asked` is the turn without its connectives."""

    said: ParsedTurn
    asked: ParsedTurn
    introduced: bool  # whether it begins "and", "what about" or the like
    history: Sequence[EarlierTurn]
    corpus: Corpus
    model: FollowUpModel

    @classmethod
    def of(cls, text: str, history: Sequence[EarlierTurn], corpus: Corpus, model: FollowUpModel) -> Rewriting:
        """Parses a turn."""
        stopwords = history[-1].question.stopwords
        said = parse(text, corpus, stopwords)
        asked = parse(without_connectives(said), corpus, stopwords)
        return cls(said, asked, asked.text != text, history, corpus, model)

    @property
    def last(self) -> ParsedTurn:
        """The question before, as it was understood."""
        return self.history[-1].question

    def rewritten(self) -> str:
        """The question that stands alone; the turn itself where it takes nothing from those before."""
        for rewrite in (
            self._another_period,
            self._another_scope,
            self._question_word,
            self._who_said,
            self._narrower,
            self._corrected,
        ):
            text = rewrite()
            if text:
                return as_sentence(text)
        if self._asks_every_force or not self.model.is_followup(self.said, self.history):
            return self.said.text
        completed = self._completed()
        return as_sentence(completed) if completed != self.asked.text else self.said.text

    def _another_period(self) -> str:
        """The question before, of "the year before"."""
        if self.asked.periods or self._content_without_time():
            return ""
        new = changed_periods(self.asked.text, self.last.text, self.corpus)
        return self._with_scope([new]) if new else ""

    def _another_scope(self) -> str:
        """The question before, of another force or period: "and Westmere?"."""
        if not (self.asked.forces or self.asked.periods) or self._content_without_time() or self.asked.question_words:
            return ""
        return self._with_scope(self.asked.written(self.asked.periods))

    def _question_word(self) -> str:
        """The question before, and "why?"."""
        asked = _BARE_QUESTION.fullmatch(self.asked.unmarked)
        if asked is None:
            return ""
        before = self.last
        is_yes_no = bool(before.tokens) and before.tokens[0].tag in {"AUX", "MD"}
        if is_yes_no:
            return f"{asked['word']} {uncapitalised(base_of(before.text))}"
        return coordinated(before.text, asked["word"])

    def _who_said(self) -> str:
        """Who made the assessments of the force and period last spoken of: "who said that?"."""
        if not self._forces or not _WHO_SAID.fullmatch(self.asked.unmarked):
            return ""
        periods = [] if _SINCE.search(self.last.text) else self.last.written(self.last.periods)
        return f"Who inspected {joined(self._forces)}{in_scope([], periods)}?"

    def _narrower(self) -> str:
        """The question before, limited: "only the causes of concern"."""
        if not self.asked.tokens or self.asked.tokens[0].word not in _LIMITS or self.asked.is_clause:
            return ""
        return narrowed_to(self.last.text, self.asked.text)

    def _corrected(self) -> str:
        """The question before with a word exchanged: "999, not 99"."""
        new, found, old = self.asked.text.partition(" not ")
        start = self.last.text.lower().find(old.strip(_ENDS).lower()) if old.strip(_ENDS) else -1
        if not found or start < 0 or self.asked.is_clause:
            return ""
        return inserted(self.last.text, [(start, start + len(old.strip(_ENDS)), new.strip(_ENDS))])

    def _completed(self) -> str:
        """The question with what it refers to, and the force and period of the question before."""
        about_topic = document_request_of(self.asked.text, self.corpus) is None
        found = sorted(self._candidates if about_topic else (), key=lambda candidate: -candidate.probability)
        replacements, used = self._replacements(found)
        text = inserted(self.asked.text, replacements)
        if not self.asked.is_clause and not self.asked.question_words:
            text = self._fragment(text)
        topic = "" if self._names_another_topic else self._topic(found, used)
        named = parse(f"{text} {topic}", self.corpus, self.said.stopwords)
        scope = in_scope(
            [] if named.forces or asks_which_force(self.asked.text) else self._forces,
            [] if named.periods or self._asks_about_now else self.last.written(self.last.periods),
        )
        return framed(topic + scope, text) if topic else with_tail(text, scope)

    @property
    def _names_another_topic(self) -> bool:
        """Whether it names something else to speak of: "and vetting?", "what is said about vetting?"."""
        until = self._said_until
        refers = any(word.kind is not ReferenceKind.PLACE for word in self.asked.references if word.start >= until)
        if self.asked.is_clause:
            return until > 0 and any(phrase.start >= until for phrase in self.asked.phrases) and not refers
        return self.introduced and bool(self.asked.phrases) and not refers

    @property
    def _references(self) -> list[Reference]:
        """The words that refer to what, or to whom, was spoken of."""
        person, until = ReferenceKind.PERSON, self._said_until
        return [word for word in self.asked.references if word.kind is person or word.start >= until]

    @cached_property
    def _said_until(self) -> int:
        """Where "what did they say about" ends, whose "they" are those who speak, not what is spoken of; else 0."""
        found = _SAID_ABOUT.search(self.asked.text.lower())
        return found.end() if found else 0

    @property
    def _asks_every_force(self) -> bool:
        """Whether it asks which forces do something, in words that refer to nothing before."""
        return asks_which_force(self.asked.text) and self.asked.is_clause and not self.asked.references

    @property
    def _asks_about_now(self) -> bool:
        """Whether it is asked in the present tense."""
        past = {"was", "were", "did", "had"}
        verbs = [token for token in self.asked.tokens if token.tag in {"AUX", "MD", "VBP", "VBD"}]
        return bool(verbs) and not any(token.tag == "VBD" or token.word in past for token in verbs)

    @cached_property
    def _candidates(self) -> list[Candidate]:
        return [
            replace(candidate, probability=self.model.probability(candidate.features))
            for candidate in candidates(self.asked, self.history)
        ]

    def _replacements(self, found: Sequence[Candidate]) -> tuple[list[tuple[int, int, str]], list[Candidate]]:
        """What each word that refers back is replaced by, and the phrases so used."""
        replacements: list[tuple[int, int, str]] = []
        used: list[Candidate] = []
        for reference in _first_of_each_kind(self._references):
            if reference.kind is ReferenceKind.ONE:
                items = self._listed()
                if items and reference.ordinal < len(items):
                    return [_replacement(reference, items[reference.ordinal])], used
                continue
            candidate = next((fit for fit in found if fit not in used and _fits(reference, fit)), None)
            if candidate is not None:
                used.append(candidate)
                replacements.append(_replacement(reference, definite(candidate.text, candidate.phrase)))
            elif self._forces and not self.asked.forces and _may_be_force(reference):
                replacements.append(_replacement(reference, joined(self._forces)))
        return replacements, used

    def _listed(self) -> list[str]:
        """What the turns before list, in order: several forces asked about, else the subjects of several sentences."""
        if len(self._forces) > 1:
            return self._forces
        answer = self.history[-1].answer
        subjects = [
            next((phrase for phrase in answer.phrases if first <= phrase.start < last), None)
            for first, last in split_at_ends(answer.tokens)
        ]
        named = [definite(answer.text[phrase.start : phrase.end], phrase) for phrase in subjects if phrase is not None]
        return named if len(named) > 1 else []

    def _topic(self, found: Sequence[Candidate], used: Sequence[Candidate]) -> str:
        """The likely phrases that no word of the question stands for, the likeliest first; empty if there is none."""
        is_whole = self.asked.is_clause and not self.asked.references
        floor = FRAMED_COMPLETE_FROM if is_whole else FRAMED_FROM
        known = frozenset(stem for candidate in used for stem in candidate.stems)
        chosen: list[Candidate] = []
        for candidate in found:
            if candidate.probability < floor or len(chosen) + len(used) >= MAX_TOPICS:
                break
            if not candidate.stems <= known:
                chosen.append(candidate)
                known |= candidate.stems
        return joined([definite(candidate.text, candidate.phrase) for candidate in chosen])

    def _fragment(self, text: str) -> str:
        """A phrase as a question; where the question before asks for a grade, that question about it."""
        topics = self.last.phrases
        is_plain = len(self.asked.phrases) == 1 and not self.asked.references
        if topics and is_plain and intent_of(self.last.text).kind is AnswerKind.GRADE:
            return inserted(base_of(self.last.text), [(topics[-1].start, topics[-1].end, text.rstrip(" ?.!"))])
        return f"What about {text.rstrip(' ?.!')}?"

    @property
    def _forces(self) -> list[str]:
        """The forces last spoken of: those of the question before, else the only one its answer names."""
        asked = names_of_forces(self.last.text, self.corpus)
        answer = names_of_forces(self.history[-1].answer.text, self.corpus)
        return asked or (answer if len(answer) == 1 else [])

    def _with_scope(self, periods: Sequence[str]) -> str:
        """The question before about the forces of this turn and some periods."""
        text, forces = self.last.text, names_of_forces(self.asked.text, self.corpus)
        if forces:
            text = exchanged(text, self.last.forces, joined(forces), in_scope(forces, []))
        if periods:
            spans = [(mention.start, mention.end) for mention in find_periods(text)]
            text = exchanged(text, spans, joined(periods), in_scope([], periods))
        return text

    def _content_without_time(self) -> list[str]:
        return [token.word for token in self.asked.content if token.word not in _TIMES.split() and token.tag != "CD"]


def _fits(reference: Reference, candidate: Candidate) -> bool:
    """Whether a phrase may be what a word refers to."""
    if reference.kind is ReferenceKind.PERSON:
        return candidate.phrase.is_name
    if candidate.probability < REPLACED_FROM or reference.kind is ReferenceKind.PLACE or reference.noun:
        return False
    return candidate.phrase.is_plural == (reference.kind is ReferenceKind.PLURAL)


def _first_of_each_kind(found: Sequence[Reference]) -> list[Reference]:
    """The references whose kind is new: a second "they" means the same as the first and stays."""
    return list({reference.kind: reference for reference in reversed(found)}.values())


def _replacement(reference: Reference, new: str) -> tuple[int, int, str]:
    if reference.possessive:
        new = possessive(new)
    return (reference.start, reference.end, f"in {new}" if reference.kind is ReferenceKind.PLACE else new)


def _may_be_force(reference: Reference) -> bool:
    """Whether a word may stand for a force: "they", "there", "its", "that force"."""
    if reference.noun:
        return reference.noun in {"force", "constabulary"}
    return reference.kind in {ReferenceKind.PLURAL, ReferenceKind.PLACE} or (
        reference.possessive and reference.kind is ReferenceKind.THING
    )
