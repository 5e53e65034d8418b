from __future__ import annotations

import time

import pytest

from index.sources.collection import DescribedSource, in_collection
from index.sources.gazetteer import Gazetteer
from index.sources.metadata import extract_metadata
from index.text.transcript import Block, Metadata, Period, Role

GAZETTEER = Gazetteer.load()
P2016, P2018 = Period("2016", 2016, 2016), Period("2018/19", 2018, 2019)


def metadata_of(title, text=""):
    return extract_metadata(title, text, (Block(Role.FINDING, 0, len(text)),) if text else (), GAZETTEER)


@pytest.mark.parametrize(
    ("title", "force", "period", "kind"),
    [
        ("Westmere Police – PEEL 2018/19 – overall assessment", "Westmere Police", P2018, "overall assessment"),
        ("Northshire Constabulary - PEEL 2018-19 - efficiency", "Northshire Constabulary", P2018, "efficiency"),
        ("Westmere Police — PEEL 2016 — news and responses", "Westmere Police", P2016, "news and responses"),
        ("Westmere Police | PEEL 2016 | legitimacy", "Westmere Police", P2016, "legitimacy"),
        ("PEEL 2018–19: Westmere Police", "Westmere Police", P2018, ""),
        ("PEEL 2016 – An inspection of Westmere Police", "Westmere Police", P2016, ""),
        ("Kent Police – PEEL 2016 – efficiency", "Kent Police", P2016, "efficiency"),
        ("Devon and Cornwall Police – PEEL 2016", "Devon & Cornwall Police", P2016, ""),
        ("Herts – PEEL 2016", "Hertfordshire Constabulary", P2016, ""),
        ("Hertforshire Constabulary – PEEL 2016", "Hertfordshire Constabulary", P2016, ""),
        ("City of Eastmere Police – PEEL 2016", "City of Eastmere Police", P2016, ""),
        ("North Kent Police – PEEL 2016", "North Kent Police", P2016, ""),
        ("Yorkshire Police – PEEL 2016", "Yorkshire Police", P2016, ""),
        ("Report Kent Police – PEEL 2016", "Kent Police", P2016, ""),
        ("Northshire Fire and Rescue Service – 2018/19", "Northshire Fire and Rescue Service", P2018, ""),
    ],
)
def test_a_title_gives_force_period_and_kind(title, force, period, kind):
    found = metadata_of(title)
    assert (found.force, found.period, found.kind) == (force, period, kind)


@pytest.mark.parametrize(
    ("title", "force"),
    [
        ("Joint working: Northshire Constabulary and Westmere Police", ""),
        ("Norfolk and Suffolk – PEEL 2016", ""),
        ("Northshire Constabulary – work with Westmere Police", "Northshire Constabulary"),
        ("Joint working – assessment of Northshire Constabulary with Westmere Police", "Northshire Constabulary"),
        ("Kent Police and Essex Police – PEEL 2016", ""),
        ("How police forces plan", ""),
    ],
)  # fmt: skip
def test_a_title_that_names_two_forces_must_say_which_it_is_about(title, force):
    assert metadata_of(title).force == force


@pytest.mark.parametrize("title", ["Kent", "A history of Cleveland", "Durham – a cathedral city", "French history"])
def test_a_place_is_not_a_force_in_a_text_that_is_not_about_policing(title):
    assert metadata_of(title, "Its walls are old.") == Metadata()


def test_a_place_stands_for_its_force_in_a_text_about_policing():
    assert metadata_of("Kent 2016", "The police are quick.").force == "Kent Police"


def test_a_force_or_period_that_only_the_body_mentions_is_not_the_subject():
    text = "We compared it with Westmere Police in PEEL 2014. Progress since 2016 is good."
    found = metadata_of("An assessment", text)
    assert (found.force, found.period, found.programme) == ("", None, "")


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("Westmere Police – PEEL 2018/19 – published 2020", P2018),
        ("Westmere Police – 3 November 2016", None),
        ("Westmere Police – PEEL 2018/19 – follow-up to PEEL 2016", None),
        ("Westmere Police", None),
        ("Westmere Police – assessment 2021/22 to 2022/23", Period("2021-23", 2021, 2023)),
        ("Westmere Police Commissioner: meeting, Quarter 1 2025/26", None),
    ],
)
def test_a_period_is_read_only_where_the_title_is_plain(title, period):
    assert metadata_of(title).period == period


@pytest.mark.parametrize(
    "text", ["Inspection period: 2018/19\nMore.", "Period: 2018–19", "This is our PEEL 2018/19 assessment."]
)
def test_a_period_may_be_stated_in_the_text(text):
    assert metadata_of("Westmere Police", text).period == P2018


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("We inspected Westmere Police between November 2018 and February 2019.", P2018),
        ("We visited five forces between May and October 2016.", P2016),
        ("The fieldwork took place between 5 and 23 November 2016.", P2016),
        ("We carried it out with the prisons inspectorate from 6 to 17 March 2016.", P2016),
        ("We last inspected the force between May and June 2016.", None),
        ("We carried out a fresh audit covering reports made between 1 August and 31 October 2016.", None),
        ("We visited victims whose cases were closed between May and June 2016.", None),
        ("We revisited the force between 7 and 18 February 2016.", None),
        ("We inspected the force between May and June 2016. We inspected it from 2 to 5 May 2018.", None),
        ("I speak of Westmere Police, which we inspected in the early summer of 2016.", P2016),
        ("I speak of Westmere Police, which I visited in June and July 2016.", P2016),
        ("It has three vans, which we last inspected in the spring of 2016.", None),
        ("There was a backlog when we inspected in the spring of 2016.", None),
    ],
)
def test_the_days_of_the_inspection_are_its_period(text, period):
    assert metadata_of("Westmere Police", text).period == period


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Eastvale Police – PEEL 2017\nPublished on: 4 April 2025\nThe force is good at most things.", "4 April 2025"),
        ("Eastvale Police\nPublished: Thursday 4 April 2025\n", "4 April 2025"),
        ("Eastvale Police\nThe force is good at most things.\nCustody\nPublished: 8 December 2015", ""),
        ("The report of another force was published on 3 May 2018.", ""),
        ("Latest news\nPublished: 8 December 2015\nEastvale Police – PEEL 2017\nThe force is good at most things.", ""),
    ],
)
def test_a_date_of_publication_is_that_of_this_source(text, published):
    assert metadata_of("Eastvale Police", text).published == published


@pytest.mark.parametrize(
    ("title", "text", "dated"),
    [
        ("Public meeting, Thursday 3 May 2018 (transcript)", "", "3 May 2018"),
        ("Talk (recorded March 2018)", "", "March 2018"),
        ("Westmere: a letter, March 2018", "Dear Ada\n8 March 2018\n", "8 March 2018"),
        ("Report", "Report date: 8 March 2018\nMore.", "8 March 2018"),
        ("Visit, 4 to 15 April 2018", "", ""),
        ("What changed since 3 May 2018", "", ""),
        ("Meetings of 3 May 2018 and of 4 June 2018", "", ""),
    ],
)
def test_another_date_that_a_source_bears_is_kept(title, text, dated):
    assert metadata_of(title, text).dated == dated


@pytest.mark.parametrize(
    ("title", "text", "programme"),
    [
        ("Westmere Police – PEEL 2016", "", "PEEL"),
        ("Westmere Police", "This PEEL 2016 inspection covers custody.", "PEEL"),
        ("Westmere Police", "Programme: Custody visits\n", "Custody visits"),
        ("Westmere Police", "Unlike the PEEL inspections, it peels away.", ""),
    ],
)
def test_a_programme_comes_from_the_title_or_a_statement(title, text, programme):
    assert metadata_of(title, text).programme == programme


@pytest.mark.parametrize(
    ("title", "text", "inspector"),
    [
        ("HMI Rowan Ashby's assessment of Westmere Police – Transcript", "", "Rowan Ashby"),
        ("HMI Zoë O’Hale-Moss’s assessment of Westmere Police", "", "Zoë O’Hale-Moss"),
        ("Assessment of Westmere Police by HMI J. R. Hale", "", "J. R. Hale"),
        ("A", "The inspector responsible was Rowan Ashby.", "Rowan Ashby"),
        ("A", "Lead inspector: Dame Ada van der Berg\nMore", "Dame Ada van der Berg"),
        ("A", "Her Majesty's Inspector Rowan\nAshby wrote this.", "Rowan Ashby"),
        ("A", "HM Inspector of Constabulary, Rowan Ashby, wrote this.", "Rowan Ashby"),
        ("A", "HMI Rowan Ashby and HMI Ada Moss wrote this.", ""),
        ("A", "The inspector responsible was Rowan Ashby. HMI Ada Moss helped.", "Rowan Ashby"),
        ("A", "HMI Probation Report says so. The inspector was pleased. The inspector was Very.", ""),
        ("A", "The inspection was led by nobody.", ""),
    ],
)
def test_an_inspector_is_read_only_from_explicit_statements(title, text, inspector):
    assert metadata_of(title, text).inspector == inspector


@pytest.mark.parametrize(
    ("text", "updated"),
    [
        ("The page was last updated on 3 November 2016.", "3 November 2016"),
        ("Last updated: 20 January 2020", "20 January 2020"),
        ("Last updated 03/11/2016", "03/11/2016"),
        ("This report was published on 3rd May 2018, late.", ""),
        ("It was updated last year.", ""),
    ],
)
def test_the_date_of_the_last_update_is_kept_as_worded(text, updated):
    assert metadata_of("A", text).updated == updated


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("This report was published on 3rd May 2018, late.", "3rd May 2018"),
        ("Published: May 2018", "May 2018"),
        ("Publication date: 3 May 2018", "3 May 2018"),
        ("The page was last updated on 3 November 2016.", ""),
        ("The force published its plan on 3 May 2016.", ""),
    ],
)
def test_the_date_of_publication_is_not_taken_from_an_update(text, published):
    assert metadata_of("A", text).published == published


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("URL: https://inspectorate.example/northshire-2018/", "https://inspectorate.example/northshire-2018/"),
        ("Published at http://inspectorate.example/a?b=c.", "http://inspectorate.example/a?b=c"),
        ("URL: https://a.example/1\nURL: https://a.example/2", ""),
        ("URL: https://user:word@a.example/", ""),
        ("URL: javascript:alert(1)", ""),
        ("The plan is at https://northshire.example/plan.", ""),
    ],
)
def test_the_address_is_the_one_at_which_the_text_was_published(text, url):
    assert metadata_of("A", text).url == url


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("Licence: Open Government Licence v3.0", "Open Government Licence v3.0"),
        (
            "This publication is licensed under the terms of the Open Government Licence v3.0 except where stated.",
            "Open Government Licence v3.0",
        ),
        ("The force keeps a licence for its drones.", ""),
    ],
)
def test_the_licence_is_the_one_the_text_names(text, licence):
    assert metadata_of("A", text).licence == licence


def test_statements_in_markup_do_not_count():
    text = "inspector: Rowan Ashby"
    assert extract_metadata("A", text, (Block(Role.MARKUP, 0, len(text)),), GAZETTEER) == Metadata()


HOSTILE = (
    "Police " * 100_000, "Kent Police " * 20_000, "A " * 200_000, "Ada Moss\n" * 30_000, "Dear\n" * 50_000,
    "".join(f"Mere{number} Police is good. " for number in range(20_000)), "Ada Moss" + "\n" * 300_000 + "HMI",
    "We inspected " * 20_000, "Published: " * 30_000, "1 May 2018 to " * 20_000, "police\n" * 100_000,
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_metadata_is_read_in_time_in_proportion_to_the_text(text):
    blocks = (Block(Role.FINDING, 0, len(text)),)
    started = time.process_time()
    extract_metadata("Notes", text, blocks, GAZETTEER)
    in_collection([DescribedSource("a", "Notes", Metadata())], lambda source: (text, blocks))
    assert time.process_time() - started < 12
