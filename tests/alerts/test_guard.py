"""No delivery connects to an address inside, unless the operator allowed it; some can never be reached."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.guard import INTERNAL, RefusedError, allowed, checked, resolve

LOCAL = "127.0.0.1 127.8.8.8 ::1 0.0.0.0 :: 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 fc00::1 fd12::1"
CREDENTIALS = "169.254.169.254 169.254.170.2 fd00:ec2::254 100.100.100.200 168.63.129.16 192.0.0.192 fe80::1 fe80::1%1"
SPECIAL = "224.0.0.1 239.1.1.1 ff02::1 255.255.255.255 240.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.9 100::1"
CLOTHED = (
    "::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:10.0.0.1 ::127.0.0.1 ::a00:1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe"
)
TUNNELS = "2002:7f00:1:: 2002:a9fe:a9fe:: 2001:0:7f00:1:: 64:ff9b:1::1 fec0::1 2001:db8::1 3fff::1 5f00::1 192.88.99.1"
FORBIDDEN = " ".join((LOCAL, CREDENTIALS, SPECIAL, CLOTHED, TUNNELS)).split()
NEVER = ["169.254.169.254", "169.254.1.1", "fe80::1", "fd00:ec2::254", "100.100.100.200", "::ffff:169.254.169.254"]
EVERYTHING = allowed(["0.0.0.0/0", "::/0", "hooks.test"])
NOTHING = allowed([])


def judged(address: str, *allow: str, host: str = "hooks.test", port: int = 443) -> bool:
    try:
        return checked(host, port, allowed(allow), lambda *_: [address]) != []
    except RefusedError as error:
        assert host in str(error)
        return False


@pytest.mark.parametrize("address", FORBIDDEN)
def test_internal_addresses_are_refused(address: str) -> None:
    """Whichever way they are written."""
    assert not judged(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700::6810:84e5", "64:ff9b::808:808"])
def test_public_addresses_are_reached(address: str) -> None:
    """Also over the NAT64 of a network that has IPv6 only."""
    assert judged(address)


@pytest.mark.parametrize("address", NEVER)
def test_some_are_never_reached(address: str) -> None:
    """Link-local and metadata addresses hand out credentials: no allow-list opens them."""
    with pytest.raises(RefusedError, match="no receiver may have"):
        checked("hooks.test", 443, EVERYTHING, lambda *_: [address])


def test_one_bad_address_condemns_the_name() -> None:
    """Else it would be chance which one is connected to."""
    with pytest.raises(RefusedError, match=r"hooks\.test stands for 10\.0\.0\.1, which is internal"):
        checked("hooks.test", 443, NOTHING, lambda *_: ["8.8.8.8", "10.0.0.1"])


def test_operator_allows_networks_and_names() -> None:
    """A name opens the usual private networks, for its port alone where it has one; a network opens itself."""
    assert judged("10.1.2.3", "10.0.0.0/8")
    assert judged("::ffff:10.1.2.3", "10.0.0.0/8")
    assert not judged("192.168.1.1", "10.0.0.0/8")
    assert judged("127.0.0.1", "127.0.0.1")
    assert judged("10.1.2.3", "alertmanager", host="Alertmanager")
    assert judged("10.1.2.3", "alertmanager:9093", host="alertmanager", port=9093)
    assert not judged("10.1.2.3", "alertmanager:9093", host="alertmanager", port=22)
    assert not judged("10.1.2.3", "alertmanager:9093", host="other", port=9093)
    assert not judged("2002:a00:1::", "alertmanager", host="alertmanager")


@pytest.mark.parametrize("entry", ["10.0.0.0/64", "https://x.test", "", "a b", "x.test:port", "/", "-"])
def test_wrong_entries_are_named(entry: str) -> None:
    """What is neither a network nor a host is a mistake, not a rule that matches nothing."""
    with pytest.raises(ValueError, match="allow: "):
        allowed([entry])


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_mapped_addresses_are_judged_as_what_they_stand_for(address: IPv4Address) -> None:
    """An IPv4 address is refused in IPv6 clothes exactly where it is refused in its own."""
    mapped, nat64 = f"::ffff:{address}", str(IPv6Address(int(ip_address("64:ff9b::")) + int(address)))
    assert judged(mapped) == judged(nat64) == judged(str(address))


@given(st.ip_addresses())
def test_whatever_passes_is_public(address: IPv4Address | IPv6Address) -> None:
    """Nothing that Python knows to be private, reserved or multicast gets through."""
    if judged(str(address)):
        inner = (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
        assert inner.is_global
        assert not (inner.is_multicast or inner.is_loopback or inner.is_link_local or inner.is_private)
        assert not any(inner in network for network in INTERNAL)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
def test_numbers_are_addresses_too(host: str) -> None:
    """What the system takes for an address is judged as one."""
    with pytest.raises(RefusedError):
        checked(host, 80, NOTHING, resolve)


def test_name_that_is_none_is_a_network_error() -> None:
    """It is retried as any other name that cannot be resolved, never a traceback."""
    with pytest.raises(OSError, match="is no name"):
        resolve("x" * 64 + ".test", 80)
