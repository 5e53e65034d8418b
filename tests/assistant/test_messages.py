import ast
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

import assistant
from assistant.answer import Status
from assistant.messages import LANGUAGE, LANGUAGES, load_messages, missing_messages, preferred_language, read_messages

CODE = Path(assistant.__file__).parent
COUNTED = ("sentences", "transcripts", "seconds")
FILE_TYPES = ("css", "js", "html")
NAMES = "choices|filter|force|forces|held|missing|name|names|other|outside|place|places|speaker|topic|unknown|whose"
MUTATED = re.compile(rf"\b(?:a|am|ar|at|dan|gan|gyda|heb|i|na|neu|o|yn|â) {{(?:{NAMES})\b")
QUOTED = re.compile(r"""["']([a-z_]+\.[a-z0-9_.]*)["']""")


def strings_in_code() -> Iterator[str]:
    """Every string constant in the modules, and everything in quotation marks in the page templates."""
    for file in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for template in CODE.rglob("*.html"):
        yield from QUOTED.findall(template.read_text(encoding="utf-8"))


def names_in_code() -> set[str]:
    """Every string in the code that could be the name of a message: dotted, beginning with the name of a table.

    Where code builds a name from a table and a value (`f"detail.{…}"`), every message of that table counts.
    """
    texts = load_messages().texts
    tables = {name.split(".")[0] for name in texts}
    found: set[str] = set()
    for value in strings_in_code():
        table, dot, rest = value.partition(".")
        if table in tables and dot and not rest:
            found |= {name for name in texts if name.startswith(value)}
        if table in tables and rest.isidentifier() and (rest not in FILE_TYPES or value in texts):
            found.add(value)
    return found


def test_every_message_is_used_and_every_name_used_has_a_message() -> None:
    assert set(load_messages().texts) == names_in_code()


def test_every_status_and_every_counted_noun_has_its_messages() -> None:
    counted = {f"count.{noun}.{form}" for noun in COUNTED for form in ("one", "other")}
    assert counted | {f"status.{status.value}" for status in Status} <= set(load_messages().texts)


def test_no_message_carries_markup() -> None:
    for text in load_messages().texts.values():
        assert not set("<>&") & set(text), text


def test_every_language_has_only_known_names_with_the_same_placeholders() -> None:
    data = resources.files("assistant") / "data"
    codes = [file.name.split(".")[1] for file in data.iterdir() if file.name.startswith("messages.")]
    assert sorted(codes) == sorted(LANGUAGES)
    english = read_messages("en")
    for code in codes:
        for name, text in read_messages(code).items():
            assert placeholders(text) == placeholders(english[name]), f"{code}: {name}"


def test_a_message_that_a_language_lacks_is_shown_in_english_and_listed() -> None:
    welsh = load_messages("cy")
    assert welsh.say("ask.button") == "Gofyn"
    assert welsh.say("grade.good") == load_messages("en").say("grade.good") == "Good"
    assert "grade.good" in missing_messages("cy")
    assert "ask.button" not in missing_messages("cy")
    assert missing_messages("en") == []
    assert set(welsh.texts) == set(load_messages("en").texts)
    command = [sys.executable, "-m", "assistant.messages", "cy"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=CODE.parent)
    assert listed.stdout.split() == missing_messages("cy")


def test_questions_for_an_english_search_and_grades_stay_in_english() -> None:
    english, welsh = read_messages("en"), read_messages("cy")
    for table in ("example.", "grade.", "pillar."):
        assert [name for name in english if name.startswith(table)]
        assert [name for name in welsh if name.startswith(table)] == []


def test_no_name_in_welsh_stands_after_a_word_that_would_mutate_it() -> None:
    found = {name: MUTATED.findall(text) for name, text in read_messages("cy").items() if MUTATED.search(text)}
    assert found == {}
    assert MUTATED.findall("asesiad o {forces}, o {count}") == ["o {forces"]


def test_messages_without_a_language_follow_the_page_that_is_being_answered() -> None:
    messages = load_messages()
    assert (messages.language, messages.say("ask.button")) == ("en", "Ask")
    token = LANGUAGE.set("cy")
    assert (messages.language, messages.say("ask.button")) == ("cy", "Gofyn")
    LANGUAGE.reset(token)
    assert messages.language == "en"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("cy", "cy"),
        ("cy-GB,cy;q=0.9,en;q=0.8", "cy"),
        ("en-GB,en;q=0.9,cy;q=0.8", "en"),
        ("fr, cy;q=0.3", "cy"),
        ("en;q=0.2, cy;q=0.7", "cy"),
        ("cy;q=0", ""),
        ("cy;q=nonsense", ""),
        ("*", ""),
        ("", ""),
    ],
)
def test_the_language_that_a_browser_prefers(accepted: str, language: str) -> None:
    assert preferred_language(accepted, ("en", "cy")) == language
    assert preferred_language(accepted, ("en",)) in ("en", "")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize(("number", "expected"), [(0, "0 sentences"), (1, "1 sentence"), (3583, "3,583 sentences")])
def test_a_count_takes_the_form_of_its_number(number: int, expected: str) -> None:
    assert load_messages().count("sentences", number) == expected


def test_braces_in_a_value_are_not_read_as_placeholders() -> None:
    text = load_messages().say("turn.searched", scope="{transcripts}", transcripts="2", sentences="3")
    assert text == "Searched {transcripts}: 2, 3."
