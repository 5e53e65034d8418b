import pytest

from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.web.security.hosts import check_exposure, known_hosts
from assistant.web.server import create_app, serve
from tests.fixtures.fictional import FictionalAssistant

ELSEWHERE = ["0.0.0.0", "::", "10.1.2.3", "2001:db8::1", "assistant.northshire.example", "127.0.0.1.example", "127.1"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost"])
def test_a_loopback_address_needs_no_identity_setting(host):
    check_exposure(Settings(host=host))
    assert host.lower() in known_hosts(Settings(host=host))


@pytest.mark.parametrize("host", ELSEWHERE)
def test_an_address_other_machines_can_reach_needs_the_identity_setting(host):
    with pytest.raises(SettingsError, match="identity") as raised:
        check_exposure(Settings(host=host))
    assert {"`header`", "`none`", "`proxies`"} <= set(raised.value.advice.replace(",", " ").replace(";", " ").split())
    check_exposure(Settings(host=host, identity="none"))
    check_exposure(Settings(host=host, identity="header", proxies="10.0.0.1"))


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_user_header_needs_a_trusted_proxy(host):
    with pytest.raises(SettingsError, match="proxies"):
        check_exposure(Settings(host=host, identity="header"))


def test_a_pattern_is_not_a_host_name():
    with pytest.raises(SettingsError, match=r"\*\.example"):
        check_exposure(Settings(hosts="*.example"))


def test_without_the_setting_no_port_is_opened_and_no_file_is_created(tmp_path):
    settings = Settings(host="0.0.0.0", port=0, audit_log=tmp_path / "log" / "audit.jsonl")
    for begin in (create_app, serve):
        with pytest.raises(SettingsError, match="identity"):
            begin(FictionalAssistant(), settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::0"])
def test_the_unspecified_address_is_not_a_host_name(host):
    names = known_hosts(Settings(host=host, hosts="Assistant.Northshire.example 2001:db8::1"))
    assert host not in names
    assert {"assistant.northshire.example", "[2001:db8::1]", "localhost", "[::1]"} <= set(names)
