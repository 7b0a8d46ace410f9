"""What a client asks for, read field by field in the order of revision 54453."""

from dataclasses import dataclass

from rapport.embedded.native import wire
from rapport.embedded.native.blocks import Block, read_packet
from rapport.embedded.native.types import UnsupportedTypeError
from rapport.embedded.native.wire import ProtocolError, Reader

MAX_HELLO_TEXT = 4096
MAX_SETTINGS = 2000


@dataclass(frozen=True)
class Hello:
    database: str
    user: str
    password: str


@dataclass(frozen=True)
class Query:
    """``settings`` as the client wrote them; ``compressed``: it will send and expect compressed blocks."""

    sql: str
    settings: dict[str, str]
    compressed: bool


def read_hello(reader: Reader) -> Hello:
    if reader.varint() != wire.HELLO:
        raise ProtocolError("a first packet that is not ClickHouse's hello")
    reader.text(MAX_HELLO_TEXT)
    for _ in range(3):  # version, revision
        reader.varint()
    return Hello(*(reader.text(MAX_HELLO_TEXT) for _ in range(3)))


def read_query(reader: Reader) -> Query:
    """After the packet's kind. The client's empty block follows and is left to the caller."""
    reader.text(MAX_HELLO_TEXT)  # the query's id
    if reader.byte():
        _skip_client_info(reader)
    settings: dict[str, str] = {}
    while name := reader.text(MAX_HELLO_TEXT):
        reader.varint()
        settings[name] = reader.text()
        if len(settings) > MAX_SETTINGS:
            raise ProtocolError("more settings than there are")
    reader.text(MAX_HELLO_TEXT)  # the secret between servers
    reader.varint()  # the stage
    compressed = bool(reader.varint())
    return Query(reader.text(), settings, compressed)


def _skip_client_info(reader: Reader) -> None:
    for _ in range(3):  # initial user, query, address
        reader.text(MAX_HELLO_TEXT)
    reader.skip(9)  # start time, interface
    for _ in range(3):  # user of the system, host, client
        reader.text(MAX_HELLO_TEXT)
    for _ in range(3):  # its version
        reader.varint()
    reader.text(MAX_HELLO_TEXT)  # quota key
    for _ in range(2):  # depth, patch
        reader.varint()
    if reader.byte():  # a trace: id and span, state, flags
        reader.skip(24)
        reader.text(MAX_HELLO_TEXT)
        reader.skip(1)
    for _ in range(3):  # parallel replicas
        reader.varint()


def read_data(reader: Reader) -> Block:
    """The next packet, which has to be a block."""
    reader.begin()
    if reader.varint() != wire.DATA:
        raise ProtocolError("something else where a block was due")
    try:
        return read_packet(reader)[1]
    except UnsupportedTypeError as error:  # where the block ends is not known then
        raise ProtocolError(str(error)) from error
