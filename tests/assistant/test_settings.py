"""Settings: which of option, environment, file and default wins, and that no name is misread or passed over."""

from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings, own_index
from index.embedding.models import DEFAULT_MODEL


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults_resolve_against_the_working_directory(here: Path) -> None:
    settings = load_settings()
    assert (settings.sources, settings.index) == (here / "sources", here / ".index")
    assert (settings.host, settings.port, settings.vector_store) == ("127.0.0.1", 7860, "chroma")
    assert settings.embedding_model == DEFAULT_MODEL
    assert settings.origin("port") == "default"


def test_each_layer_wins_over_the_one_before(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "assistant.toml").write_text('host = "localhost"\nport = 8001\nmax_question_characters = 301\n')
    monkeypatch.setenv("ASSISTANT_PORT", "8002")
    monkeypatch.setenv("ASSISTANT_MAX_QUESTION_CHARACTERS", "302")
    settings = load_settings({"max_question_characters": 303, "host": None})
    assert (settings.host, settings.port, settings.max_question_characters) == ("localhost", 8002, 303)
    assert settings.origin("host") == "file assistant.toml"
    assert settings.origin("port") == "environment variable ASSISTANT_PORT"
    assert settings.origin("max_question_characters") == "option --max-question-characters"
    assert settings.origin("vector_store") == "default"


def test_building_settings_reads_nothing_around_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "assistant.toml").write_text("port = 8001\n")
    monkeypatch.setenv("ASSISTANT_PORT", "8002")
    assert Settings().port == 7860


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PORT", "")
    settings = load_settings()
    assert (settings.port, settings.origin("port")) == (7860, "default")


def test_a_misspelt_variable_names_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PROT", "8000")
    with pytest.raises(SettingsError, match=r"ASSISTANT_PROT.*Did you mean environment variable ASSISTANT_PORT\?"):
        load_settings()


def test_a_misspelt_key_of_the_file_names_the_nearest_and_the_file(here: Path) -> None:
    (here / "mine.toml").write_text('source = "reports"\n')
    with pytest.raises(SettingsError, match=r"source in mine\.toml.*sources in mine\.toml"):
        load_settings(config=Path("mine.toml"))


def test_a_name_near_to_none_is_told_what_there_is(here: Path) -> None:
    (here / "assistant.toml").write_text("zzz = 1\n")
    with pytest.raises(SettingsError, match="The settings are sources, index,"):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PORT", "high"), ("PORT", "70000"), ("VECTOR_STORE", "annoy"), ("MAX_QUESTION_CHARACTERS", "0")],
)
def test_a_value_that_cannot_be_names_the_setting_and_its_origin(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ASSISTANT_{variable}", value)
    with pytest.raises(SettingsError, match=f"{variable.lower()} cannot be .*{value}.*ASSISTANT_{variable}"):
        load_settings()


@pytest.mark.parametrize("content", [b"port = ", b"port: 1", b"host = \xff"])
def test_a_file_that_is_not_toml_is_named(here: Path, content: bytes) -> None:
    (here / "assistant.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"assistant\.toml is not TOML"):
        load_settings()


def test_a_file_that_was_named_must_be_there() -> None:
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read"):
        load_settings(config=Path("none.toml"))


def test_a_file_may_begin_with_a_byte_order_mark(here: Path) -> None:
    (here / "assistant.toml").write_bytes(b"\xef\xbb\xbfport = 8001\n")
    assert load_settings().port == 8001


def test_another_sources_folder_has_an_index_of_its_own(here: Path) -> None:
    one, two = (load_settings({"sources": Path(name, "sources")}) for name in ("one", "two"))
    assert one.index != two.index
    assert one.index.parent == two.index.parent == here / ".index" / "other"
    assert one.origin("index") == "default for this sources folder"
    assert own_index(Path("sources")) == here / ".index"


def test_a_named_index_is_taken_as_it_is(here: Path) -> None:
    assert load_settings({"sources": Path("reports"), "index": Path("kept")}).index == here / "kept"
