"""The reader of texts and the weights of the verdict, as every process of ours uses them."""

from pathlib import Path

import msgspec

from rapport.errors import UserError
from scoring.combine import WEIGHTS, Weights
from scoring.content import ContentModel, load
from scoring.encoder import default

WEIGHTS_FILE = "weights.json"


def text_reader() -> ContentModel:
    """The installed text model with the committed weights. Raises ``ModelError``: nothing is scored without it."""
    return load(default())


def weights(data: Path) -> Weights:
    """Those that `rapport refit` put into the data folder, or the committed ones. Raises ``UserError``."""
    path = data / WEIGHTS_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Weights)
    except FileNotFoundError:
        return WEIGHTS
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(f"{path} cannot be used: {error}; remove it, or run: rapport refit") from error
