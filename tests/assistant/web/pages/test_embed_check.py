import pytest

from assistant.messages import load_messages
from assistant.settings import Settings
from assistant.web.pages.embed import CheckResult, EmbedFinding, check_embedding, read_origin, same_site
from assistant.web.security.hosts import known_hosts

PAGE = "https://intranet.northshire.example/inspection?year=2019#top"
ASSISTANT = "https://assistant.northshire.example"


def check(page: str = PAGE, assistant: str = ASSISTANT, **settings: object) -> tuple[EmbedFinding, ...]:
    known = {"embed_origins": ("https://intranet.northshire.example",), "hosts": ("assistant.northshire.example",)}
    chosen = Settings.model_validate(known | settings)
    origins = read_origin(page), read_origin(assistant)
    assert None not in origins
    return check_embedding(*origins, chosen, known_hosts(chosen), load_messages())


def wrong(findings: tuple[EmbedFinding, ...]) -> list[str]:
    return [finding.found for finding in findings if finding.outcome is CheckResult.WRONG]


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://intranet.example/a/b?c=d#e", "https://intranet.example"),
        ("HTTPS://Intranet.Example:443", "https://intranet.example"),
        ("http://intranet.example:80/", "http://intranet.example"),
        ("http://intranet.example:443/", "http://intranet.example:443"),
        ("  https://intranet.example:8443/ ", "https://intranet.example:8443"),
        ("https://someone:secret@intranet.example/", "https://intranet.example"),
        ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(address: str, origin: str) -> None:
    assert str(read_origin(address)) == origin


@pytest.mark.parametrize(
    "address",
    [
        *("", "intranet.example", "file:///home/page.html", "ftp://intranet.example", "https://", "https:///path"),
        *("https://intranet.example:99999", "https://intranet.example:0", "https://[::1", "https://a..example/"),
        *("https://in tranet.example", "https://intranet.example\\@other.example/", "https://*.example", "null"),
        *("https://<b>.example", "https://" + "a" * 80 + ".example", "javascript://intranet.example/"),
    ],
)
def test_an_address_without_an_origin_that_a_setting_allows_is_not_read(address: str) -> None:
    assert read_origin(address) is None


def test_a_listed_page_has_no_problem() -> None:
    found = check()
    assert wrong(found) == []
    assert found[0].found == "The page's origin is https://intranet.northshire.example."


@pytest.mark.parametrize(
    ("page", "differences"),
    [
        ("http://intranet.northshire.example", "http or https"),
        ("https://www.intranet.northshire.example", "www"),
        ("https://intranet.northshire.example:8443", "the port"),
        ("http://www.intranet.northshire.example:8080", "http or https, www, the port"),
    ],
)
def test_the_difference_from_a_similar_listed_origin_is_named(page: str, differences: str) -> None:
    [found] = wrong(check(page))
    assert found.startswith("The setting embed_origins lists https://intranet.northshire.example. ")
    assert f" differs in: {differences}. " in found


def test_an_origin_listed_with_its_default_port_is_reported() -> None:
    [found] = wrong(check(embed_origins=("https://intranet.northshire.example:443",)))
    assert "the port, which browsers leave out when it is the default" in found


@pytest.mark.parametrize(
    "page", ["https://other.northshire.example", "https://intranet.northshire.example.other.example"]
)
def test_other_listed_origins_are_not_revealed(page: str) -> None:
    found = check(page)
    assert len(wrong(found)) == 1
    assert not any("https://intranet.northshire.example." in finding.found + finding.advice for finding in found[1:])


def test_a_page_of_the_assistants_own_origin_needs_no_listing() -> None:
    assert wrong(check(f"{ASSISTANT}/page", embed_origins=())) == []


def test_an_https_page_cannot_embed_http_except_from_the_same_machine() -> None:
    [found] = wrong(check(assistant="http://assistant.northshire.example"))
    assert found == "The page uses https and the assistant uses http. Browsers block http inside an https page."
    assert wrong(check(assistant="http://localhost:7860")) == []
    insecure = "http://intranet.northshire.example"
    assert wrong(check(insecure, embed_origins=(insecure,))) == []


def test_an_unknown_host_name_is_reported_with_the_line_that_adds_it() -> None:
    [finding] = [finding for finding in check(hosts=()) if finding.outcome is CheckResult.WRONG]
    assert finding.found == "The assistant does not accept the host name assistant.northshire.example."
    assert finding.advice.endswith('hosts = ["assistant.northshire.example"]')


@pytest.mark.parametrize("address", ["http://127.0.0.1:7860", "http://localhost:7860", "http://[::1]:7860"])
def test_a_loopback_address_is_reported(address: str) -> None:
    found = [finding.found for finding in check("http://intranet.northshire.example", address)]
    assert "Only browsers on the assistant's own machine can reach it at that address." in found


def test_the_note_about_a_sign_in_cookie_is_only_for_another_site() -> None:
    header = {"identity": "header", "proxies": ("10.0.0.1",)}
    there = {"embed_origins": ("https://northshire.sharepoint.example",)}
    said = "The proxy that signs users in may need a cookie of its own, which browsers may block in the frame."
    far = check("https://northshire.sharepoint.example", **header, **there)
    assert said in [finding.found for finding in far]
    near = check("https://a.northshire.police.example", "https://b.northshire.police.example", **header)
    assert said not in [finding.found for finding in near]
    assert said not in [finding.found for finding in check("https://northshire.sharepoint.example", **there)]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("https://a.force.police.example", "https://b.force.police.example", True),
        ("https://force.example", "https://chat.force.example", True),
        ("https://force.example:8443", "https://force.example", True),
        ("https://a.force.example", "https://b.force.example", None),
        ("https://force.example", "https://other.example", False),
        ("https://force.example", "http://force.example", False),
        ("http://localhost", "http://127.0.0.1", False),
        ("http://10.0.0.1", "http://10.1.0.1", False),
        ("http://intranet", "http://assistant", False),
    ],
)
def test_origins_are_one_site_another_or_unknown_by_their_names(first: str, second: str, same: object) -> None:
    assert same_site(read_origin(first), read_origin(second)) is same
    assert same_site(read_origin(second), read_origin(first)) is same
