"""The packaged all-MiniLM-L6-v2 run by ONNX Runtime, without PyTorch. The one file that knows onnxruntime.

Its graph is written down from the weights each time it is loaded, in a tenth of a second: no second file that would
have to be made, kept and held against the first. sentence-transformers says what the vectors have to be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.embedding.bert import HEARD, SEGMENTS, TOKENS, Shape, bert

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

DIMENSION = 384
SHAPE = Shape(heads=12, epsilon=1e-12)
LONGEST = 256  # tokens of a text that are read, as sentence-transformers does
BATCH = 32  # texts of about one length at a time: more of them only makes their padding longer
TOKENIZER = "tokenizer.json"


class MiniLm:
    """The model, loaded. Safe to use from several threads."""

    def __init__(self, folder: Path, weights: Path) -> None:
        """Load the tokenizer from the model's folder, and its weights. Raises `ImportError` where there is no runtime,
        and `OSError` for a file that cannot be read.
        """
        from onnxruntime import InferenceSession, OrtValue, SessionOptions
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        model, given = bert(load_file(weights), SHAPE)
        options = SessionOptions()
        options.add_session_config_entry("session.force_spinning_stop", "1")  # others need the processor in between
        options.add_external_initializers(list(given), [OrtValue.ortvalue_from_numpy(one) for one in given.values()])
        self._session = InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_buffer((folder / TOKENIZER).read_bytes())
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")  # noqa: S106  # a token of text

    def encode(self, texts: Sequence[str]) -> Floats:
        """Embed n texts, in whatever order is quickest: shape (n, `DIMENSION`), each row of unit length."""
        vectors = np.empty((len(texts), DIMENSION), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            vectors[places] = self._encode([texts[place] for place in places])
        return vectors

    def _encode(self, texts: list[str]) -> Floats:
        """The mean of each text's token states, at unit length."""
        read = self._tokenizer.encode_batch(texts)
        tokens = np.array([text.ids for text in read], dtype=np.int32)
        heard = np.array([text.attention_mask for text in read], dtype=np.int32)
        states = self._session.run(None, {TOKENS: tokens, SEGMENTS: np.zeros_like(tokens), HEARD: heard})[0]
        sums = np.matmul(heard[:, None, :].astype(np.float32), states)[:, 0]  # a text has two tokens at least
        return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), dtype=np.float32)
