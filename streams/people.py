"""The table of people, kept in such an order that an acknowledgement never overtakes what it speaks of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from streams.sending import acknowledged
from streams.settings import StreamSettings
from streams.state import Kept, pack, pack_mark, partition_of, unpack


@dataclass(frozen=True)
class People:
    """``table`` is a table of the Faust app ``app``."""

    app: Any
    table: Any
    settings: StreamSettings

    def kept(self, key: bytes) -> Kept:
        return unpack(self.table.get(key))

    async def keep(
        self, states: Mapping[bytes, Kept], marks: Mapping[bytes, int], forgotten: Iterable[bytes] = ()
    ) -> None:
        """Into the table's changelog first, into memory when Kafka has it. Of ``forgotten`` nothing stays.

        Not by ``table[key] = …``: that hands the changelog to a buffer whose flush gives up after a tenth of a
        second, and the acknowledgement of the source could overtake it.
        """
        values: dict[bytes, bytes | None] = {key: pack(kept) for key, kept in states.items()}
        values |= dict.fromkeys(forgotten)
        values |= {key: pack_mark(offset) for key, offset in marks.items()}  # last: a mark speaks of what is written
        changelog, partitions = self.settings.changelog, self.settings.partitions
        await acknowledged(
            self.app.producer.send(changelog, key, value, partition_of(key, partitions), None, None)
            for key, value in values.items()
        )
        for key, value in values.items():
            if value is None:
                self.table.data.pop(key, None)
            else:
                self.table.data[key] = value
