"""The words people use: what stands for what, what must not, and what a malformed data file says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from assistant.question.vocabulary import Vocabulary, WordingKind
from assistant.question.vocabulary_files import Abbreviations, Synonyms, data_folder, read_toml
from index.errors import VocabularyError


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data files, to be spoilt."""
    copy = tmp_path / "data"
    shutil.copytree(str(data_folder()), copy)
    return copy


def stood_for(vocabulary: Vocabulary, question: str) -> dict[str, set[str]]:
    """Each span of the question that stands for something, in lower case, with the terms it stands for."""
    found: dict[str, set[str]] = {}
    for expansion in vocabulary.expand(question):
        found.setdefault(question[expansion.start : expansion.end].lower(), set()).update(expansion.terms)
    return found


def terms(vocabulary: Vocabulary, question: str) -> set[str]:
    return {term for expansion in vocabulary.expand(question) for term in expansion.terms}


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("ASB", "anti-social behaviour"),
        ("SOC", "serious and organised crime"),
        ("CSE", "child sexual exploitation"),
        ("PCC", "police and crime commissioner"),
        ("DA", "domestic abuse"),
        ("VAWG", "violence against women and girls"),
        ("OCG", "organised crime group"),
        ("AFI", "area for improvement"),
        ("CoC", "cause of concern"),
        ("S&S", "stop and search"),
        ("UoF", "use of force"),
        ("IOPC", "Independent Office for Police Conduct"),
        ("MAPPA", "multi-agency public protection arrangements"),
        ("BWV", "body-worn video"),
        ("FMS", "force management statement"),
        ("MASH", "multi-agency safeguarding hub"),
    ],
)
def test_an_abbreviation_and_its_long_form_expand_to_each_other(vocabulary: Vocabulary, short: str, long: str) -> None:
    assert long in stood_for(vocabulary, f"How does the force deal with {short}?")[short.lower()]
    assert short in stood_for(vocabulary, f"How does the force deal with {long}?")[long.lower()]


def test_abbreviations_are_recognised_in_lower_case_and_in_the_plural(vocabulary: Vocabulary) -> None:
    assert "anti-social behaviour" in terms(vocabulary, "asb in northshire")
    assert "police community support officer" in terms(vocabulary, "How many PCSOs are there?")


def test_an_abbreviation_with_several_meanings_gives_all_of_them(vocabulary: Vocabulary) -> None:
    found = {e.terms: e.weight for e in vocabulary.expand("Who is the CC?") if e.kind is WordingKind.ABBREVIATION}
    assert set(found) == {("chief constable",), ("county council",)}
    assert found["chief constable",] > found["county council",]
    assert all(weight < 1 for weight in found.values())


@pytest.mark.parametrize(
    "question",
    [
        "How is it going?",
        "HOW IS IT GOING IN NORTHSHIRE?",
        "Do the layers peel apart?",
        "Does the Westmere team thrive?",
        "What is the pace of change?",
        "Is there an app?",
    ],
)
def test_an_ordinary_word_is_not_taken_for_an_abbreviation(vocabulary: Vocabulary, question: str) -> None:
    assert not [e for e in vocabulary.expand(question) if e.kind is WordingKind.ABBREVIATION]


def test_capitals_distinguish_an_abbreviation_from_the_word(vocabulary: Vocabulary) -> None:
    assert "information technology" in terms(vocabulary, "Is the force's IT any good?")


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("money", "financial"),
        ("budget", "savings"),
        ("bobbies on the beat", "patrol"),
        ("bobbies", "officer"),
        ("staff morale", "wellbeing"),
        ("survivors", "victim"),
        ("gangs", "organised crime group"),
        ("human trafficking", "modern slavery"),
        ("investigators", "detective"),
        ("smartphones", "digital device"),
        ("rated", "graded"),
        ("bosses", "senior leader"),
        ("jail", "custody"),
        ("racism", "disproportionality"),
        ("corrupt", "counter-corruption"),
        ("computers", "technology"),
        ("working together", "joint working"),
        ("plans for the future", "future demand"),
        ("good at", "pleased"),
        ("problems", "concern"),
        ("get better", "improve"),
        ("got worse", "deteriorated"),
        ("local policing", "neighbourhood policing"),
        ("kids", "children"),
        ("pensioners", "older people"),
        ("break-ins", "burglary"),
        ("stabbings", "knife crime"),
        ("tasered", "use of force"),
        ("999", "call handling"),
        ("solving crimes", "investigation"),
        ("grooming", "child sexual exploitation"),
        ("not enough staff", "capacity"),
    ],
)
def test_lay_words_expand_to_the_words_of_assessments(vocabulary: Vocabulary, asked: str, written: str) -> None:
    assert written in stood_for(vocabulary, f"What does it say about {asked}?")[asked]


@pytest.mark.parametrize(
    ("question", "never"),
    [
        # "force", the police force, and "use of force"
        ("What did the force do?", {"use of force", "Taser", "UoF"}),
        ("How does this force use its budget?", {"use of force", "Taser", "UoF"}),
        ("Which data do the forces use?", {"use of force", "Taser", "UoF"}),
        # "met" the verb
        ("Has the force met its targets?", {"Metropolitan Police", "Met"}),
        # phrases in which a listed word means another thing
        ("How does the force use problem-solving?", {"concern", "weakness"}),
        ("Is the police and crime commissioner satisfied?", {"officer", "constable", "public"}),
        ("How does the force treat the former partner?", {"joint working", "collaboration"}),
        ("Is crime data integrity good?", {"corruption", "counter-corruption"}),
        ("Who had custody of the children after the case?", {"detention", "cell"}),
        ("How does it handle drug trafficking?", {"modern slavery", "slavery"}),
        ("Does the force investigate money laundering?", {"budget", "savings", "financial"}),
        ("Can victims report over the phone?", {"digital device", "digital forensics"}),
        ("Are concern for welfare calls answered?", {"wellbeing", "weakness", "concerned"}),
        ("Has the neighbourhood watch grown?", {"neighbourhood policing"}),
        ("Who is the chief constable?", {"officer", "police officer"}),
        ("Is it in serious trouble?", {"serious and organised crime"}),
        ("What is the crime rate?", {"graded", "judged"}),
        ("Is the office open?", {"officer"}),
        ("Does it train dogs?", {"trained", "training"}),
        ("Is the area for improvement closed?", {"improve", "progress"}),
    ],
)
def test_a_word_of_another_meaning_does_not_expand_to_the_group(
    vocabulary: Vocabulary, question: str, never: set[str]
) -> None:
    assert not terms(vocabulary, question) & never


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("burglary", "robbery"),
        ("victim", "suspect"),
        ("child", "older people"),
        ("praise", "concern"),
        ("improve", "deteriorated"),
        ("custody", "prosecution"),
        ("domestic abuse", "rape"),
        ("complaint", "concern"),
        ("vetting", "recruitment"),
        ("stop and search", "use of force"),
        ("corruption", "complaint"),
        ("neighbourhood policing", "anti-social behaviour"),
        ("hate crime", "race"),
        ("fraud", "corruption"),
        ("effectiveness", "efficiency"),
    ],
)
def test_neighbouring_subjects_are_kept_apart(vocabulary: Vocabulary, first: str, other: str) -> None:
    assert other not in terms(vocabulary, first)
    assert first not in terms(vocabulary, other)


def test_the_longest_phrase_is_expanded(vocabulary: Vocabulary) -> None:
    spans = stood_for(vocabulary, "Does it tackle serious and organised crime?")
    assert "serious and organised crime" in spans
    assert "organised crime" not in spans


def test_a_term_never_expands_to_itself(vocabulary: Vocabulary) -> None:
    for question in ("finance", "organised crime groups", "ASB", "stop and search"):
        assert question.rstrip("s") not in terms(vocabulary, question)


@pytest.mark.parametrize(
    ("first", "other"),
    [("organized", "organised"), ("behavior", "behaviour"), ("defense", "defence"), ("antisocial", "anti-social")],
)
def test_american_and_british_spellings_expand_to_each_other(vocabulary: Vocabulary, first: str, other: str) -> None:
    assert other in stood_for(vocabulary, f"Is it {first}?")[first]
    assert first in stood_for(vocabulary, f"Is it {other}?")[other]


@pytest.mark.parametrize("wording", ["antisocial behaviour", "anti-social behavior", "Anti Social Behaviour", "ASB"])
def test_every_spelling_of_a_phrase_is_the_phrase(vocabulary: Vocabulary, wording: str) -> None:
    stands_for = terms(vocabulary, wording)
    assert "anti-social behaviour" in stands_for or {"ASB", "disorder"} <= stands_for


def test_spans_lie_in_the_question_and_weights_in_their_range(vocabulary: Vocabulary) -> None:
    question = "İs Zoë pleased\u00a0with the force’s\r\nASB work? 🚓 “gangs” — S&S & 999/101"
    found = vocabulary.expand(question)
    assert [question[e.start : e.end] for e in found if e.kind is WordingKind.ABBREVIATION] == ["ASB", "S&S"]
    assert all(0 < e.weight <= 1 and e.terms for e in found)
    assert found == vocabulary.expand(question)
    assert [e.start for e in found] == sorted(e.start for e in found)


@pytest.mark.parametrize("question", ["", " ", "?!", "🚓", "the", "e\u0301"])
def test_a_text_without_known_phrases_has_no_expansions(vocabulary: Vocabulary, question: str) -> None:
    assert vocabulary.expand(question) == ()


def test_no_expansion_consists_of_stop_words(vocabulary: Vocabulary) -> None:
    assert "IT" not in terms(vocabulary, "What about information technology?")


def test_every_guard_contains_a_term() -> None:
    synonyms = read_toml(data_folder() / "synonyms.toml", Synonyms)
    single = {
        word.lower().removesuffix("s")
        for group in synonyms.groups.values()
        for classes in (group, group.asked)
        for word in classes.same + classes.near + classes.related
        if " " not in word
    }
    idle = [g for g in synonyms.guards if not single & {w.removesuffix("s") for w in re.findall(r"\w+", g)}]
    assert not idle


def test_every_abbreviation_is_shorter_than_its_long_form() -> None:
    for entry in read_toml(data_folder() / "abbreviations.toml", Abbreviations).abbreviation:
        assert max(map(len, entry.short)) < min(map(len, entry.long)), entry


def test_an_abbreviation_that_is_an_english_word_is_recognised_in_capitals_only(vocabulary: Vocabulary) -> None:
    ordinary = {"mash", "thrive", "peel", "pace", "it", "app", "pop", "pip", "sara", "met", "thor"}
    for entry in read_toml(data_folder() / "abbreviations.toml", Abbreviations).abbreviation:
        for short in entry.short:
            assert entry.exact or (short.lower() not in ordinary | vocabulary.stopwords)


def test_words_that_change_the_meaning_are_not_stop_words(vocabulary: Vocabulary) -> None:
    assert not vocabulary.stopwords & {"not", "no", "never", "force", "crime", "police", "concern", "good", "worse"}
    assert vocabulary.stopwords >= {"what", "the", "does", "of", "about"}


ABBREVIATION = '[[abbreviation]]\nshort = ["ABC"]\nlong = ["{}"]\n'
REST = "\n[weights]\nsame = 0.9\nnear = 0.8\nrelated = 0.6\n{}\n[compounds]\n[spellings]\n"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("abbreviations.toml", "[[abbreviation", "not TOML"),
        ("abbreviations.toml", "", "abbreviation"),
        ("abbreviations.toml", '[[abbreviation]]\nshort = []\nlong = ["a b c"]\n', "short"),
        ("abbreviations.toml", ABBREVIATION.format("") + "\n", "long"),
        ("abbreviations.toml", ABBREVIATION.format("a b") + "wieght = 0.5\n", "wieght"),
        ("abbreviations.toml", ABBREVIATION.format("a b") + "weight = 0\n", "weight"),
        ("abbreviations.toml", ABBREVIATION.format("a b") + ABBREVIATION.format("a c"), "several meanings"),
        ("abbreviations.toml", ABBREVIATION.format("a b") + ABBREVIATION.format("a b"), "same meaning twice"),
        ("synonyms.toml", "guards = []" + REST.format(""), "groups"),
        ("synonyms.toml", "guards = []" + REST.format('[groups.a]\nsame = ["one"]'), "two terms"),
        ("synonyms.toml", "guards = []" + REST.format('[groups.a]\nasked.same = ["one", "two"]'), "two terms"),
        ("synonyms.toml", "guards = []" + REST.format('[groups.a]\nsame = ["one", "One"]'), "twice"),
        ("synonyms.toml", "guards = []" + REST.format('[groups.a]\nsmae = ["one", "two"]'), "smae"),
        ("synonyms.toml", 'guards = ["one"]' + REST.format('[groups.a]\nsame = ["one", "two"]'), "a guard, and a term"),
        ("stopwords.txt", "# nothing\n", "no words"),
        ("names.txt", "Northshire\n", "lower case"),
    ],
)
def test_a_malformed_file_is_named_with_its_fault(folder: Path, name: str, content: str, says: str) -> None:
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(VocabularyError, match=re.escape(says)) as caught:
        Vocabulary.load(folder)
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["abbreviations.toml", "english.txt"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(VocabularyError, match=f"{name} is missing"):
        Vocabulary.load(folder)
