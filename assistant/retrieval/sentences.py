"""Reads sentences of one generation from the record: by row, with the sentence before, titles, notes on grading."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.compose import depends_on_previous
from assistant.coverage import sort_key
from assistant.judgements.grades import CHANGE_WORDS, FIVE_GRADES_FROM, GRADE_WORDS, says_scales_changed
from index.published.arrays import ROLES
from index.published.open_index import OpenIndex
from index.storage.reader import StoredSentence
from index.text.sentences import Sentence
from index.text.transcript import Role
from index.text.words import stem, words


class SentenceStore:
    """Reads sentences of one open index. Immutable; safe to use from several threads.

    Every method reads through the record's checksums and raises `CorruptDatabaseError` for a damaged sentence.
    """

    def __init__(self, index: OpenIndex) -> None:
        self._index = index

    def by_row(self, rows: Sequence[int] | NDArray[np.int64]) -> list[StoredSentence]:
        """The sentences at these rows of the generation, in the same order."""
        keys = self._index.generation.keys
        return self._index.sentences([int(keys[row]) for row in rows])

    def reread(self, sentences: Sequence[Sentence]) -> list[StoredSentence]:
        """The same sentences as the record has them, in the same order."""
        return self._index.sentences([sentence.key for sentence in sentences])

    def previous(self, chosen: Sequence[StoredSentence]) -> dict[str, StoredSentence]:
        """For each chosen sentence that would be misread alone, by id: the sentence before it in the same passage."""
        generation = self._index.generation
        dependent = [stored for stored in chosen if depends_on_previous(stored.sentence.text)]
        rows = generation.rows_of([stored.sentence.key for stored in dependent]).tolist()
        pairs = [
            (stored.sentence.id, row - 1)
            for stored, row in zip(dependent, rows, strict=True)
            if row and generation.passage_of[row - 1] == generation.passage_of[row]
        ]
        found = self.by_row([row for _, row in pairs])
        return {sentence_id: stored for (sentence_id, _), stored in zip(pairs, found, strict=True)}

    def has_title(self, place: int) -> bool:
        """Whether the text of the transcript at this place states its title."""
        return bool(self._index.generation.title_rows[place] >= 0)

    def stating(self, place: int, words_of: str) -> list[StoredSentence]:
        """The title of the transcript at this place if it has these words, else the first sentence with all of them.

        Returns at most one sentence; of a title without these words, the title if no sentence has them.
        """
        generation = self._index.generation
        transcript, title = generation.transcripts[place], int(generation.title_rows[place])
        stems = [stem(word) for word in words(words_of)]
        found = [generation.words.postings(one)[0].astype(np.int64) for one in stems]
        rows = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
        for of_word in found:
            rows = np.intersect1d(rows, of_word)
        own = rows[(rows >= transcript.first_row) & (rows < transcript.first_row + transcript.row_count)]
        if title >= 0 and (title in own or not len(own)):
            return self.by_row([title])
        return self.by_row(own[:1])

    def transcript_ids(self, places: Sequence[int]) -> list[str]:
        """The ids of the transcripts at these places, or of all, by force, then by time."""
        transcripts = self._index.generation.transcripts
        chosen = [transcripts[place] for place in places] if places else list(transcripts)
        ordered = sorted(chosen, key=lambda transcript: (sort_key(transcript.metadata), transcript.id))
        return [transcript.id for transcript in ordered]

    def scale_change(self, places: Sequence[int]) -> list[StoredSentence]:
        """The first sentence saying that grades cannot be compared, in the transcripts at these places or in all.

        Only assessments since the five grades were introduced are read: earlier ones speak of other changes. Returns
        at most one sentence.
        """
        generation = self._index.generation
        recent = [
            place
            for place, transcript in enumerate(generation.transcripts)
            if transcript.metadata.period
            and transcript.metadata.period.first >= FIVE_GRADES_FROM
            and (not places or place in places)
        ]
        graded, changed = (
            np.concatenate([generation.words.postings(stem(word))[0] for word in listed])
            for listed in (GRADE_WORDS, CHANGE_WORDS)
        )
        both = np.intersect1d(graded, changed).astype(np.int64)
        is_finding = generation.roles[both] == ROLES.index(Role.FINDING)
        found = self.by_row(both[is_finding & np.isin(generation.transcript_of[both], recent)])
        return [stored for stored in found if says_scales_changed(stored.sentence.text)][:1]
