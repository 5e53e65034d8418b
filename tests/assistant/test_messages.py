import ast
import string
from importlib import resources
from pathlib import Path

import pytest

import assistant
from assistant.answer import Status
from assistant.messages import load_messages

CODE = Path(assistant.__file__).parent
COUNTED = ("sentences", "transcripts", "seconds")


def names_in_code() -> set[str]:
    """Every string in the code that could be a phrase's name: dotted, starting with the name of a catalogue's table.

    Where code makes a name up of a table and something else (`f"detail.{…}"`), every phrase of that table counts.
    """
    phrases = load_messages().phrases
    tables = {name.split(".")[0] for name in phrases}
    found: set[str] = set()
    for file in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            table, dot, rest = node.value.partition(".")
            if table in tables and dot and not rest:
                found |= {name for name in phrases if name.startswith(node.value)}
            if table in tables and rest.isidentifier() and rest not in ("css", "js"):
                found.add(node.value)
    return found


def test_every_phrase_is_used_and_every_name_used_has_a_phrase() -> None:
    assert set(load_messages().phrases) == names_in_code()


def test_every_status_and_every_counted_noun_has_its_phrases() -> None:
    counted = {f"count.{noun}.{form}" for noun in COUNTED for form in ("one", "other")}
    assert counted | {f"status.{status.value}" for status in Status} <= set(load_messages().phrases)


def test_no_phrase_carries_markup() -> None:
    for phrase in load_messages().phrases.values():
        assert not set("<>&") & set(phrase), phrase


def test_every_language_has_the_same_names_with_the_same_blanks() -> None:
    data = resources.files("assistant") / "data"
    codes = [file.name.split(".")[1] for file in data.iterdir() if file.name.startswith("phrases.")]
    english = load_messages("en").phrases
    for code in codes:
        other = load_messages(code).phrases
        assert {name: blanks(text) for name, text in other.items()} == {n: blanks(text) for n, text in english.items()}


def blanks(phrase: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}


@pytest.mark.parametrize(("number", "said"), [(0, "0 sentences"), (1, "1 sentence"), (3583, "3,583 sentences")])
def test_a_number_of_things_is_said_as_people_say_it(number: int, said: str) -> None:
    assert load_messages().count("sentences", number) == said


def test_what_fills_a_blank_is_not_read_as_a_pattern() -> None:
    said = load_messages().say("turn.searched", scope="{transcripts}", transcripts="2", sentences="3")
    assert said == "Searched {transcripts}: 2, 3."
