"""The reader of texts and the weights of the verdict, as every process of ours uses them."""

from pathlib import Path
from typing import TypeVar

import msgspec

from rapport.errors import UserError
from scoring.combine import Weights
from scoring.content import ContentModel, load
from scoring.encoder import default
from scoring.fold import FITTED, Fitted
from scoring.ties.realness import Weights as Realness

TRUST_FILE = "weights.json"
REALNESS_FILE = "realness.json"

T = TypeVar("T")


def text_reader() -> ContentModel:
    """The installed text model with the committed weights. Raises ``ModelError``: nothing is scored without it."""
    return load(default())


def fitted(data: Path) -> Fitted:
    """What `rapport refit` put into the data folder, or the committed weights. Raises ``UserError``."""
    trust = _refitted(data / TRUST_FILE, Weights)
    realness = _refitted(data / REALNESS_FILE, Realness)
    return Fitted(trust or FITTED.trust, realness or FITTED.realness)


def _refitted(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(f"{path} cannot be used: {error}; remove it, or run: rapport refit") from error
