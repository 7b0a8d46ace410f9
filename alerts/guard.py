"""Where a delivery may connect to: nothing inside this machine or network, unless the operator allowed it.

A name is resolved once, every address is judged, and the connection is made to a judged address: a name that answers
differently the second time gains nothing. Link-local addresses and those of cloud metadata cannot be allowed at all.
"""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]

HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?(:\d{1,5})?")
METADATA = {  # of clouds, where they are not link-local: AWS, Alibaba, Azure, Oracle
    ip_address("fd00:ec2::254"),
    ip_address("fd00:ec2::23"),
    ip_address("100.100.100.200"),
    ip_address("168.63.129.16"),
    ip_address("192.0.0.192"),
}
# What the name of an internal receiver may stand for.
INTERNAL = [
    ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "::1/128",
        "fc00::/7",
    )
]
NAT64 = ip_network("64:ff9b::/96")
# Tunnels that end at an IPv4 address of anybody's choice, and what Python takes for global and is not.
OTHER = [
    ip_network(network)
    for network in (
        "2002::/16",
        "2001::/32",
        "::/96",
        "64:ff9b:1::/48",
        "192.88.99.0/24",
        "fec0::/10",
        "3fff::/20",
        "5f00::/16",
    )
]


class RefusedError(Exception):
    """The receiver's name stands for an address that must not be reached. The text names host and address."""


@dataclass(frozen=True)
class Allowed:
    """Internal receivers: ``hosts`` as ``name`` or ``name:port`` in lower case, and ``networks``."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()


def allowed(entries: Sequence[str]) -> Allowed:
    """Of ``10.0.0.0/8``, ``10.1.2.3``, ``alertmanager`` or ``alertmanager:9093``. Raises ``ValueError``."""
    hosts, networks = set(), []
    for entry in entries:
        try:
            networks.append(ip_network(entry, strict=False))
        except ValueError:
            if not HOST.fullmatch(entry) or "/" in entry:
                raise ValueError(f"allow: {entry!r} is neither a network nor a host or host:port") from None
            hosts.add(entry.lower())
    return Allowed(frozenset(hosts), tuple(networks))


def resolve(host: str, port: int) -> list[str]:
    """Every address of ``host``, as the system knows it. Raises ``OSError``."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host} is no name") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked(host: str, port: int, permitted: Allowed, resolve: Resolve) -> list[str]:
    """The addresses of ``host`` to connect to; one bad one condemns all. Raises ``RefusedError`` and ``OSError``."""
    addresses = [ip_address(text) for text in resolve(host, port)]
    name = host.lower()
    named = not permitted.hosts.isdisjoint({name, f"{name}:{port}"})
    for address in addresses:
        if kind := _refused(address, permitted.networks, named):
            raise RefusedError(f"{host} stands for {address}, {kind}")
    return [str(address) for address in addresses]


def _refused(address: Address, networks: Sequence[Network], named: bool) -> str:
    """Why not, in words; empty where a connection is fine."""
    inner = _inside(address)
    if inner in METADATA or inner.is_link_local or inner.is_multicast or inner.is_unspecified:
        return "which no receiver may have"
    if any(inner in network for network in networks) or (named and any(inner in network for network in INTERNAL)):
        return ""
    if any(inner in network for network in OTHER) or not inner.is_global:
        return "which is internal; name it in `allow` if that is meant"
    return ""


def _inside(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return IPv6Address(int(address))  # without a zone
