"""Which addresses are public: every row of IANA's registries of special-purpose addresses, and what they leave out.

The two files beside this one are the registries as published on 2026-07-18:
https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry-1.csv and
https://www.iana.org/assignments/iana-ipv6-special-registry/iana-ipv6-special-registry-1.csv
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import pytest

from atlas.kernel.addresses import is_loopback, is_public

REGISTRIES = sorted(Path(__file__).parent.glob("iana-*.csv"))
REFUSED_AS_A_WHOLE = (IPv4Network("192.0.0.0/24"), IPv6Network("2001::/23"))
"""IETF protocol assignments: the anycast services among them are reachable, and no web sites."""
CARRIES_ANOTHER = IPv6Network("64:ff9b::/96")


def rows(*, reachable: bool) -> Iterator[IPv4Network | IPv6Network]:
    for registry in REGISTRIES:
        with registry.open(newline="") as file:
            for row in csv.DictReader(file):
                if (row["Globally Reachable"] == "True") == reachable:
                    for block in row["Address Block"].split(","):
                        yield ip_network(block.split()[0])


def ends(block: IPv4Network | IPv6Network) -> list[str]:
    return [str(block[0]), str(block[-1]), str(block[block.num_addresses // 2])]


def test_the_registries_were_read_whole() -> None:
    assert len(REGISTRIES) == 2
    assert len([*rows(reachable=True), *rows(reachable=False)]) == 26 + 25


@pytest.mark.parametrize("block", list(rows(reachable=False)), ids=str)
def test_no_address_of_a_block_that_is_not_globally_reachable_is_public(block: IPv4Network | IPv6Network) -> None:
    assert [address for address in ends(block) if is_public(address)] == []


@pytest.mark.parametrize("block", list(rows(reachable=True)), ids=str)
def test_reachable_blocks_are_public_but_for_those_of_protocols(block: IPv4Network | IPv6Network) -> None:
    of_protocols = any(block.version == whole.version and block.subnet_of(whole) for whole in REFUSED_AS_A_WHOLE)  # type: ignore[arg-type]
    if block != CARRIES_ANOTHER:
        assert {is_public(address) for address in ends(block)} == {not of_protocols}


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "2000::",
        "2001:200::",
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db9::",
        "2003::",
        "2606:2800:220:1::1",
        "2a00:1450:4001:800::200e",
        "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "3fff:1000::",
    ],
)
def test_neighbours_of_special_blocks_and_the_rest_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("what", "address"),
    [
        ("multicast", "224.0.0.1"),
        ("multicast", "239.255.255.255"),
        ("multicast", "ff02::1"),
        ("multicast of global scope", "ff0e::1"),
        ("IPv4-compatible", "::8.8.8.8"),
        ("IPv4-compatible loopback", "::7f00:1"),
        ("site-local, deprecated", "fec0::1"),
        ("link-local with its zone", "fe80::1%eth0"),
        ("not assigned", "4000::1"),
        ("not assigned", "e000::1"),
        ("the metadata of clouds", "169.254.169.254"),
        ("the metadata of clouds", "fd00:ec2::254"),
    ],
)
def test_what_the_registries_leave_out_is_refused(what: str, address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("carried", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.0.1", "8.8.8.8"])
@pytest.mark.parametrize(
    "clothes",
    ["::ffff:{0}", "::ffff:0:{0}", "64:ff9b:1::{0}", "64:ff9b:1:fffe::{0}", "2002:{1}::1", "2001:0:{1}::", "::{0}"],
    ids=["IPv4-mapped", "IPv4-translated", "local NAT64", "local NAT64, another", "6to4", "Teredo", "IPv4-compatible"],
)
def test_address_that_carries_another_is_refused_whatever_it_carries(clothes: str, carried: str) -> None:
    high, low = (int(part) for part in carried.split(".")[:2]), (int(part) for part in carried.split(".")[2:])
    groups = ":".join("{:02x}{:02x}".format(*half) for half in (high, low))

    assert not is_public(clothes.format(carried, groups))


@pytest.mark.parametrize(
    ("carried", "public"),
    [("8.8.8.8", True), ("127.0.0.1", False), ("10.0.0.1", False), ("169.254.169.254", False), ("224.0.0.1", False)],
)
def test_nat64_is_judged_by_what_it_leads_to(carried: str, public: bool) -> None:
    assert is_public(f"64:ff9b::{carried}") == public


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_loopback(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["10.0.0.1", "::ffff:10.0.0.1", "::2", "64:ff9b::7f00:1"])
def test_other_addresses_are_not_loopback(address: str) -> None:
    assert not is_loopback(address)
