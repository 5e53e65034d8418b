"""The guards of sense: grades, negation, modality, quantity and direction, by the words of `data/claims.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil

from assistant.faithfulness.lexicon import ClaimWords, Phrases
from assistant.faithfulness.numbers import is_number
from assistant.faithfulness.parse import CitedEvidence, ParsedText, Word, modal_scope, split_clauses
from index.text.tokens import stem, words

QUANTITY_REACH_WORDS = 6  # after a quantity, that it may apply to
PARTIAL_REACH_WORDS = 4  # after "few" or a negated "all"
MODAL_CONTENT_WORDS = 4  # after a modal, by which a statement is compared with it
CLAUSE_DISTANCE = 4  # words; added to a distance for each clause boundary between
EMPTY_VERB_STEMS = frozenset({"make", "sure", "ensur", "continu", "consid", "start", "begin", "tri", "seek", "work"})

Marks = Mapping[str, Phrases]


def grades_supported(statement: ParsedText, evidence: CitedEvidence, lexicon: ClaimWords) -> bool:
    """Whether every grade is named in the sentences, and for the same thing."""
    cited = _classes_in(lexicon.grades, evidence.parsed)
    if not _classes_in(lexicon.grades, [statement]) <= cited:
        return False
    parts = _marked_parts(statement, lexicon.grades)
    return all(_marks_agree(part, evidence.parsed, lexicon.grades, lexicon) for part in parts)


def negation_supported(statement: ParsedText, evidence: CitedEvidence, lexicon: ClaimWords) -> bool:
    """Whether a statement negates what its sentences negate, and nothing else."""
    agreed = statement.stems(negated=True) & evidence.stems(negated=True)
    clauses = split_clauses(statement)
    if any(_negates_wrongly(clause, evidence, lexicon) for clause in clauses):
        return False
    return bool(agreed) or not any(_affirms_wrongly(clause, evidence, lexicon) for clause in clauses)


def modality_supported(statement: ParsedText, evidence: CitedEvidence, lexicon: ClaimWords) -> bool:
    """Whether "must", "should", "may" and the like are where they are in the sentences, and none is missing."""
    claimed = _classes_in(lexicon.modality, [statement])
    if claimed:
        cited = _classes_in(lexicon.modality, evidence.parsed)
        return all(lexicon.supporting_modals[name] & cited for name in claimed)
    return not any(_drops_modal(statement, sentence, lexicon) for sentence in evidence.parsed)


def quantity_supported(statement: ParsedText, evidence: CitedEvidence, lexicon: ClaimWords) -> bool:
    """Whether "all", "most", "few" and "only" apply to the same in the sentences, and "not all" stays "not all"."""
    for phrases in lexicon.quantity.values():
        cited = _quantified_stems(phrases, evidence.parsed)
        if any(cited.isdisjoint(_quantified(statement, span)) for span in phrases.spans(statement.tokens)):
            return False
    partial = (lexicon.quantity["all"], lexicon.quantity["few"])
    if any(phrases.within(statement.tokens) for phrases in partial) or not any(statement.negated):
        return True
    negated = statement.stems(negated=True)
    return negated.isdisjoint(_partly_negated(evidence.parsed, lexicon))


def direction_supported(statement: ParsedText, evidence: CitedEvidence, lexicon: ClaimWords) -> bool:
    """Whether better or worse, more or fewer, before or after is said of the same in the sentences."""
    claimed = _without_grades(statement.tokens, lexicon)
    cited = [_without_grades(sentence.tokens, lexicon) for sentence in evidence.parsed]
    for pair in lexicon.opposites:
        sides = pair.sides_used(claimed)
        if sides is None:
            continue
        own, opposite = sides
        contested = _occurs(opposite, cited)
        if (contested or pair.stated) and not _occurs(own, cited):
            return False
        marks = {"own": own, "opposite": opposite}
        if contested and not _marks_agree(statement, evidence.parsed, marks, lexicon):
            return False
    return True


def share_of_words(statement: ParsedText, evidence: CitedEvidence, lexicon: ClaimWords) -> float:
    """Share of a statement's content words that its sentences have, by stem or near-synonym; 1 where it has none."""
    claimed = _claimed_words(statement, lexicon)
    if not claimed:
        return 1.0
    cited = frozenset(word.stem for sentence in evidence.parsed for word in sentence.words)
    known = cited.union(*(_stems(sentence.metadata, lexicon) for sentence in evidence.sentences))
    found = sum(word.stem in known or _has_synonym(word.word, cited, lexicon) for word in claimed)
    return found / len(claimed)


def _claimed_words(statement: ParsedText, lexicon: ClaimWords) -> list[Word]:
    """The content words, but for numbers and for the phrases that frame a statement."""
    frame = lexicon.frame.covered(statement.tokens)
    content = [word for index, word in enumerate(statement.words) if word.content and index not in frame]
    return [word for word in content if not is_number(word.raw)]


def _classes_in(classes: Marks, texts: Sequence[ParsedText]) -> set[str]:
    """The names of the classes of which a phrase occurs in any of the texts."""
    return {name for name, phrases in classes.items() if any(phrases.within(text.tokens) for text in texts)}


def _negates_wrongly(clause: ParsedText, evidence: CitedEvidence, lexicon: ClaimWords) -> bool:
    """Whether a clause negates what no sentence does, unless the sentences speak of a lack of it."""
    negated = clause.stems(negated=True)
    if not negated or negated & evidence.stems(negated=True):
        return False
    lacking = any(lexicon.lack.within(sentence.tokens) or any(sentence.negated) for sentence in evidence.parsed)
    return not lacking or bool(negated & evidence.stems(negated=False))


def _affirms_wrongly(clause: ParsedText, evidence: CitedEvidence, lexicon: ClaimWords) -> bool:
    """Whether a clause without a negation affirms what the sentences only negate."""
    if clause.stems(negated=True):
        return False
    only_negated = evidence.stems(negated=True) - evidence.stems(negated=False)
    return bool(clause.stems(negated=False) & only_negated) and not _states_a_lack(clause, evidence, lexicon)


def _states_a_lack(clause: ParsedText, evidence: CitedEvidence, lexicon: ClaimWords) -> bool:
    """Whether a clause uses a word for a lack ("shortage", "missing") that the sentences do not use."""
    cited = {token for sentence in evidence.parsed for token in sentence.tokens}
    return any(not cited.issuperset(clause.tokens[start:end]) for start, end in lexicon.lack.spans(clause.tokens))


def _drops_modal(statement: ParsedText, sentence: ParsedText, lexicon: ClaimWords) -> bool:
    """Whether a statement says without a modal what a sentence says only with one."""
    spans = [span for phrases in lexicon.modality.values() for span in phrases.spans(sentence.tokens)]
    return any(_repeats_scope(statement, sentence, start, end) for start, end in spans)


def _repeats_scope(statement: ParsedText, sentence: ParsedText, start: int, end: int) -> bool:
    """Whether a statement repeats what the modal at words `start` to `end` of a sentence governs, and only it does.

    That is its verb, and at least half of the first content words that occur nowhere else in the sentence.
    """
    if sentence.words[start].clause != sentence.words[end - 1].clause:
        return False
    scope = modal_scope(sentence.words, end)
    outside = (*sentence.words[: scope.start], *sentence.words[scope.stop :])
    governed = _content_stems(sentence.words[scope.start : scope.stop])[:MODAL_CONTENT_WORDS]
    verb = next((found for found in governed if found not in EMPTY_VERB_STEMS), "")
    own = set(governed).difference(_content_stems(outside))
    repeated = own & statement.content_stems
    return bool(own) and verb in statement.content_stems and len(repeated) >= ceil(len(own) / 2)


def _quantified(text: ParsedText, span: tuple[int, int]) -> frozenset[str]:
    """Stems of the words that a quantity applies to: the first content words after it, and the last one before it."""
    start, end = span
    after = _content_stems(text.words[end : end + QUANTITY_REACH_WORDS])
    before = _content_stems(text.words[max(0, start - 2) : start])
    return frozenset([*after[:3], *before[-1:]])


def _quantified_stems(phrases: Phrases, sentences: Sequence[ParsedText]) -> set[str]:
    """Stems of all words that the phrases apply to in the sentences."""
    spans = [(sentence, span) for sentence in sentences for span in phrases.spans(sentence.tokens)]
    return {found for sentence, span in spans for found in _quantified(sentence, span)}


def _partly_negated(sentences: Sequence[ParsedText], lexicon: ClaimWords) -> set[str]:
    """Stems of the words after "few" or a negated "all", which are negated only in part."""
    stems: set[str] = set()
    for sentence in sentences:
        negated_all = [span for span in lexicon.quantity["all"].spans(sentence.tokens) if sentence.negated[span[0]]]
        for _, end in (*negated_all, *lexicon.quantity["few"].spans(sentence.tokens)):
            stems.update(_content_stems(sentence.words[end : end + PARTIAL_REACH_WORDS]))
    return stems


def _occurs(phrases: Phrases, texts: Sequence[Sequence[str]]) -> bool:
    """Whether any of the phrases is in any of the texts, each a list of words."""
    return any(phrases.within(tokens) for tokens in texts)


def _without_grades(tokens: Sequence[str], lexicon: ClaimWords) -> list[str]:
    """The words with grades blanked out, which say nothing of a direction ("requires improvement")."""
    blanked = list(tokens)
    for phrases in lexicon.grades.values():
        for index in phrases.covered(tokens):
            blanked[index] = "·"
    return blanked


def _marked_parts(statement: ParsedText, marks: Marks) -> list[ParsedText]:
    """The clauses of a statement with a mark in them; the whole statement where there is only one."""
    marked = [clause for clause in split_clauses(statement) if _classes_in(marks, [clause])]
    return [statement] if len(marked) == 1 else marked


def _marks_agree(part: ParsedText, sentences: Sequence[ParsedText], marks: Marks, lexicon: ClaimWords) -> bool:
    """Whether the words around a part's mark are nearest to the same mark in the sentences.

    Each other content word of the part votes, wherever it occurs in a sentence, for the nearest mark. A single
    sentence with only one mark has no vote.
    """
    claimed = _classes_in(marks, [part])
    topic = _topic_stems(part, marks, lexicon)
    votes = [
        mark in claimed
        for sentence in sentences
        if len(sentences) > 1 or len(_classes_in(marks, [sentence])) > 1
        for mark in _nearest_marks(sentence, topic, marks)
    ]
    return 2 * sum(votes) >= len(votes)


def _topic_stems(part: ParsedText, marks: Marks, lexicon: ClaimWords) -> set[str]:
    """Stems of a part's content words besides its marks and the phrases that frame a statement."""
    excluded = lexicon.frame.covered(part.tokens).union(*(phrases.covered(part.tokens) for phrases in marks.values()))
    return {word.stem for index, word in enumerate(part.words) if word.content and index not in excluded}


def _nearest_marks(sentence: ParsedText, topic: set[str], marks: Marks) -> Iterator[str]:
    """For each word of a sentence that is of the topic, the mark nearest to it, the first of several."""
    positions = [(name, start) for name, phrases in marks.items() for start, _ in phrases.spans(sentence.tokens)]
    if not positions:
        return
    for index, word in enumerate(sentence.words):
        if word.stem in topic:
            distances = [_distance(sentence, index, start) for _, start in positions]
            yield positions[distances.index(min(distances))][0]


def _distance(sentence: ParsedText, index: int, other: int) -> int:
    boundaries = abs(sentence.words[index].clause - sentence.words[other].clause)
    return abs(index - other) + CLAUSE_DISTANCE * boundaries


def _content_stems(parsed: Sequence[Word]) -> list[str]:
    return [word.stem for word in parsed if word.content]


def _has_synonym(word: str, cited: frozenset[str], lexicon: ClaimWords) -> bool:
    terms = [term for concept in lexicon.vocabulary.expand(word) for term in concept.terms]
    return any(stems and stems <= cited for stems in (_stems(term, lexicon) for term in terms))


def _stems(text: str, lexicon: ClaimWords) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text) if word not in lexicon.function)
