"""Which network addresses may be connected to: the judge of everything that leaves.

Pure, and the same under every Python: the tables are ours, since those of ``ipaddress`` differ between its versions. Sources:
IANA's registries of special-purpose addresses (RFC 6890) as published on 2026-07-18,
https://www.iana.org/assignments/iana-ipv4-special-registry/ and https://www.iana.org/assignments/iana-ipv6-special-registry/
(their rows stand beside the tests); multicast is RFC 5771 and RFC 4291, global unicast RFC 4291.

Refused is every block that the registries don't call globally reachable. Of the two blocks "IETF protocol assignments" all
is refused, the few anycast services in them too: nobody publishes terms there. An address that carries an IPv4 address
(IPv4-mapped, 6to4, Teredo) is refused whatever it carries, but for NAT64's well-known prefix (RFC 6052), by which networks
without IPv4 reach the rest: there the carried address is judged.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_REFUSED_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # shared address space
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link local
        "172.16.0.0/12",  # private use
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "192.168.0.0/16",  # private use
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, limited broadcast among it
    )
)
#: Nothing outside of it is public: the unspecified address, loopback, local-use NAT64, discard-only, dummy and SRv6 prefixes,
#: unique-local, link-local, site-local, multicast, and whatever isn't assigned yet.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_REFUSED_6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether the address lies in the public internet."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        if parsed not in _NAT64:
            return parsed in _GLOBAL_UNICAST and not any(parsed in block for block in _REFUSED_6)
        parsed = IPv4Address(int(parsed) & 0xFFFFFFFF)
    return not any(parsed in block for block in _REFUSED_4)


def is_loopback(address: str) -> bool:
    """Whether the address is this machine itself (127.0.0.0/8, ::1, or the former in IPv6 clothes)."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed.is_loopback


def _parse(address: str) -> IPv4Address | IPv6Address:
    return ip_address(address.partition("%")[0])
