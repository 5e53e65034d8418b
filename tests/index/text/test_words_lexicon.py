from __future__ import annotations

import calendar
import re

import pytest

from index.text.words import (
    GRADE_STATED,
    GRADES,
    HIGH_GRADES,
    LOW_GRADES,
    MONTH_NUMBERS,
    MONTHS,
    NUMBERS_BELOW_100,
    ONE_WORD_GRADES,
    alternatives,
)


def test_months_have_the_calendar_s_names_and_numbers():
    assert [name.capitalize() for name in MONTHS] == list(calendar.month_name)[1:]
    for number in range(1, 13):
        assert MONTH_NUMBERS[calendar.month_name[number].lower()] == number
        assert MONTH_NUMBERS[calendar.month_abbr[number].lower()] == number
    assert MONTH_NUMBERS["sept"] == 9


@pytest.mark.parametrize(("word", "value"), [("zero", 0), ("one", 1), ("nineteen", 19), ("twenty", 20), ("ninety", 90)])
def test_a_number_word_has_its_value(word, value):
    assert NUMBERS_BELOW_100[word] == value


def test_every_grade_is_matched_as_it_is_stated():
    for grade in (*GRADES, "required improvement", "requiring improvement", "not yet graded"):
        assert re.fullmatch(GRADE_STATED, grade)
    assert ONE_WORD_GRADES == ("outstanding", "good", "adequate", "inadequate")


def test_adequate_is_neither_high_nor_low():
    assert set(GRADES) - HIGH_GRADES - LOW_GRADES == {"adequate"}
    assert not HIGH_GRADES & LOW_GRADES


def test_alternatives_match_words_as_written():
    assert re.fullmatch(alternatives(["a.m.", "p.m."]), "p.m.")
    assert not re.fullmatch(alternatives(["a.m.", "p.m."]), "paml")
