"""A conversation in a real browser: filters, corrections, copying, exports, feedback and connection problems."""

from __future__ import annotations

import json
from zipfile import ZipFile

import pytest

from assistant.export.plain_text import clipboard_text
from assistant.filter import Filter
from tests.browser.test_chat import HORSES, INVESTIGATING, arrived, ask, box_has_focus
from tests.fixtures.fictional import NORTHSHIRE

pytestmark = pytest.mark.browser


def test_a_filter_chosen_on_the_page_applies_to_every_question(chat, site):
    chat.get_by_role("button", name="Limit the search").click()
    chat.get_by_label("Forces").click()
    chat.get_by_role("option", name="Westmere Police").click()
    ask(chat, INVESTIGATING, 1)
    assert site.assistant.within[-1] == Filter(forces=("Westmere Police",))
    chat.get_by_label("Inspection periods").press("ArrowDown")
    chat.get_by_role("option", name="2021/22").click()
    ask(chat, HORSES, 2)
    assert site.assistant.within[-1] == Filter(("Westmere Police",), ("2021/22",))


def test_the_url_can_set_a_filter_and_a_question_which_is_not_asked(watched, site):
    page = watched.page
    page.goto(f"{site.address}/?force=Westmere%20Police&q=What%20about%20fraud%3F")
    page.locator("#filters .token").wait_for()
    assert page.get_by_label("Your question").input_value() == "What about fraud?"
    asked = len(site.assistant.asked)
    assert page.locator("#conversation > *").count() == 0
    page.get_by_label("Your question").press("Enter")
    arrived(page, 1)
    assert site.assistant.asked[asked:] == [("What about fraud?", ())]
    assert site.assistant.within[-1] == Filter(forces=("Westmere Police",))


def test_a_misunderstood_follow_up_can_be_corrected_and_is_read_on_its_own(chat, site):
    ask(chat, INVESTIGATING, 1)
    ask(chat, "And Westmere?", 2).get_by_role("button", name="Edit this question").click()
    box = chat.get_by_label("Your question")
    assert box.input_value() == "How well does Westmere Police investigate crime?"
    assert box_has_focus(chat)
    assert chat.get_by_label("Ignore earlier questions").is_checked()
    box.fill("How well does Westmere Police investigate fraud?")
    box.press("Enter")
    arrived(chat, 3)
    assert site.assistant.asked[-1] == ("How well does Westmere Police investigate fraud?", ())
    assert not chat.get_by_label("Ignore earlier questions").is_checked()


def test_a_choice_in_an_ambiguous_reply_asks_the_chosen_question(chat, site):
    turn = ask(chat, "What does the force do?", 1)
    turn.get_by_role("link", name="How does Northshire Constabulary investigate crime?").click()
    assert "investigate crime?" in arrived(chat, 2).get_by_role("heading", level=2).inner_text()
    assert site.assistant.asked[-1] == ("How does Northshire Constabulary investigate crime?", ())
    assert chat.url == f"{site.address}/"


@pytest.mark.parametrize("allowed", [True, False], ids=["clipboard", "no clipboard"])
def test_an_answer_and_a_quotation_are_copied_with_their_references(chat, site, allowed):
    chat.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if not allowed:  # as in a frame whose page does not allow it
        chat.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new DOMException('no')); }")
    turn = ask(chat, INVESTIGATING, 1)
    turn.get_by_role("button", name="Copy answer with references").click()
    chat.locator("#announcer").get_by_text("Copied").wait_for()
    answer = site.assistant.ask(INVESTIGATING)
    copied = chat.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == clipboard_text(answer, site=site.address).strip()
    turn.locator("summary").nth(2).click()
    turn.get_by_role("button", name="Copy quotation with reference").click()
    quoted = chat.evaluate("navigator.clipboard.readText()")
    assert quoted.startswith(f"“{NORTHSHIRE.sentences[7].text}”")
    assert f"{site.address}/sources/northshire-2018?text={NORTHSHIRE.transcript.sha256}" in quoted
    chat.context.clear_permissions()


def test_the_copied_link_leads_to_the_same_answer(chat, site):
    chat.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(chat, INVESTIGATING, 1)
    turn = ask(chat, "And Westmere?", 2)
    turn.get_by_role("button", name="Copy link").click()
    chat.locator("#announcer").get_by_text("Copied").wait_for()
    address = chat.evaluate("navigator.clipboard.readText()")
    assert address.startswith(f"{site.address}/ask?q=How+well+does+Westmere+Police+investigate+crime%3F")
    chat.context.clear_permissions()


@pytest.mark.parametrize(
    ("button", "kind"), [("Markdown", "md"), ("Web page for printing", "html"), ("Word document", "docx")]
)
def test_a_conversation_is_exported_as_a_file(chat, tmp_path, button, kind):
    ask(chat, INVESTIGATING, 1)
    ask(chat, HORSES, 2)
    with chat.expect_download() as download:
        chat.get_by_role("button", name=button).click()
    file = tmp_path / download.value.suggested_filename
    assert file.suffix == f".{kind}"
    download.value.save_as(file)
    parts = ZipFile(file).read("word/document.xml") if kind == "docx" else file.read_bytes()
    assert NORTHSHIRE.sentences[5].text.encode() in parts
    assert b"How many horses does Northshire keep?" in parts


def test_table_exports_appear_once_an_answer_has_a_table(chat, tmp_path):
    ask(chat, INVESTIGATING, 1)
    names = ("Table for a spreadsheet (CSV)", "Table for a spreadsheet (XLSX)")
    assert not any(chat.get_by_role("button", name=name).is_visible() for name in names)
    ask(chat, "What are the strengths and concerns?", 2)
    for name, kind in zip(names, ("csv", "xlsx"), strict=True):
        with chat.expect_download() as download:
            chat.get_by_role("button", name=name).click()
        file = tmp_path / download.value.suggested_filename
        assert file.suffix == f".{kind}"
        download.value.save_as(file)
        parts = ZipFile(file).read("xl/worksheets/sheet1.xml") if kind == "xlsx" else file.read_bytes()
        assert NORTHSHIRE.sentences[5].text.encode() in parts
    chat.get_by_role("button", name="New conversation").click()
    chat.locator("html:not(.tabled)").wait_for()


def test_feedback_is_stored_as_a_case_and_confirmed_once(chat, site):
    turn = ask(chat, INVESTIGATING, 1)
    turn.get_by_role("button", name="No", exact=True).click()
    assert turn.get_by_label("What was right or wrong").evaluate("node => node === document.activeElement")
    turn.get_by_label("What was right or wrong").fill("The second one is about something else.")
    turn.get_by_role("button", name="Send").click()
    thanks = turn.get_by_text("Thank you. Your feedback has been stored")
    thanks.wait_for()
    assert thanks.evaluate("node => node === document.activeElement")
    assert turn.get_by_role("button", name="Send").count() == 0
    case = json.loads(site.cases.read_text("utf-8").splitlines()[-1])
    assert (case["question"], case["comment"], case["answerable"]) == (
        INVESTIGATING,
        "The second one is about something else.",
        None,
    )


def test_exports_and_ignoring_earlier_questions_are_hidden_before_the_first_question(chat):
    assert not chat.get_by_role("button", name="Word document").is_visible()
    assert not chat.get_by_label("Ignore earlier questions").is_visible()
    ask(chat, INVESTIGATING, 1)
    assert chat.get_by_role("button", name="Word document").is_visible()
    assert chat.get_by_label("Ignore earlier questions").is_visible()


def test_a_source_that_cannot_be_fetched_is_reported_and_its_link_remains(watched, chat):
    turn = ask(chat, INVESTIGATING, 1)
    chat.route("**/sources/**", lambda route: route.fulfill(status=503, body=""))
    turn.locator("a.number").first.click()
    panel = chat.get_by_role("dialog")
    panel.get_by_text("The source cannot be shown here.").wait_for()
    assert "/sources/northshire-2018" in panel.get_by_role("link").get_attribute("href")
    watched.errors.clear()  # the browser reports the failed request


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (
            {"status": 429, "json": {"status": "too_many", "error": "Ask again in 9 seconds."}},
            "Ask again in 9 seconds.",
        ),
        ({"status": 503, "json": {"status": "closed", "error": "Back at 14:00."}}, "Back at 14:00."),
        ({"status": 503, "json": {"detail": "Queue is full."}}, "Too many people are asking questions right now."),
        ({"status": 502, "body": "<h1>Bad gateway</h1>"}, "Too many people are asking questions right now."),
        (None, "The assistant cannot be reached."),
    ],
    ids=["too many", "closed", "queue full", "proxy", "gone"],
)
def test_a_question_that_fails_to_reach_the_server_is_reported_once_and_stays_in_the_box(watched, chat, reply, message):
    def refuse(route):
        route.abort() if reply is None else route.fulfill(**reply)

    chat.route("**/queue/join*", refuse)
    chat.get_by_label("Your question").fill(INVESTIGATING)
    chat.keyboard.press("Enter")
    problem = chat.locator("#conversation .problem")
    problem.get_by_text(message).wait_for()
    assert problem.count() == 1
    assert chat.get_by_label("Your question").input_value() == INVESTIGATING
    assert not chat.get_by_text("currently busy").is_visible()
    chat.unroute("**/queue/join*")
    chat.get_by_label("Your question").press("Enter")
    arrived(chat, 1)
    watched.errors.clear()  # the browser reports the failed requests


def test_a_late_answer_is_reported_with_a_link_to_the_plain_page(watched, chat, site):
    chat.clock.install()
    site.assistant.let_go.clear()
    chat.get_by_label("Your question").fill(f"{INVESTIGATING} Slowly.")
    with chat.expect_event("requestfinished", lambda request: "/queue/join" in request.url):
        chat.keyboard.press("Enter")
    chat.evaluate("() => 0")  # the handlers of the response have run
    chat.clock.fast_forward(21_000)
    chat.get_by_text("No answer yet.").wait_for()
    link = chat.get_by_role("link", name="Ask this question on the basic page")
    assert link.get_attribute("href").startswith("/ask?q=How%20well%20does%20Northshire")
    site.assistant.let_go.set()
    arrived(chat, 1)
