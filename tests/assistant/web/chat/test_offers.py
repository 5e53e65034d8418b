"""What the chat page offers: questions that the index answers, filters, and the URL's options."""

from assistant.answer import Status
from assistant.filter import EVERYTHING, Filter
from assistant.messages import load_messages
from assistant.web.asker import Asker
from assistant.web.chat.offers import (
    MAX_TRIED,
    MAX_URL_QUESTION_CHARACTERS,
    OfferedQuestions,
    StartPage,
)
from index.published.generation import IndexedTranscript
from tests.fixtures.fictional import (
    NORTHSHIRE,
    WESTMERE,
    FictionalAssistant,
    FictionalSources,
    cite,
    compared,
    indexed_transcript,
    listed,
    make_answer,
    two_sided,
)
from tests.fixtures.lexicons import judgements_of


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


class KindsAssistant(FakeAssistant):
    """Answers each kind of question in its layout."""

    def __init__(self, held: tuple[IndexedTranscript, ...]) -> None:
        super().__init__(held, ("investigat",))

    def ask(self, question, history=(), **_):  # type: ignore[no-untyped-def]
        self.asked.append((question, tuple(history)))
        made = {"Which": listed, "How did": compared, "How do": compared, "What are": two_sided}
        for start, make in made.items():
            if question.startswith(start):
                return make(question)
        return super().ask(question, history)


def transcripts(*forces: str) -> tuple[IndexedTranscript, ...]:
    return tuple(
        indexed_transcript(f"t{n}", f"t{n}.txt", f"Title {n}", force, "2018/19", 9) for n, force in enumerate(forces)
    )


def examples(asker: Asker) -> tuple[str, ...]:
    return OfferedQuestions(asker, load_messages()).examples()


def test_only_questions_that_are_answered_become_examples() -> None:
    asker = FakeAssistant(transcripts("Northshire Constabulary"), ("custody", "wrote"))
    assert examples(asker) == ("Who wrote this assessment?",)
    asker = FakeAssistant(transcripts("Northshire Constabulary"), ("domestic abuse", "wrote"))
    assert examples(asker) == ("What is said about domestic abuse?", "Who wrote this assessment?")


def test_each_kind_of_question_that_the_collection_allows_has_an_example() -> None:
    held = (
        indexed_transcript("n1", "n1.txt", "N 1", "Northshire Constabulary", "2016", 9),
        indexed_transcript("n2", "n2.txt", "N 2", "Northshire Constabulary", "2018/19", 9),
        indexed_transcript("w", "w.txt", "W", "Westmere Police", "2021/22", 9),
    )
    assert examples(KindsAssistant(held)) == (
        "What is said about investigating crime in Northshire Constabulary?",
        "Which forces have concerns about investigating crime?",
        "How did Northshire Constabulary change on investigating crime between 2016 and 2018/19?",
        "How do Northshire Constabulary and Westmere Police compare on investigating crime?",
        "What are the strengths and weaknesses of Northshire Constabulary?",
    )


def test_an_answer_of_another_kind_is_no_example_of_its_kind() -> None:
    asker = FakeAssistant(transcripts("Northshire Constabulary", "Westmere Police"), ("?",))  # answers by quoting only
    assert not [question for question in examples(asker) if question.startswith(("Which", "How", "What are"))]


def test_the_number_of_questions_tried_is_bounded_and_each_index_is_tried_once() -> None:
    asker = FakeAssistant(transcripts("Northshire Constabulary", "Westmere Police"), ())
    found = OfferedQuestions(asker, load_messages())
    assert (found.examples(), found.examples()) == ((), ())
    assert len(asker.asked) <= 6 * MAX_TRIED
    asker.sources.transcripts = lambda: transcripts("Westmere Police")  # type: ignore[method-assign]
    asker.answered = ("domestic abuse",)
    assert found.examples() == ("What is said about domestic abuse?",)


def test_an_empty_index_has_no_examples() -> None:
    assert examples(FakeAssistant((), ())) == ()


# Suggestions ----------------------------------------------------------------------------------------------------------


def suggestions(asker: Asker, question: str, within: Filter = EVERYTHING) -> tuple[str, ...]:
    return OfferedQuestions(asker, load_messages()).after(question, within)


def test_after_a_judgement_the_next_section_both_sides_and_all_forces_are_suggested() -> None:
    asker = FictionalAssistant()
    asker.sources = FictionalSources({page.transcript.id: page for page in (NORTHSHIRE, WESTMERE)})
    asker.judgements = judgements_of(asker.sources)
    asker.answered_too = ("treating",)
    assert suggestions(asker, "How well does Northshire investigate crime?") == (
        "Which forces have concerns about investigating crime?",
        "What are the strengths and weaknesses of Northshire Constabulary?",
        "What is said about treating people fairly in Northshire Constabulary?",
    )


def test_a_suggestion_that_is_not_answered_is_not_offered() -> None:
    asker = FictionalAssistant()  # does not answer about treating people fairly
    assert not [one for one in suggestions(asker, "Is crime investigated?") if "treating" in one]


def test_a_change_since_another_inspection_is_suggested_where_there_was_one() -> None:
    held = (
        *FictionalSources().transcripts()[:1],
        indexed_transcript("n3", "n3.txt", "N 3", "Northshire Constabulary", "2021/22", 9),
    )
    asked = suggestions(KindsAssistant(held), "How is crime investigated?")
    change = "How did Northshire Constabulary change on investigating crime between 2018/19 and 2021/22?"
    assert asked[0] == change
    assert change not in suggestions(KindsAssistant(held[:1]), "How is crime investigated?")
    assert change not in suggestions(KindsAssistant(held), "How is crime investigated?", Filter(periods=("2018/19",)))


def test_suggestions_are_asked_within_the_filter() -> None:
    asker = FictionalAssistant()
    suggestions(asker, "How is crime investigated?", Filter(("Northshire Constabulary",)))
    assert set(asker.within) == {Filter(("Northshire Constabulary",))}


def test_nothing_is_suggested_after_a_refusal() -> None:
    asker = FictionalAssistant()
    assert suggestions(asker, "How many horses?") == ()
    assert len(asker.asked) == 1


def test_suggestions_are_worked_out_once_for_each_index() -> None:
    asker = FictionalAssistant()
    offered = OfferedQuestions(asker, load_messages())
    first = offered.after("How is crime investigated?")
    asked = len(asker.asked)
    assert offered.after("How is crime investigated?") == first
    assert len(asker.asked) == asked + 1


def start_state(options: dict[str, list[str]], *forces: str):  # type: ignore[no-untyped-def]
    asker = FakeAssistant(transcripts(*forces), ())
    return StartPage(asker, OfferedQuestions(asker, load_messages())).state(options)


def test_the_url_chooses_known_filters_and_ignores_others() -> None:
    forces, periods, transcripts = start_state(
        {"force": ["Westmere Police"], "period": ["1999"], "transcript": ["t0"]},
        "Northshire Constabulary",
        "Westmere Police",
    ).filters
    assert forces.choices == (
        ("Northshire Constabulary", "Northshire Constabulary"),
        ("Westmere Police", "Westmere Police"),
    )
    assert (forces.chosen, periods.chosen, transcripts.chosen) == (("Westmere Police",), (), ("t0",))
    assert periods.choices == (("2018/19", "2018/19"),)


def test_the_url_chooses_several_values_and_transcripts_by_title() -> None:
    forces, _, titles = start_state({"force": ["A", "C", "X"], "transcript": ["Title 1", "t2"]}, "A", "B", "C").filters
    assert (forces.chosen, titles.chosen) == (("A", "C"), ("t1", "t2"))


def test_transcripts_with_the_same_title_show_their_file_names() -> None:
    asker = FakeAssistant((*transcripts("A"), indexed_transcript("x", "x.txt", "Title 0", "A", "", 1)), ())
    choices = StartPage(asker, OfferedQuestions(asker, load_messages())).state({}).filters[2].choices
    assert choices == (("Title 0 (t0.txt)", "t0"), ("Title 0 (x.txt)", "x"))


def test_the_length_of_a_question_in_the_url_is_bounded() -> None:
    assert start_state({"q": ["Why?"]}, "A").question == "Why?"
    assert len(start_state({"q": ["x" * 5_000]}, "A").question) == MAX_URL_QUESTION_CHARACTERS
