"""Texts to vectors: a transformer behind one method, so that any other can take its place.

A vector depends on its text alone. The int8 model scales its activations over all it is given at once, so the same
text comes out differently in another batch (measured: cosine down to .94); the stream, the re-fold and the offline
run batch differently and must agree to the bit. Hence one text per run, and the runs side by side on a few threads,
which on two cores is also faster than padded batches.
"""

import hashlib
import os
import sys
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

NAME = "all-minilm-l6-v2-q"
ONNX, TOKENIZER = f"{NAME}.onnx", f"{NAME}-tokenizer.json"
SHA256 = {
    ONNX: "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1",
    TOKENIZER: "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0",
}
FOLDER = Path(sys.prefix) / "share" / "rapport" / "models"

MAX_TOKENS = 128
MAX_CHARACTERS = 2_000  # more than 128 tokens of any language; bounds what a hostile text costs
CACHED_TEXTS = 20_000  # 1.5 kB each
THREADS = 2


class ModelError(Exception):
    """The model cannot be used; the message is one line that says what to do."""


class Encoder(Protocol):
    def __call__(self, texts: Sequence[str]) -> Vectors:
        """One unit-length row per text, shape (len(texts), dimensions); each row depends on its text alone."""


def default(threads: int = THREADS, folder: Path = FOLDER) -> Encoder:
    """The model ``make setup`` installs, behind a cache of the last texts. Raises ModelError if it is not usable."""
    return Cached(MiniLM(threads, folder))


def verify(folder: Path) -> None:
    """Raises ModelError unless every file of the model is there, byte for byte."""
    for name, expected in SHA256.items():
        path = folder / name
        try:
            content = path.read_bytes()
        except OSError:
            raise ModelError(f"the text model is missing ({path}); run: make setup") from None
        if hashlib.sha256(content).hexdigest() != expected:
            raise ModelError(f"the text model is damaged ({path}); run: make setup")


class MiniLM:
    """all-MiniLM-L6-v2 in int8 on onnxruntime: 384 dimensions, no torch."""

    def __init__(self, threads: int = THREADS, folder: Path = FOLDER) -> None:
        verify(folder)
        os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")  # it advises to install torch
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # onnxruntime would keep a device id
        # Both take a second to import, and most commands never score a text.
        import onnxruntime  # type: ignore[import-untyped] # noqa: PLC0415
        from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(folder / ONNX), options, providers=["CPUExecutionProvider"])
        self._inputs = [entry.name for entry in self._session.get_inputs()]
        load: Any = PreTrainedTokenizerFast
        self._tokenizer = load(tokenizer_file=str(folder / TOKENIZER), model_max_length=MAX_TOKENS)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="encoder")

    def __call__(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, 384), np.float32)
        tokens = self._tokenizer([_encodable(text) for text in texts], truncation=True)["input_ids"]
        longest_first = sorted(range(len(texts)), key=lambda i: -len(tokens[i]))  # so that no thread ends alone
        rows = self._threads.map(self._one, [tokens[i] for i in longest_first])
        vectors = np.empty((len(texts), 384), np.float32)
        for i, row in zip(longest_first, rows, strict=True):
            vectors[i] = row
        return vectors

    def _one(self, tokens: list[int]) -> Vectors:
        ids = np.array([tokens], np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        return _pooled(hidden[0])


class HuggingFace:
    """Any encoder of the Hugging Face hub, in fp32, with the ``torch`` extra; the content model is then fitted anew.

    ``model`` is a folder or a hub id. Nothing is downloaded unless ``local_files_only`` is false.
    """

    def __init__(self, model: str, threads: int = THREADS, local_files_only: bool = True) -> None:
        try:
            import torch  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
            from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415

            torch.set_num_threads(threads)
            self._tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=local_files_only)
            self._model: Any = AutoModel.from_pretrained(model, local_files_only=local_files_only).eval()
        except ImportError:
            raise ModelError("a model of the Hugging Face hub needs torch; run: pip install 'rapport[torch]'") from None
        except (OSError, ValueError) as problem:
            raise ModelError(f"the model {model} cannot be read: {str(problem).splitlines()[0]}") from None
        self._no_grad: Any = torch.inference_mode

    def __call__(self, texts: Sequence[str]) -> Vectors:
        rows = [self._one(_encodable(text)) for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), int(self._model.config.hidden_size))

    def _one(self, text: str) -> Vectors:
        tokens = self._tokenizer(text, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        with self._no_grad():
            return _pooled(self._model(**tokens).last_hidden_state[0].numpy())


class Cached:
    """Another encoder with a memory of the last texts: in a campaign most texts were seen before."""

    def __init__(self, encoder: Encoder, texts: int = CACHED_TEXTS) -> None:
        self._encoder, self._limit = encoder, texts
        self._rows: OrderedDict[bytes, Vectors] = OrderedDict()
        self._lock = Lock()

    def __call__(self, texts: Sequence[str]) -> Vectors:
        keys = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        with self._lock:
            rows = {key: self._rows[key] for key in keys if key in self._rows}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in rows}
        new = self._encoder(list(missing.values()))
        rows.update(zip(missing, new, strict=True))
        with self._lock:
            for key in keys:
                self._rows[key] = rows[key]
                self._rows.move_to_end(key)
            while len(self._rows) > self._limit:
                self._rows.popitem(last=False)
        return np.stack([rows[key] for key in keys]) if keys else new


def _encodable(text: str) -> str:
    """Tokenizers take no lone surrogates, which JSON allows."""
    return text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def _pooled(hidden: Vectors) -> Vectors:
    """The mean over the tokens, of length one."""
    mean = hidden.mean(axis=0, dtype=np.float32)
    row: Vectors = mean / max(float(np.linalg.norm(mean)), 1e-12)
    return row
