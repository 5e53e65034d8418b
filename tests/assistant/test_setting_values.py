"""Settings that cannot be meant are refused in words, whatever is written where a value belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings

ODD_VALUES = {
    "text": '"x y"',
    "no text": '""',
    "null character": '"a\\u0000b"',
    "number": "5",
    "huge": "9" * 40,
    "negative": "-5",
    "infinite": "inf",
    "not a number": "nan",
    "truth": "true",
    "date": "2026-01-01",
    "list": '["x"]',
    "list of numbers": "[1, 2]",
    "list of lists": '[["x"]]',
    "list of tables": '[{x = "y"}]',
    "table": '{x = "y"}',
    "table of lists": '{x = ["y"]}',
    "empty list": "[]",
    "empty table": "{}",
}
NESTED = {
    "lists": "port = " + "[" * 5_000,
    "closed lists": "port = " + "[" * 5_000 + "]" * 5_000,
    "tables": "port = " + "{a=" * 3_000,
    "dotted names": ".".join(["a"] * 5_000) + " = 1",
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal_of_the_file() -> str | None:
    try:
        load_settings()
    except SettingsError as refused:
        return refused.message
    return None


@pytest.mark.parametrize("name", Settings.model_fields)
def test_any_value_of_a_setting_is_taken_or_refused_in_words(here: Path, name: str) -> None:
    for kind, value in ODD_VALUES.items():
        (here / "assistant.toml").write_text(f"{name} = {value}\n", encoding="utf-8")
        refusal = refusal_of_the_file()
        assert refusal is None or (name in refusal and "assistant.toml" in refusal), kind


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED.keys())
def test_a_file_that_is_nested_too_deeply_is_refused_and_named(here: Path, text: str) -> None:
    (here / "assistant.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"assistant\.toml"):
        load_settings()


def test_a_variable_that_is_nested_too_deeply_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL_OPTIONS", '{"a": ' + "[" * 100_000)
    with pytest.raises(SettingsError, match="chat_model_options"):
        load_settings()


def test_a_list_where_a_table_belongs_is_refused() -> None:
    with pytest.raises(SettingsError, match="chat_model_options"):
        load_settings({"chat_model_options": ["temperature"]})


@pytest.mark.parametrize(
    "name",
    ["Host", "User-Agent", "Cookie", "Authorization", "Accept", "Accept-Language", "Referer", "Origin", "Content-Type",
     "Sec-Fetch-Site", "Connection", "Via", "Forwarded", "X-Forwarded-For", "X-Forwarded-User", "X-Real-IP"],
)  # fmt: skip
def test_a_header_that_everybody_sends_or_that_is_dropped_cannot_name_the_user(name: str) -> None:
    for spelling in (name, name.lower(), name.upper()):
        with pytest.raises(SettingsError, match=r"user_header.*another purpose"):
            load_settings({"user_header": spelling})


@pytest.mark.parametrize("name", ["X-Remote-User", "Remote-User", "X-Auth-Request-Email", "X-MS-CLIENT-PRINCIPAL-NAME"])
def test_a_header_of_a_proxy_can_name_the_user(name: str) -> None:
    assert load_settings({"user_header": name}).user_header == name


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/2", "2000::/3", "10.1.2.3/8", "x"])
def test_a_network_that_is_nobodys_own_is_no_proxy(network: str) -> None:
    with pytest.raises(SettingsError, match="proxies"):
        load_settings({"proxies": ["127.0.0.1", network]})


def test_private_networks_and_addresses_can_be_proxies() -> None:
    networks = ("10.0.0.0/8", "127.0.0.1", "192.168.0.0/16", "fc00::/7", "2001:db8::1")
    assert load_settings({"proxies": networks}).proxies == networks


@pytest.mark.parametrize("host", ["a/b", "https://a.example", "a.example:80", "a b", "a..", "-", "[", "ä.example", ""])
def test_what_no_host_header_can_contain_is_no_host_name(host: str) -> None:
    with pytest.raises(SettingsError, match="hosts"):
        load_settings({"hosts": [host]})


def test_names_and_addresses_are_host_names() -> None:
    hosts = ("assistant.northshire.example", "intranet", "10.1.2.3", "2001:db8::1", "[2001:db8::1]", "a-b_c.example")
    assert load_settings({"hosts": hosts}).hosts == hosts


@pytest.mark.parametrize("contact", ["data.team@northshire.example\nBcc: all", "tab\there", "x" * 301])
def test_a_contact_is_one_line(contact: str) -> None:
    with pytest.raises(SettingsError, match="contact cannot be"):
        load_settings({"contact": contact})
    assert load_settings({"contact": " 01234 567890 "}).contact == "01234 567890"


FILES = ("audit_log", "audit_key_file", "closed_file", "cases", "chat_model_key_file")


@pytest.mark.parametrize("name", FILES)
def test_a_folder_is_no_file(here: Path, name: str) -> None:
    """An existing `closed_file` closes the service: a folder would close it for good."""
    for folder in ("/", str(here)):
        with pytest.raises(SettingsError, match=f"{name} cannot be .*it is a folder"):
            load_settings({name: folder})
    assert getattr(load_settings({name: here / "new" / "file"}), name) == here / "new" / "file"


@pytest.mark.parametrize("name", [*FILES, "sources", "index"])
def test_a_path_that_no_system_opens_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} cannot be .*longer than 4,096 bytes") as refused:
        load_settings({name: "é" * 300_000})
    assert len(str(refused.value)) < 1_000
    assert load_settings({name: "é" * 2_000})


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ('[sources]\na = "x"', {"sources": "transcripts"}),
        ('sources = "a\\u0000b"', {"sources": "transcripts"}),
        ('port = "x"', {"port": 80}),
        ('identity = "Host"', {"identity": "none"}),
    ],
)
def test_a_value_in_the_file_is_refused_although_an_option_takes_precedence(
    here: Path, monkeypatch: pytest.MonkeyPatch, line: str, option: dict[str, object]
) -> None:
    """Otherwise the service would fail on the day when somebody leaves the option out."""
    (here / "assistant.toml").write_text(line, encoding="utf-8")
    (name,) = option
    with pytest.raises(SettingsError, match=rf"{name} cannot be .*assistant\.toml"):
        load_settings(option)
    (here / "assistant.toml").unlink()
    monkeypatch.setenv("ASSISTANT_PORT", "none")
    with pytest.raises(SettingsError, match=r"port cannot be .*ASSISTANT_PORT"):
        load_settings({"port": 80})


def test_a_valid_value_gives_way_as_before(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "assistant.toml").write_text('port = 1\nhost = "::1"', encoding="utf-8")
    monkeypatch.setenv("ASSISTANT_PORT", "2")
    settings = load_settings({"port": 3})
    assert (settings.port, settings.host) == (3, "::1")
    assert settings.origin("host") == "file assistant.toml"
