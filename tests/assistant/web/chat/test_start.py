"""The start state of the chat page: example questions that the index answers, filters, and the URL's options."""

from assistant.answer import Status
from assistant.messages import load_messages
from assistant.web.asker import Asker
from assistant.web.chat.start import (
    MAX_EXAMPLES,
    MAX_EXAMPLES_TRIED,
    MAX_URL_QUESTION_CHARACTERS,
    ExampleQuestions,
    StartPage,
    example_topics,
)
from index.published.generation import IndexedTranscript
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant, cite, indexed_transcript, make_answer


class FakeAssistant(FictionalAssistant):
    """Has the given transcripts, and answers questions that contain one of the given words."""

    def __init__(self, transcripts: tuple[IndexedTranscript, ...], answered: tuple[str, ...]) -> None:
        super().__init__()
        self.sources.transcripts = lambda: transcripts  # type: ignore[method-assign]
        self.answered = answered

    def ask(self, question, history=(), **_):  # type: ignore[no-untyped-def]
        self.asked.append((question, tuple(history)))
        if any(word in question for word in self.answered):
            return make_answer(question, Status.ANSWERED, [cite(NORTHSHIRE, 5, 1)])
        return make_answer(question)


def transcripts(*forces: str) -> tuple[IndexedTranscript, ...]:
    return tuple(
        indexed_transcript(f"t{n}", f"t{n}.txt", f"Title {n}", force, "2018/19", 9) for n, force in enumerate(forces)
    )


def examples(asker: Asker) -> tuple[str, ...]:
    return ExampleQuestions(asker, load_messages()).answered()


def test_only_questions_that_are_answered_become_examples() -> None:
    asker = FakeAssistant(transcripts("Northshire Constabulary"), ("custody", "wrote"))
    assert examples(asker) == ("Who wrote this assessment?", "What is said about custody?")


def test_with_several_forces_each_is_named_in_turn() -> None:
    asker = FakeAssistant(transcripts("Northshire Constabulary", "Westmere Police"), ("?",))
    questions = examples(asker)
    assert len(questions) == MAX_EXAMPLES
    assert [("Northshire" in question, "Westmere" in question) for question in questions] == [
        (True, False),
        (False, True),
    ] * 2


def test_the_number_of_questions_tried_is_bounded_and_each_index_is_tried_once() -> None:
    asker = FakeAssistant(transcripts("Northshire Constabulary"), ())
    found = ExampleQuestions(asker, load_messages())
    assert (found.answered(), found.answered()) == ((), ())
    assert len(asker.asked) == min(MAX_EXAMPLES_TRIED, len(example_topics()) + 2)
    asker.sources.transcripts = lambda: transcripts("Westmere Police")  # type: ignore[method-assign]
    asker.answered = ("custody",)
    assert found.answered() == ("What is said about custody?",)


def test_an_empty_index_has_no_examples() -> None:
    assert examples(FakeAssistant((), ())) == ()


def start_state(options: dict[str, str], *forces: str):  # type: ignore[no-untyped-def]
    asker = FakeAssistant(transcripts(*forces), ())
    return StartPage(asker, ExampleQuestions(asker, load_messages())).state(options)


def test_the_url_chooses_known_filters_and_ignores_others() -> None:
    forces, periods, transcripts = start_state(
        {"force": "Westmere Police", "period": "1999", "transcript": "t0"}, "Northshire Constabulary", "Westmere Police"
    ).filters
    assert forces.choices == (
        ("Northshire Constabulary", "Northshire Constabulary"),
        ("Westmere Police", "Westmere Police"),
    )
    assert (forces.chosen, periods.chosen, transcripts.chosen) == (("Westmere Police",), (), ("t0",))
    assert periods.choices == (("2018/19", "2018/19"),)


def test_transcripts_with_the_same_title_show_their_file_names() -> None:
    asker = FakeAssistant((*transcripts("A"), indexed_transcript("x", "x.txt", "Title 0", "A", "", 1)), ())
    choices = StartPage(asker, ExampleQuestions(asker, load_messages())).state({}).filters[2].choices
    assert choices == (("Title 0 (t0.txt)", "t0"), ("Title 0 (x.txt)", "x"))


def test_the_length_of_a_question_in_the_url_is_bounded() -> None:
    assert start_state({"q": "Why?"}, "A").question == "Why?"
    assert len(start_state({"q": "x" * 5_000}, "A").question) == MAX_URL_QUESTION_CHARACTERS
