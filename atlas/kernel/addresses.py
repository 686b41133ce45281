"""Which network addresses may be connected to: the judge of everything that leaves.

Pure. Sources: the registries of special-purpose addresses (RFC 6890 and its updates) as ``ipaddress`` knows them, and
what it leaves out: NAT64 (RFC 6052), 6to4 (RFC 3056), IPv4-mapped addresses (RFC 4291), and multicast.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_REFUSED_4 = (
    IPv4Network("192.0.0.0/24"),  # IETF protocol assignments
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, deprecated by RFC 7526
)
_REFUSED_6 = (
    IPv6Network("2001::/23"),  # IETF protocol assignments, Teredo among them
    IPv6Network("3fff::/20"),  # documentation, RFC 9637
)


def is_public(address: str) -> bool:
    """Whether the address lies in the public internet. An address that carries another one is judged by both."""
    return _is_public(_parse(address))


def is_loopback(address: str) -> bool:
    """Whether the address is this machine itself (127.0.0.0/8, ::1, or the former in IPv6 clothes)."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed.is_loopback


def _parse(address: str) -> IPv4Address | IPv6Address:
    return ip_address(address.partition("%")[0])


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not any(address in net for net in _REFUSED_4)
    carried = _carried(address)
    if carried is not None:
        return _is_public(carried)
    return address in _GLOBAL_UNICAST and address.is_global and not any(address in net for net in _REFUSED_6)


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this IPv6 address end at."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour
