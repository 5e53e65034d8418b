"""Settings: the precedence of options, environment, file and defaults, and the errors for unknown names."""

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


def test_options_override_the_environment_and_the_environment_overrides_the_file(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "assistant.toml").write_text('host = "localhost"\nport = 8001\nmax_question_characters = 301\n')
    monkeypatch.setenv("ASSISTANT_PORT", "8002")
    monkeypatch.setenv("ASSISTANT_MAX_QUESTION_CHARACTERS", "302")
    settings = load_settings({"max_question_characters": 303, "host": None})
    assert (settings.host, settings.port, settings.max_question_characters) == ("localhost", 8002, 303)
    assert settings.origin("host") == "file assistant.toml"
    assert settings.origin("port") == "environment variable ASSISTANT_PORT"
    assert settings.origin("max_question_characters") == "option --max-question-characters"
    assert settings.origin("vector_store") == "default"


def test_the_constructor_reads_neither_file_nor_environment(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "assistant.toml").write_text("port = 8001\n")
    monkeypatch.setenv("ASSISTANT_PORT", "8002")
    assert Settings().port == 7860


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PORT", "")
    settings = load_settings()
    assert (settings.port, settings.origin("port")) == (7860, "default")


def test_a_misspelt_variable_suggests_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_PROT", "8000")
    with pytest.raises(SettingsError, match=r"ASSISTANT_PROT.*Did you mean environment variable ASSISTANT_PORT\?"):
        load_settings()


def test_a_misspelt_name_in_the_file_suggests_the_nearest_and_names_the_file(here: Path) -> None:
    (here / "mine.toml").write_text('source = "reports"\n')
    with pytest.raises(SettingsError, match=r"source in mine\.toml.*sources in mine\.toml"):
        load_settings(config=Path("mine.toml"))


def test_an_unknown_name_without_a_near_match_lists_the_settings(here: Path) -> None:
    (here / "assistant.toml").write_text("zzz = 1\n")
    with pytest.raises(SettingsError, match="The settings are sources, index,"):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PORT", "high"), ("PORT", "70000"), ("VECTOR_STORE", "annoy"), ("MAX_QUESTION_CHARACTERS", "0")],
)
def test_an_invalid_value_names_the_setting_and_its_origin(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ASSISTANT_{variable}", value)
    with pytest.raises(SettingsError, match=f"{variable.lower()} cannot be .*{value}.*ASSISTANT_{variable}"):
        load_settings()


@pytest.mark.parametrize("content", [b"port = ", b"port: 1", b"host = \xff"])
def test_a_file_that_is_not_toml_is_refused_by_name(here: Path, content: bytes) -> None:
    (here / "assistant.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"assistant\.toml is not TOML"):
        load_settings()


def test_a_file_given_as_an_option_must_exist() -> None:
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read"):
        load_settings(config=Path("none.toml"))


@pytest.mark.parametrize("config", [None, Path("assistant.toml")])
def test_a_folder_is_no_settings_file(here: Path, config: Path | None) -> None:
    (here / "assistant.toml").mkdir()
    with pytest.raises(SettingsError, match=r"assistant\.toml cannot be read"):
        load_settings(config=config)


def test_a_file_may_start_with_a_byte_order_mark(here: Path) -> None:
    (here / "assistant.toml").write_bytes(b"\xef\xbb\xbfport = 8001\n")
    assert load_settings().port == 8001


def test_another_sources_folder_gets_its_own_index(here: Path) -> None:
    first, second = (load_settings({"sources": Path(name, "sources")}) for name in ("first", "second"))
    assert first.index != second.index
    assert first.index.parent == second.index.parent == here / ".index" / "other"
    assert first.origin("index") == "default for this sources folder"
    assert own_index(Path("sources")) == here / ".index"


def test_an_index_given_as_an_option_is_used_for_any_sources_folder(here: Path) -> None:
    assert load_settings({"sources": Path("reports"), "index": Path("kept")}).index == here / "kept"


def test_an_index_in_the_file_is_used_for_a_sources_folder_from_the_environment(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "assistant.toml").write_text('index = "kept"\n')
    monkeypatch.setenv("ASSISTANT_SOURCES", "reports")
    settings = load_settings()
    assert (settings.sources, settings.index) == (here / "reports", here / "kept")
    assert settings.origin("index") == "file assistant.toml"


def test_a_table_from_the_environment_replaces_the_one_in_the_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "assistant.toml").write_text("[chat_model_options]\ntemperature = 0.2\nseed = 7\n")
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL_OPTIONS", '{"temperature": 0.5}')
    settings = load_settings()
    assert settings.chat_model_options == {"temperature": 0.5}
    assert settings.origin("chat_model_options") == "environment variable ASSISTANT_CHAT_MODEL_OPTIONS"


def test_a_key_in_the_options_is_refused_without_printing_it(here: Path) -> None:
    (here / "assistant.toml").write_text('chat_model_options = { api_key = "s3cret" }\n')
    with pytest.raises(SettingsError, match=r"api_key looks like a key") as refused:
        load_settings()
    assert "file assistant.toml" in str(refused.value)
    assert "s3cret" not in str(refused.value)
