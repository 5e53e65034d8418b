"""The adapter's file: what is stored comes back, nearly, and a damaged file is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.embedding import embedder as module
from index.embedding.embedder import TOKEN_DIMENSION, Adapter, packaged_adapter
from index.errors import EmbeddingModelError


@pytest.fixture
def adapter() -> Adapter:
    draw = np.random.default_rng(1)
    return Adapter(
        {"layer.weight": draw.normal(0, 0.01, (6, 5)).astype(np.float32), "layer.bias": np.ones(4, dtype=np.float32)},
        draw.normal(0, 1, (TOKEN_DIMENSION, 8)).astype(np.float32),
        np.zeros(TOKEN_DIMENSION + 1, dtype=np.float32),
        0.03,
    )


def test_what_is_saved_is_loaded_to_within_half_a_step_of_each_row(adapter: Adapter, tmp_path: Path):
    adapter.save(tmp_path / "adapter.safetensors")
    loaded = Adapter.load(tmp_path / "adapter.safetensors")
    assert loaded.differences.keys() == adapter.differences.keys()
    for name, difference in adapter.differences.items():
        rows = difference.reshape(len(difference), -1)
        step = np.abs(rows).max(axis=1, keepdims=True) / 127
        error = np.abs(loaded.differences[name].reshape(rows.shape) - rows)
        assert (error <= step / 2 + 1e-7).all()
    np.testing.assert_array_equal(loaded.projection, adapter.projection)
    assert loaded.context_discount == pytest.approx(0.03)


def test_tokens_are_projected_to_unit_length(adapter: Adapter):
    projected = adapter.project(np.random.default_rng(2).normal(0, 1, (3, 8)).astype(np.float32))
    np.testing.assert_allclose(np.linalg.norm(projected, axis=1), 1.0, atol=1e-5)
    assert adapter.project(np.zeros((1, 8), dtype=np.float32)).tolist() == [[0.0] * TOKEN_DIMENSION]


def test_weights_of_tokens_sum_to_one(adapter: Adapter):
    weights = adapter.token_weights(np.eye(TOKEN_DIMENSION, dtype=np.float32)[:4])
    np.testing.assert_allclose(weights, 0.25)
    assert adapter.token_weights(np.zeros((0, TOKEN_DIMENSION), dtype=np.float32)).shape == (0,)


@pytest.mark.parametrize("content", [b"", b"not an adapter", b"\x10\0\0\0\0\0\0\0{}              "])
def test_a_file_that_is_no_adapter_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "adapter.safetensors").write_bytes(content)
    with pytest.raises(EmbeddingModelError, match="is not an adapter"):
        Adapter.load(tmp_path / "adapter.safetensors")


def test_a_changed_packaged_file_is_refused(monkeypatch: pytest.MonkeyPatch):
    assert packaged_adapter().is_file()
    monkeypatch.setattr(module, "ADAPTER_SHA256", "0" * 64)
    with pytest.raises(EmbeddingModelError, match="not 0000"):
        packaged_adapter()
