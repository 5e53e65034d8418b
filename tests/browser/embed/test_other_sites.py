"""What a page of another site can make a real browser request of the assistant in its reader's name."""

from __future__ import annotations

from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import ARGUMENTS, find_browser
from tests.browser.embed.panel import INVESTIGATING
from tests.browser.hosts import intranet

pytestmark = pytest.mark.browser

FRAMED = f'<iframe src="{{at}}/ask?q={INVESTIGATING}" title="Asked"></iframe>'
LINK = f'<a href="{{at}}/ask?q={INVESTIGATING}">Ask</a>'
PICTURES = '<img src="{at}/ask?q=planted+picture"><img src="{at}/api/v1/search?q=planted+picture">'
PLANTED = (
    PICTURES + '<iframe src="{at}/ask?q=planted+frame" title="One"></iframe>'
    '<iframe src="{at}/ask?q=planted+frame" title="Two" referrerpolicy="no-referrer"></iframe>'
    '<iframe src="{at}/sources/northshire-2018" title="Three"></iframe>'
    '<object data="{at}/ask?q=planted+object"></object><embed src="{at}/ask?q=planted+embed">'
    '<script src="{at}/api/v1/search?q=planted+script"></script>'
    '<link rel="stylesheet" href="{at}/ask?q=planted+style"><link rel="prefetch" href="{at}/ask?q=planted+prefetch">'
    '<video src="{at}/ask?q=planted+video"></video>'
    '<iframe name="target" title="Four"></iframe>'
    '<form action="{at}/ask" target="target"><input name="q" value="planted form"></form>'
    "<script>document.forms[0].submit();"
    "Promise.allSettled([fetch('{at}/ask?q=planted+script', {mode: 'no-cors'}),"
    "fetch('{at}/api/v1/search?q=planted+script')]).then(() => { document.title = 'Refused'; })</script>"
)
TIMEOUT = 60_000  # milliseconds
OUR_NAME = "assistant.northshire.example"


@pytest.fixture(scope="module")
def site():
    pages = {"planted": PLANTED, "framed": FRAMED, "link": LINK}
    pages |= {"planted-by-name": by_name(FRAMED + PICTURES), "framed-by-name": by_name(FRAMED)}
    with intranet(pages, hosts=OUR_NAME) as served:
        yield served


def answers(page, assistant_at: str) -> list[tuple[int, str]]:
    """The replies of the assistant that the page causes from now on: the status and the path of each."""
    received: list[tuple[int, str]] = []
    page.on(
        "response",
        lambda reply: received.append((reply.status, reply.url)) if reply.url.startswith(assistant_at) else None,
    )
    return received


def by_name(body: str) -> str:
    """A page with this body, whose requests go to the assistant by its name, and so not to this machine's own."""
    return f'<script>document.write(`{body}`.replaceAll("127.0.0.1", "{OUR_NAME}"))</script>'


def test_nothing_that_an_unlisted_page_plants_is_asked_or_read(context, site):
    asked, searched = list(site.assistant.asked), list(site.assistant.searched)
    with closing(context.new_page()) as page:  # a page that is not watched: the browser reports each refusal
        received, sent = answers(page, site.at), []
        page.on("request", lambda request: sent.append(request) if request.url.startswith(site.at) else None)
        page.set_default_timeout(TIMEOUT)
        page.goto(f"{site.unlisted}/planted", wait_until="networkidle")
        page.wait_for_function("document.title === 'Refused'")
    planted = {parse_qs(urlsplit(request.url).query).get("q", [""])[0] for request in sent}
    assert planted >= {f"planted {kind}" for kind in ("picture", "frame", "object", "script", "style", "form")}
    assert {status for status, _ in received} == {403}
    assert (site.assistant.asked, site.assistant.searched) == (asked, searched)


def test_a_frame_of_a_listed_site_may_ask(watched, site):
    before = len(site.assistant.asked)
    watched.page.set_default_timeout(TIMEOUT)
    watched.page.goto(f"{site.listed}/framed")
    watched.page.frame_locator("iframe").locator("blockquote").first.wait_for()
    assert [question for question, _ in site.assistant.asked[before:]] == [INVESTIGATING]


def test_a_link_on_any_site_may_be_followed(watched, site):
    before = len(site.assistant.asked)
    watched.page.set_default_timeout(TIMEOUT)
    watched.page.goto(f"{site.unlisted}/link")
    watched.page.get_by_role("link", name="Ask").click()
    watched.page.locator("blockquote").first.wait_for()
    assert [question for question, _ in site.assistant.asked[before:]] == [INVESTIGATING]


def test_over_plain_http_where_a_browser_sends_no_metadata_the_referer_decides(browser, site):
    at = f"http://{OUR_NAME}:{site.at.rpartition(':')[2]}"
    arguments = [*ARGUMENTS, f"--host-resolver-rules=MAP {OUR_NAME} 127.0.0.1"]
    asked, sent = list(site.assistant.asked), []
    with closing(browser.browser_type.launch(executable_path=find_browser(), args=arguments)) as plain:
        page = plain.new_page()
        page.set_default_timeout(TIMEOUT)
        page.on("request", lambda request: sent.append(request) if request.url.startswith(at) else None)
        page.goto(f"{site.listed}/framed-by-name")
        page.frame_locator("iframe").locator("blockquote").first.wait_for()
        assert "sec-fetch-site" not in sent[0].all_headers()  # so it is the fallback that is tested
        page.goto(f"{site.unlisted}/planted-by-name")
    assert len(sent) >= 4
    assert [question for question, _ in site.assistant.asked[len(asked) :]] == [INVESTIGATING]
    assert site.assistant.searched == []
