"""References: a person or a browser can find the quotation again in the same version of its source."""

from urllib.parse import parse_qs, urlsplit

import pytest

from assistant.export.reference import attribution, quotation, reference, repeated_sentences
from assistant.messages import load_messages
from assistant.sanitise import REPLACEMENT, isolate, one_line, printable
from assistant.sources import permalink, sentence_anchor, transcript_address
from tests.fixtures.fictional import HOSTILE, HOSTILE_SENTENCES, HOSTILE_TITLE, NORTHSHIRE, WESTMERE, cite

CITED = cite(NORTHSHIRE, 5, 1)


def test_a_permalink_has_the_version_the_sentence_and_its_anchor() -> None:
    citation = cite(WESTMERE, 1, 1)
    address = urlsplit(permalink(citation))
    assert address.path == transcript_address(citation.transcript_id)
    assert address.fragment == sentence_anchor(citation.sentence)
    assert parse_qs(address.query) == {"text": [citation.sha256], "sentence": [citation.sentence]}
    assert (address.path, address.fragment) == ("/sources/westmere%202021%2F%C2%A3", f"s-{citation.sentence}")


def test_a_permalink_is_one_address_whatever_characters_the_ids_have() -> None:
    odd = CITED.model_copy(update={"transcript_id": "a/b?c#d&e=f g", "sentence": "1&text=2#3"})
    address = urlsplit(permalink(odd))
    assert address.path == "/sources/a%2Fb%3Fc%23d%26e%3Df%20g"
    assert parse_qs(address.query) == {"text": [odd.sha256], "sentence": ["1&text=2#3"]}


def test_a_reference_is_one_line_with_source_place_version_and_permalink() -> None:
    start = NORTHSHIRE.transcript.text.index("The constabulary investigates most")
    assert reference(cite(NORTHSHIRE, 5, 1)) == (
        "HMI Ada Marlowe's assessment of Northshire Constabulary – Transcript, 2018/19. "
        f"northshire-2018.txt, characters {start} to {start + len(NORTHSHIRE.sentences[5].text)}. "
        f"SHA-256 of the file: {NORTHSHIRE.transcript.sha256}. {permalink(CITED)}"
    )


@pytest.mark.parametrize(
    ("changed", "beginning"),
    [
        ({"title": "Report", "force": "Westmere Police", "period": "2021/22"}, "Report, Westmere Police, 2021/22. "),
        ({"title": "Westmere Police 2021/22", "force": "Westmere Police", "period": "2021/22"},
         "Westmere Police 2021/22. "),
        ({"title": "", "force": "", "period": ""}, "northshire-2018.txt. "),
        ({"title": "Two\nlines\x1b[31m", "force": "", "period": ""}, "Two lines\ufffd[31m. "),
    ],
)  # fmt: skip
def test_force_and_period_are_not_repeated_and_the_reference_is_one_line(
    changed: dict[str, str], beginning: str
) -> None:
    line = reference(CITED.model_copy(update=changed))
    assert line.startswith(beginning + "northshire-2018.txt, characters")
    assert "\n" not in line


def test_the_permalink_begins_with_the_site() -> None:
    assert reference(CITED, site="https://assistant.example").endswith(f" https://assistant.example{permalink(CITED)}")


def test_a_title_that_changes_the_writing_direction_is_isolated() -> None:
    assert reference(cite(HOSTILE, 0, 1)).startswith(f"\u2068{HOSTILE_TITLE}\u2069. hostile.txt")
    assert isolate("Westmere") == "Westmere"


@pytest.mark.parametrize("ordinal", range(len(HOSTILE_SENTENCES)))
def test_a_quotation_is_unchanged_between_its_quotation_marks(ordinal: int) -> None:
    citation = cite(HOSTILE, ordinal, 1)
    rest = f"\n{reference(citation)}\n{attribution(load_messages())}"
    assert quotation(citation) == f"“{HOSTILE_SENTENCES[ordinal]}”{rest}"


def test_the_attribution_names_owner_and_licence() -> None:
    text = attribution(load_messages())
    assert "Crown copyright" in text
    assert "contains public sector information licensed under the Open Government Licence v3.0" in text


def test_references_repeat_the_licence_only_where_all_have_the_same() -> None:
    messages, licensed = load_messages(), CITED.model_copy(update={"licence": "OGL v3.0"})
    other = CITED.model_copy(update={"licence": "CC BY 4.0"})
    repeated = repeated_sentences([licensed, licensed], messages)
    assert "".join(repeated) == f"Licence: {isolate('OGL v3.0')}. {attribution(messages)}"
    assert all(part in quotation(licensed) for part in repeated)
    assert repeated_sentences([licensed, other], messages) == (attribution(messages),)
    assert repeated_sentences([licensed, CITED], messages) == (attribution(messages),)
    assert repeated_sentences([CITED], messages) == (attribution(messages),)


def test_plain_text_has_no_control_characters() -> None:
    assert one_line("a\x1b]0;title\x07b \x9b31m\r\nc\td") == "a\ufffd]0;title\ufffdb \ufffd31m c d"


def test_carried_text_keeps_white_space_and_loses_only_what_formats_cannot_contain() -> None:
    kept = "tab\t two  spaces\r\nline\x85end\u2028 \u202eback \U0001f46e\u200d é"
    assert printable(kept) == kept
    assert printable("a\x00\x0b\x0c\x1b\x7f\x9b\ud800\ufffe") == "a" + 8 * REPLACEMENT
