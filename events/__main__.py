"""Write the committed JSON Schema of the contract: ``python -m events``."""

from pathlib import Path

import msgspec

from events.interaction import schema

path = Path(__file__).parent / "interaction.schema.json"
path.write_bytes(msgspec.json.format(msgspec.json.encode(schema()), indent=2) + b"\n")
