"""How well links to legal documents are found on real pages.

    python -m tests.measures.links [../shared/data] [--new] [--missed]

For each service of the page pack: of its known documents that another page of it links to, how many are found (by their
address, whatever the link is called); and how many links are told that lead to no known document, which are new documents
or false. `--new` lists the latter, `--missed` the former that weren't found.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from monitoring.fetching.links import LegalLink, address_key, legal_links
from tests.measures.pack import DATA, Pages, captures


@dataclass(slots=True)
class Service:
    """What the pages of one service told. Addresses are keys."""

    name: str
    pages: int = 0
    known: set[str] = field(default_factory=set)
    linked: dict[str, str] = field(
        default_factory=dict
    )  # known ones to which another page links, with what it calls them
    found: set[str] = field(default_factory=set)
    new: dict[str, LegalLink] = field(default_factory=dict)
    told_new: int = 0


def latest(data: Path = DATA) -> list[dict[str, Any]]:
    """The last good capture of each page."""
    chosen = {}
    for capture in captures(data):
        if capture["kind"] == "document" and capture["media_type"] == "text/html":
            chosen[capture["service"], capture["url"]] = capture
    return list(chosen.values())


def measure(data: Path = DATA) -> list[Service]:
    """All services of the pack, by name."""
    chosen = latest(data)
    pages = Pages((each["sha256"] for each in chosen), data)
    services: dict[str, Service] = {}
    hosts: dict[str, set[str]] = defaultdict(set)
    for each in chosen:
        service = services.setdefault(each["service"], Service(each["service"]))
        service.known.add(address_key(each["url"]))
        hosts[each["service"]].add(urlsplit(each["url"]).hostname or "")
    for each in chosen:
        service, content, own = services[each["service"]], pages[each["sha256"]], address_key(each["url"])
        service.pages += 1
        for key, text in _all_links(content, each["url"]).items():
            if key in service.known and key != own:
                service.linked.setdefault(key, text)
        for link in legal_links(content, base_url=each["url"], hosts=hosts[each["service"]]):
            key = address_key(link.url)
            if key in service.known:
                service.found.add(key)
            else:
                service.told_new += 1
                service.new.setdefault(key, link)
    return sorted(services.values(), key=lambda service: service.name)


def _all_links(content: bytes, url: str) -> dict[str, str]:
    links: dict[str, str] = {}
    for node in LexborHTMLParser(content.decode("utf-8", "replace")).css("a[href]"):
        try:
            links.setdefault(address_key(urljoin(url, node.attributes["href"] or "")), node.text(strip=True))
        except ValueError:
            continue
    return links


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--new", action="store_true", help="list what leads to no known document")
    parser.add_argument("--missed", action="store_true", help="list known documents that were linked and not found")
    options = parser.parse_args()
    services = measure(options.data)
    for service in services:
        missed = service.linked.keys() - service.found
        print(
            f"{service.name:32} {service.pages:3} pages  {len(service.found & service.linked.keys()):3} of"
            f" {len(service.linked):3} linked  {len(service.new):3} new"
        )
        for key in sorted(missed) if options.missed else ():
            print(f"    missed  {service.linked[key][:60]:60} {key}")
        for key, link in sorted(service.new.items()) if options.new else ():
            print(f"    new {link.score}   {link.kind:28} {link.language:3} {link.title[:60]:60} {key}")
    pages = sum(service.pages for service in services)
    linked = sum(len(service.linked) for service in services)
    found = sum(len(service.found & service.linked.keys()) for service in services)
    new = sum(len(service.new) for service in services)
    print(f"{found} of {linked} linked documents found ({100 * found / linked:.0f} %), {new} others told,", end=" ")
    print(f"{sum(service.told_new for service in services) / pages:.1f} of them a page.")


if __name__ == "__main__":
    main()
