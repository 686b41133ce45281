from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitoring.catalogue.entries import Provenance, SourceEntry
from monitoring.catalogue.errors import CatalogueRefused
from monitoring.catalogue.reading import read_catalogue, read_platform, read_topics

DATA = Path(__file__).resolve().parents[3] / "monitoring" / "data"

Entry = dict[str, Any]


def an_entry() -> Entry:
    return {
        "slug": "example-chat",
        "name": "Example Chat",
        "category": "assistant",
        "languages": ["en"],
        "provenance": {"source": "https://chat.example/about", "date": date(2026, 3, 1)},
        "documents": [
            {
                "slug": "terms",
                "kind": "terms-of-service",
                "title": "Terms of Use",
                "language": "en",
                "provenance": {"source": "https://chat.example/legal", "date": date(2026, 3, 1)},
                "sources": [{"url": "https://chat.example/terms", "reading": "static"}],
            }
        ],
    }


def refusal(entry: Entry | str, *, file: str = "example-chat.yaml", policy_site: str = "") -> tuple[str, str]:
    """Field and reason with which a file is refused."""
    content = entry if isinstance(entry, str) else yaml.safe_dump(entry)
    with pytest.raises(CatalogueRefused) as caught:
        read_platform(content, file=file, policy_site=policy_site)
    assert caught.value.file == file
    return caught.value.field, caught.value.reason


def test_a_complete_file_is_read_whole() -> None:
    entry = an_entry()
    entry |= {
        "company": "Example,  Inc.",
        "jurisdiction": "US",
        "aliases": ["Ex"],
        "note": "An assistant.",
        "former_slugs": ["ex"],
    }
    entry["documents"][0] |= {"audience": "consumers", "region": "EEA, CH"}
    entry["documents"][0]["sources"] = [
        {
            "url": "https://chat.example/terms",
            "reading": "browser",
            "select": ["main", {"startBefore": "h1", "endBefore": "footer"}],
            "remove": [".banner"],
            "media_type": "application/pdf",
        }
    ]
    platform = read_platform(yaml.safe_dump(entry), file="example-chat.yaml")
    document = platform.documents[0]
    assert (platform.slug, platform.company, platform.jurisdiction) == ("example-chat", "Example, Inc.", "US")
    assert (platform.aliases, platform.former_slugs, platform.demo) == (("Ex",), ("ex",), False)
    assert platform.provenance == Provenance("https://chat.example/about", date(2026, 3, 1))
    assert (document.kind, document.audience, document.region) == ("terms-of-service", "consumers", "EEA, CH")
    assert document.sources == (
        SourceEntry(
            url="https://chat.example/terms",
            select=("main", (("endBefore", "footer"), ("startBefore", "h1"))),
            remove=(".banner",),
            reading="browser",
            media_type="application/pdf",
        ),
    )


@pytest.mark.parametrize("way", ["static", "browser", "auto"])
def test_source_says_how_it_is_read(way: str) -> None:
    entry = an_entry()
    first_source(entry)["reading"] = way
    assert read_platform(yaml.safe_dump(entry), file="example-chat.yaml").documents[0].sources[0].reading == way


def test_what_is_optional_may_be_left_out() -> None:
    platform = read_platform(yaml.safe_dump(an_entry()), file="example-chat.yaml")
    assert (platform.company, platform.jurisdiction, platform.note, platform.aliases) == ("", "", "", ())
    assert platform.documents[0].sources[0].select == ()


def change(change_it: Callable[[Entry], object]) -> Entry:
    entry = an_entry()
    change_it(entry)
    return entry


def first_source(entry: Entry) -> Entry:
    found: Entry = entry["documents"][0]["sources"][0]
    return found


@pytest.mark.parametrize(
    ("entry", "field", "reason"),
    [
        (change(lambda e: e.pop("name")), "name", "is missing"),
        (change(lambda e: e.update(name="  ")), "name", "is empty"),
        (change(lambda e: e.update(name="x" * 121)), "name", "has 121 characters, at most 120 are kept"),
        (change(lambda e: e.update(name=7)), "name", "is a number, expected words"),
        (change(lambda e: e.update(surname="x")), "surname", "is not a field that we know"),
        (change(lambda e: e.update(slug="Example_Chat")), "slug", "is not a slug"),
        (change(lambda e: e.update(slug="another")), "slug", "'another' is not the name of the file"),
        (change(lambda e: e.update(jurisdiction=False)), "jurisdiction", "is a truth value, expected words"),
        (change(lambda e: e.update(jurisdiction="USA")), "jurisdiction", "'USA' is not a country"),
        (change(lambda e: e.update(category="robots")), "category", "'robots' is not one of"),
        (change(lambda e: e.update(languages=[])), "languages", "holds 0 entries, at least 1"),
        (change(lambda e: e.update(languages=["english"])), "languages[0]", "'english' is not a language"),
        (change(lambda e: e.update(languages="en")), "languages", "is words, expected a list"),
        (change(lambda e: e.update(demo="yes")), "demo", "expected true or false"),
        (change(lambda e: e.update(documents=[])), "documents", "at least 1"),
        (change(lambda e: e.update(documents=e["documents"] * 2)), "documents", "the slug 'terms' is given twice"),
        (change(lambda e: e["provenance"].pop("date")), "provenance.date", "is missing"),
        (change(lambda e: e["provenance"].update(date="March")), "provenance.date", "is words, expected a date"),
        (change(lambda e: e.update(provenance="me")), "provenance", "is words, expected a mapping"),
        (change(lambda e: e["documents"][0].update(kind="poem")), "documents[0].kind", "'poem' is not one of"),
        (change(lambda e: e["documents"][0].update(audience="all")), "documents[0].audience", "is not one of"),
        (change(lambda e: e["documents"][0].pop("language")), "documents[0].language", "is missing"),
        (change(lambda e: e["documents"][0].update(sources=None)), "documents[0].sources", "is missing"),
        (
            change(lambda e: e["documents"][0].update(sources=e["documents"][0]["sources"] * 2)),
            "documents[0].sources",
            "a source is given twice",
        ),
        (
            change(lambda e: first_source(e).update(url="ftp://chat.example/")),
            "documents[0].sources[0].url",
            "'ftp://chat.example/' is not an http or https address",
        ),
        (
            change(lambda e: first_source(e).update(url="https://chat.example:port/")),
            "documents[0].sources[0].url",
            "is not an http or https address",
        ),
        (
            change(lambda e: first_source(e).update(url="https://me:word@chat.example/")),
            "documents[0].sources[0].url",
            "carries a name or a password",
        ),
        (change(lambda e: first_source(e).update(reading="fax")), "documents[0].sources[0].reading", "is not one of"),
        (
            change(lambda e: first_source(e).update(select=["main["])),
            "documents[0].sources[0].select[0]",
            "'main[' is not a CSS selector",
        ),
        (
            change(lambda e: first_source(e).update(remove=[{"startBefore": "h1"}])),
            "documents[0].sources[0].remove[0]",
            "is not a range",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_field_and_reason(entry: Entry, field: str, reason: str) -> None:
    refused_field, refused_reason = refusal(entry)
    assert refused_field == field
    assert reason in refused_reason


def test_a_file_that_is_not_yaml_is_refused_with_its_line() -> None:
    assert refusal("slug: example-chat\nname: [Example")[0] == "line 2"


def test_a_key_given_twice_is_refused_with_its_line() -> None:
    field, reason = refusal("slug: a\nname: b\nslug: c\n")
    assert (field, reason) == ("line 3", "'slug' is given twice")


@pytest.mark.parametrize("content", ["", "- a list", "just words"])
def test_a_file_that_holds_something_else_is_refused(content: str) -> None:
    field, reason = refusal(content)
    assert field == ""
    assert "mapping" in reason or reason == "is missing"


def test_a_file_that_makes_python_objects_is_refused() -> None:
    assert "could not determine a constructor" in refusal("slug: !!python/object/apply:os.getpid []")[1]


# The demo's policy site


def demo_entry() -> Entry:
    entry = an_entry()
    entry["demo"] = True
    first_source(entry)["url"] = "${POLICY_SITE}/example/terms"
    return entry


def test_the_address_of_the_policy_site_is_put_in() -> None:
    platform = read_platform(
        yaml.safe_dump(demo_entry()), file="example-chat.yaml", policy_site="http://localhost:8001/"
    )
    assert platform.documents[0].sources[0].url == "http://localhost:8001/example/terms"


def test_without_a_policy_site_a_file_that_names_it_is_refused() -> None:
    assert refusal(demo_entry()) == ("documents[0].sources[0].url", "names the policy site, and none is set")


def test_a_real_platform_cannot_lie_on_the_policy_site() -> None:
    entry = demo_entry()
    del entry["demo"]
    field, reason = refusal(entry, policy_site="http://localhost:8001")
    assert (field, reason) == ("documents[0].sources[0].url", "only a platform of the demo lies on the policy site")


# All files together


def write(folder: Path, name: str, entry: Entry | bytes) -> Path:
    path = folder / name
    path.write_bytes(entry if isinstance(entry, bytes) else yaml.safe_dump(entry).encode())
    return path


def test_a_slug_that_another_platform_had_is_refused(tmp_path: Path) -> None:
    other = an_entry() | {"slug": "other", "former_slugs": ["example-chat"]}
    files = [write(tmp_path, "example-chat.yaml", an_entry()), write(tmp_path, "other.yaml", other)]
    with pytest.raises(CatalogueRefused, match=r"other\.yaml: slug: 'example-chat' is given to example-chat\.yaml too"):
        read_catalogue(files, None)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueRefused, match=r"odd\.yaml: is not UTF-8"):
        read_catalogue([write(tmp_path, "odd.yaml", b"name: \xff")], None)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueRefused, match=r"none\.yaml: cannot be read"):
        read_catalogue([], tmp_path / "none.yaml")


# Topics

A_TYPE = {"slug": "opt-out", "name": "Opting out", "definition": "How to say no."}
A_TOPIC: Entry = {"slug": "training", "name": "Training", "definition": "Use for models.", "types": [A_TYPE]}


def test_topics_are_read_in_order_with_their_types() -> None:
    second = A_TOPIC | {"slug": "retention", "types": [A_TYPE | {"slug": "days"}]}
    topics = read_topics(yaml.safe_dump({"topics": [A_TOPIC, second]}), file="topics.yaml")
    assert [(topic.slug, [kind.slug for kind in topic.types]) for topic in topics] == [
        ("training", ["opt-out"]),
        ("retention", ["days"]),
    ]


@pytest.mark.parametrize(
    ("topics", "field"),
    [
        ([], "topics"),
        ([A_TOPIC, A_TOPIC], "topics"),
        ([A_TOPIC | {"types": []}], "topics[0].types"),
        ([A_TOPIC | {"types": [A_TYPE | {"slug": "training"}]}], "topics"),
        ([A_TOPIC | {"types": [{"slug": "a", "name": "A"}]}], "topics[0].types[0].definition"),
    ],
)
def test_wrong_topics_are_refused_with_their_field(topics: list[Entry], field: str) -> None:
    with pytest.raises(CatalogueRefused) as caught:
        read_topics(yaml.safe_dump({"topics": topics}), file="topics.yaml")
    assert caught.value.field == field


# The shipped facts


def test_the_shipped_catalogue_is_as_it_must_be() -> None:
    catalogue = read_catalogue((DATA / "platforms").glob("*.yaml"), DATA / "topics.yaml")
    documents = [document for platform in catalogue.platforms for document in platform.documents]
    sources = [source for document in documents for source in document.sources]
    assert (len(catalogue.platforms), len(documents), len(sources)) == (72, 189, 212)
    assert sum(source.reading == "browser" for source in sources) == 103
    assert not any(platform.demo for platform in catalogue.platforms)
    assert len(catalogue.topics) == 8


def test_the_shipped_catalogue_takes_over_no_selector() -> None:
    catalogue = read_catalogue((DATA / "platforms").glob("*.yaml"), None)
    sources = [each for platform in catalogue.platforms for document in platform.documents for each in document.sources]
    assert all(source.select == () and source.remove == () for source in sources)
