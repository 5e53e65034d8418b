"""The filter of a page: what a query, a form and an address make of it."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.filter import EVERYTHING, Filter
from assistant.web.pages.filtering import QueryFilter, filter_fields, page_address
from assistant.web.pages.register import register_routes
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant, FictionalSources
from tests.fixtures.visible import read_html

FILTER = Filter(("A & B", "C"), ("2018/19",), ("t/1",))


@pytest.mark.parametrize("within", [EVERYTHING, FILTER, Filter(transcripts=("t 2", "t/1"))])
def test_an_address_reads_back_as_the_same_filter(within: Filter) -> None:
    app, read = FastAPI(), []

    @app.get("/page")
    def page(within: QueryFilter) -> None:
        read.append(within)

    TestClient(app).get(page_address("/page", within))
    assert read == [within]


def test_an_address_without_a_filter_has_no_query_and_other_options_come_last() -> None:
    assert page_address("/page", EVERYTHING) == "/page"
    assert parse_qsl(urlsplit(page_address("/page", FILTER, format="csv")).query)[-1] == ("format", "csv")


def test_a_form_offers_each_name_once_in_order_and_keeps_what_is_chosen() -> None:
    transcripts = FictionalSources().transcripts()
    force, period = filter_fields((*transcripts, *transcripts), EVERYTHING)
    assert force.values == ("Northshire Constabulary", "Westmere Police")
    assert period.values == ("2018/19", "2021/22")
    assert filter_fields(transcripts[:1], EVERYTHING) == ()
    assert [field.chosen for field in filter_fields(transcripts[:1], Filter(("Elsewhere",)))] == [("Elsewhere",)]


def test_the_register_can_be_limited_to_a_transcript() -> None:
    app = FastAPI()
    app.include_router(register_routes(FictionalAssistant()))
    page = read_html(TestClient(app).get("/register", params={"transcript": "northshire-2018"}).text)
    headings = [heading.text for heading in page.find("h2")]
    assert NORTHSHIRE.transcript.metadata.force in headings
    assert "Westmere Police" not in headings
