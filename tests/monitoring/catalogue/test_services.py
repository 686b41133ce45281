from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.tenancy import system_scope
from atlas.kernel import clock
from monitoring.catalogue import services
from monitoring.catalogue.declaring import NothingDeclared, declare
from monitoring.catalogue.entries import SourceEntry
from monitoring.catalogue.errors import CatalogueRefused
from monitoring.catalogue.models import Declaration, Document, FormerSlug, Platform, Topic, Type
from monitoring.catalogue.reading import read_catalogue
from tests import factories
from tests.monitoring.catalogue.files import document_entry, platform_entry, source_entry, write_catalogue

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Loader:
    """Writes files and loads them, as the worker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, *platforms: dict[str, Any], topics: list[dict[str, Any]] | None = None, **options: bool
    ) -> services.LoadReport:
        folder = write_catalogue(self._folder, *platforms, topics=topics)
        topics_file = folder / "topics.yaml" if topics is not None else None
        catalogue = read_catalogue((folder / "platforms").glob("*.yaml"), topics_file)
        with system_scope("a test"):
            return services.load(catalogue=catalogue, **options)


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


def declarations() -> list[tuple[int, str, list[str]]]:
    """Number, reason and addresses of each declaration."""
    return [
        (each.number, each.reason, [source.url for source in each.sources.all()])
        for each in Declaration.objects.order_by("document__slug", "number")
    ]


# Loading


def test_a_platform_is_loaded_with_its_documents_and_sources(load: Loader) -> None:
    entry = platform_entry(
        company="Example, Inc.",
        aliases=["Ex"],
        documents=[document_entry(sources=[source_entry(select=["main"], media_type="text/html")], region="EEA")],
    )
    with clock.at(MORNING):
        report = load(entry)
    platform = Platform.objects.get()
    document = Document.objects.get()
    source = Declaration.objects.get().sources.get()
    assert (platform.slug, platform.company, platform.aliases) == ("example-chat", "Example, Inc.", ["Ex"])
    assert (platform.provenance_source, platform.provenance_on) == ("https://chat.example/legal", date(2026, 3, 1))
    assert (document.platform, document.slug, document.region) == (platform, "terms", "EEA")
    assert (source.url, source.select, source.remove, source.media_type) == (
        "https://chat.example/terms",
        ["main"],
        [],
        "text/html",
    )
    assert report.added == ["platform example-chat", "document example-chat/terms"]


def test_a_real_platform_is_not_read_until_it_is_enabled(load: Loader) -> None:
    load(platform_entry())
    assert not Platform.objects.get().enabled


def test_a_platform_of_the_demo_is_enabled(load: Loader) -> None:
    load(platform_entry(demo=True), demo=True)
    platform = Platform.objects.get()
    assert (platform.demo, platform.enabled) == (True, True)


def test_reading_all_enables_what_is_new_and_what_was_there(load: Loader) -> None:
    load(platform_entry())
    load(platform_entry(), platform_entry("second", name="Second"), read_all=True)
    assert list(Platform.objects.values_list("enabled", flat=True)) == [True, True]


def test_an_operators_yes_survives_the_next_load(load: Loader) -> None:
    load(platform_entry())
    with system_scope("a test"):
        Platform.objects.update(enabled=True)
    load(platform_entry(note="An assistant."))
    assert Platform.objects.get().enabled


def test_what_the_files_name_counts_as_adopted(load: Loader) -> None:
    with clock.at(MORNING):
        load(platform_entry())
    assert Document.objects.get().adopted_at == MORNING


def test_names_are_sorted_without_case_and_accents() -> None:
    assert sorted(["Zebra", "écrit", "Alpha", "eclair"], key=services.sort_key) == ["Alpha", "eclair", "écrit", "Zebra"]


# Loading again


def test_loading_the_same_files_again_changes_nothing(load: Loader) -> None:
    load(platform_entry())
    report = load(platform_entry())
    assert (report.added, report.changed, report.retired, report.unchanged) == ([], [], [], 2)
    assert Declaration.objects.count() == 1


@pytest.mark.parametrize("platforms", [1, 5])
def test_loading_again_asks_the_same_number_of_queries_for_any_number_of_platforms(
    load: Loader, django_assert_num_queries: DjangoAssertNumQueries, platforms: int
) -> None:
    entries = [platform_entry(f"platform-{number}", name=f"Platform {number}") for number in range(platforms)]
    load(*entries)
    with django_assert_num_queries(17):  # scope and savepoints 6, the lock 1, reads 10
        load(*entries)


def test_a_changed_fact_is_told_and_makes_no_declaration(load: Loader) -> None:
    load(platform_entry())
    report = load(platform_entry(name="Example", documents=[document_entry(title="Terms")]))
    assert report.changed == ["platform example-chat: name, sort_key", "document example-chat/terms: title"]
    assert (Platform.objects.get().name, Document.objects.get().title) == ("Example", "Terms")
    assert Declaration.objects.count() == 1


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        ([source_entry("https://chat.example/new"), source_entry("https://chat.example/b")], "addresses"),
        ([source_entry("https://chat.example/a")], "addresses"),
        ([source_entry("https://chat.example/b"), source_entry("https://chat.example/a")], "pages or their order"),
        (
            [source_entry("https://chat.example/a", select=["main"]), source_entry("https://chat.example/b")],
            "selectors",
        ),
        (
            [source_entry("https://chat.example/a"), source_entry("https://chat.example/b", reading="browser")],
            "way of reading",
        ),
        (
            [source_entry("https://chat.example/a"), source_entry("https://chat.example/b", media_type="text/html")],
            "media type",
        ),
    ],
)
def test_another_way_of_reading_makes_a_new_numbered_declaration(
    load: Loader, sources: list[dict[str, Any]], reason: str
) -> None:
    before = [source_entry("https://chat.example/a"), source_entry("https://chat.example/b")]
    load(platform_entry(documents=[document_entry(sources=before)]))
    report = load(platform_entry(documents=[document_entry(sources=sources)]))
    assert report.changed == [f"declaration 2 of example-chat/terms: {reason}"]
    assert declarations() == [
        (1, "catalogue: first", [source["url"] for source in before]),
        (2, f"catalogue: {reason}", [source["url"] for source in sources]),
    ]


def test_another_kind_makes_a_new_declaration_since_it_tells_which_document_of_a_page_is_meant(load: Loader) -> None:
    load(platform_entry(documents=[document_entry(kind="terms-of-service")]))
    report = load(platform_entry(documents=[document_entry(kind="privacy-policy")]))
    assert report.changed == ["document example-chat/terms: kind", "declaration 2 of example-chat/terms: kind"]


def test_a_range_is_the_same_after_its_way_through_the_database(load: Loader) -> None:
    ranged = [source_entry(select=[{"startBefore": "h1", "endBefore": "footer"}])]
    load(platform_entry(documents=[document_entry(sources=ranged)]))
    load(platform_entry(documents=[document_entry(sources=ranged)]))
    assert Declaration.objects.get().sources.get().select == [{"startBefore": "h1", "endBefore": "footer"}]


# Retiring


def test_a_platform_that_the_files_no_longer_name_is_retired(load: Loader) -> None:
    load(platform_entry(), platform_entry("second", name="Second"))
    with clock.at(MORNING):
        report = load(platform_entry())
    assert report.retired == ["platform second"]
    assert Platform.objects.get(slug="second").retired_at == MORNING
    assert load(platform_entry()).retired == []


def test_a_document_that_its_file_no_longer_names_is_retired(load: Loader) -> None:
    load(platform_entry(documents=[document_entry(), document_entry("privacy")]))
    report = load(platform_entry())
    assert report.retired == ["document example-chat/privacy"]
    assert list(Document.objects.listed().values_list("slug", flat=True)) == ["terms"]


def test_what_comes_back_is_no_longer_retired(load: Loader) -> None:
    both = [document_entry(), document_entry("privacy")]
    load(platform_entry(documents=both), platform_entry("second", name="Second"))
    load(platform_entry())
    load(platform_entry(documents=both), platform_entry("second", name="Second"))
    assert not Platform.objects.exclude(retired_at=None).exists()
    assert not Document.objects.exclude(retired_at=None).exists()


def test_platforms_that_no_file_ever_named_are_left_alone(load: Loader) -> None:
    load(platform_entry())
    with system_scope("a test"):
        Platform.objects.create(
            slug="by-hand", name="By hand", sort_key="by hand", provenance_source="me", provenance_on=date(2026, 3, 1)
        )
    assert load(platform_entry()).retired == []


def test_without_its_files_the_demo_is_left_alone(load: Loader) -> None:
    load(platform_entry("fable", name="Fable", demo=True), demo=True)
    assert load(platform_entry()).retired == []
    assert load(platform_entry(), demo=True).retired == ["platform fable"]


# Slugs


def test_a_renamed_platform_keeps_its_history_and_its_old_slug(load: Loader) -> None:
    load(platform_entry())
    before = Platform.objects.get()
    load(platform_entry("example", former_slugs=["example-chat"]))
    platform = Platform.objects.get()
    assert (platform.pk, platform.slug) == (before.pk, "example")
    assert FormerSlug.objects.get().slug == "example-chat"
    assert Document.objects.get().platform == platform


def test_a_platform_may_take_back_its_own_slug(load: Loader) -> None:
    load(platform_entry())
    load(platform_entry("example", former_slugs=["example-chat"]))
    load(platform_entry("example-chat", former_slugs=["example"]))
    assert Platform.objects.get().slug == "example-chat"
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["example"]


def refusal(load: Loader, *entries: dict[str, Any]) -> tuple[str, str, str]:
    with pytest.raises(CatalogueRefused) as caught:
        load(*entries)
    return caught.value.file, caught.value.field, caught.value.reason


def test_a_former_slug_is_never_given_to_another(load: Loader) -> None:
    load(platform_entry("example", former_slugs=["example-chat"]))
    refused = refusal(load, platform_entry("example"), platform_entry("example-chat", name="Other"))
    assert refused == ("example-chat.yaml", "slug", "'example-chat' was the slug of another platform")


def test_the_slug_of_a_retired_platform_is_never_given_to_another(load: Loader) -> None:
    load(platform_entry(), platform_entry("second", name="Second"))
    load(platform_entry())
    refused = refusal(load, platform_entry(), platform_entry("second", name="Newcomer"))
    assert refused == ("second.yaml", "slug", "'second' is the slug of another platform, Second")


def test_the_slug_of_a_platform_of_the_demo_is_not_given_to_a_real_one(load: Loader) -> None:
    load(platform_entry(demo=True), demo=True)
    assert refusal(load, platform_entry())[:2] == ("example-chat.yaml", "slug")


def test_a_living_platforms_slug_is_no_former_slug_of_another(load: Loader) -> None:
    load(platform_entry(), platform_entry("second", name="Second"))
    refused = refusal(load, platform_entry(former_slugs=["second"]))
    assert refused == ("example-chat.yaml", "former_slugs[0]", "'second' is or was the slug of another platform")


def test_the_slug_of_a_retired_document_is_never_given_to_another(load: Loader) -> None:
    load(platform_entry(documents=[document_entry(), document_entry("policy", title="Privacy")]))
    load(platform_entry())
    other = document_entry("policy", kind="cookie-policy")
    refused = refusal(load, platform_entry(documents=[document_entry(), other]))
    assert refused == ("example-chat.yaml", "documents[1].slug", "'policy' was the slug of another document, 'Privacy'")


def test_a_refused_load_changes_nothing(load: Loader) -> None:
    load(platform_entry(), platform_entry("second", name="Second"))
    load(platform_entry())
    refusal(load, platform_entry(name="Renamed"), platform_entry("second", name="Newcomer"))
    assert Platform.objects.get(slug="example-chat").name == "Example Chat"


# Topics


def a_topic(slug: str, *types: str, **fields: str) -> dict[str, Any]:
    kinds = [{"slug": each, "name": each.title(), "definition": "What it is."} for each in types]
    return {"slug": slug, "name": slug.title(), "definition": "About it.", "types": kinds, **fields}


def test_topics_and_types_are_loaded_in_their_order(load: Loader) -> None:
    load(platform_entry(), topics=[a_topic("training", "opt-out", "feedback"), a_topic("disputes", "arbitration")])
    assert list(Topic.objects.values_list("slug", flat=True)) == ["training", "disputes"]
    assert list(Topic.objects.get(slug="training").types.values_list("slug", flat=True)) == ["opt-out", "feedback"]


def test_a_type_may_move_to_another_topic(load: Loader) -> None:
    load(platform_entry(), topics=[a_topic("training", "opt-out", "feedback"), a_topic("rights", "ownership")])
    report = load(platform_entry(), topics=[a_topic("training", "opt-out"), a_topic("rights", "feedback", "ownership")])
    assert Type.objects.get(slug="feedback").topic.slug == "rights"
    assert report.changed == ["type feedback: topic_id, position", "type ownership: position"]


def test_a_type_that_the_file_no_longer_names_stays(load: Loader) -> None:
    load(platform_entry(), topics=[a_topic("training", "opt-out", "feedback")])
    load(platform_entry(), topics=[a_topic("training", "opt-out")])
    assert Type.objects.filter(slug="feedback").exists()


# What an operator has declared


def declare_at_the_desk(*sources: SourceEntry) -> Declaration:
    document = Document.objects.get()
    with system_scope("an operator"):
        return declare(
            document=document,
            sources=sources,
            reason="The page has moved.",
            operator=factories.user(),
            written_on=document.declarations.count(),
        )


MOVED = SourceEntry("https://chat.example/moved", (), (), "static", "")


def test_loading_the_same_files_leaves_what_an_operator_has_declared(load: Loader) -> None:
    load(platform_entry())
    declare_at_the_desk(MOVED)

    report = load(platform_entry())

    assert report.changed == []
    assert [number for number, *_ in declarations()] == [1, 2]


def test_files_that_say_something_new_come_after_what_an_operator_has_declared(load: Loader) -> None:
    load(platform_entry())
    declare_at_the_desk(MOVED)

    load(platform_entry(documents=[document_entry(sources=[source_entry("https://chat.example/new")])]))

    assert [urls for *_, urls in declarations()][1:] == [["https://chat.example/moved"], ["https://chat.example/new"]]


def test_files_that_say_what_an_operator_has_declared_add_nothing(load: Loader) -> None:
    load(platform_entry())
    declare_at_the_desk(MOVED)

    load(platform_entry(documents=[document_entry(sources=[source_entry(MOVED.url)])]))

    assert len(declarations()) == 2


def test_an_operator_who_declares_what_is_in_force_is_told(load: Loader) -> None:
    load(platform_entry())

    with pytest.raises(NothingDeclared, match="says the same"):
        declare_at_the_desk(SourceEntry("https://chat.example/terms", (), (), "static", ""))
