"""Questions to start with: each is answered by what is held, and they change with it."""

from assistant.answer import Status
from assistant.messages import load_messages
from assistant.sources import Held
from assistant.web.asker import Asker
from assistant.web.chat.start import LONGEST, OFFERED, TRIED, Examples, StartPage, topics_asked
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant, cite, make_answer


class Holding(FictionalAssistant):
    """Holds what it is told to, and answers questions that hold any of some words."""

    def __init__(self, held: tuple[Held, ...], answered: tuple[str, ...]) -> None:
        super().__init__()
        self.sources.held = lambda: held  # type: ignore[method-assign]
        self.answered = answered

    def ask(self, question, history=(), **_):  # type: ignore[no-untyped-def]
        self.asked.append((question, tuple(history)))
        if any(word in question for word in self.answered):
            return make_answer(question, Status.ANSWERED, [cite(NORTHSHIRE, 5, 1)])
        return make_answer(question)


def held(*forces: str) -> tuple[Held, ...]:
    return tuple(Held(f"t{n}", f"t{n}.txt", f"Title {n}", force, "2018/19", 9) for n, force in enumerate(forces))


def examples(asker: Asker) -> tuple[str, ...]:
    return Examples(asker, load_messages()).offered()


def test_only_questions_that_are_answered_are_offered() -> None:
    asker = Holding(held("Northshire Constabulary"), ("custody", "wrote"))
    assert examples(asker) == ("Who wrote this assessment?", "What is said about custody?")


def test_of_several_forces_each_is_named_in_turn() -> None:
    asker = Holding(held("Northshire Constabulary", "Westmere Police"), ("?",))
    offered = examples(asker)
    assert len(offered) == OFFERED
    assert [("Northshire" in one, "Westmere" in one) for one in offered] == [(True, False), (False, True)] * 2


def test_nothing_is_asked_without_end_and_nothing_twice_over_one_index() -> None:
    asker = Holding(held("Northshire Constabulary"), ())
    found = Examples(asker, load_messages())
    assert (found.offered(), found.offered()) == ((), ())
    assert len(asker.asked) == min(TRIED, len(topics_asked()) + 2)
    asker.sources.held = lambda: held("Westmere Police")  # type: ignore[method-assign]
    asker.answered = ("custody",)
    assert found.offered() == ("What is said about custody?",)


def test_with_nothing_held_there_is_nothing_to_start_with() -> None:
    assert examples(Holding((), ())) == ()


def opened(asked: dict[str, str], *forces: str):  # type: ignore[no-untyped-def]
    asker = Holding(held(*forces), ())
    return StartPage(asker, Examples(asker, load_messages())).at(asked)


def test_an_address_chooses_a_filter_that_is_held_and_no_other() -> None:
    forces, periods, transcripts = opened(
        {"force": "Westmere Police", "period": "1999", "transcript": "t0"}, "Northshire Constabulary", "Westmere Police"
    ).limits
    assert forces.choices == (
        ("Northshire Constabulary", "Northshire Constabulary"),
        ("Westmere Police", "Westmere Police"),
    )
    assert (forces.chosen, periods.chosen, transcripts.chosen) == (("Westmere Police",), (), ("t0",))
    assert periods.choices == (("2018/19", "2018/19"),)


def test_transcripts_of_one_title_are_told_apart_by_their_files() -> None:
    asker = Holding((*held("A"), Held("x", "x.txt", "Title 0", "A", "", 1)), ())
    choices = StartPage(asker, Examples(asker, load_messages())).at({}).limits[2].choices
    assert choices == (("Title 0 (t0.txt)", "t0"), ("Title 0 (x.txt)", "x"))


def test_an_address_brings_a_question_of_some_length_at_most() -> None:
    assert opened({"q": "Why?"}, "A").question == "Why?"
    assert len(opened({"q": "x" * 5_000}, "A").question) == LONGEST
