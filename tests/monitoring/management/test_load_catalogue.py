from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from pytest_django import Settings

from monitoring.catalogue.models import Document, Platform, Source, Topic
from tests.monitoring.catalogue.files import document_entry, platform_entry, source_entry, write_catalogue

pytestmark = pytest.mark.django_db


def run(*arguments: str | Path, verbosity: int = 1) -> list[str]:
    out = StringIO()
    call_command("load_catalogue", *map(str, arguments), stdout=out, verbosity=verbosity)
    return out.getvalue().splitlines()


def test_the_shipped_catalogue_is_loaded_unread_and_a_second_time_for_nothing() -> None:
    assert run("--no-demo")[-1].startswith("Catalogue: 292 added, 0 changed, 0 retired")
    assert (Platform.objects.count(), Document.objects.count(), Topic.objects.count()) == (72, 189, 8)
    assert not Platform.objects.filter(enabled=True).exists()
    assert run("--no-demo") == ["Catalogue: 0 added, 0 changed, 0 retired, 292 unchanged."]


def test_the_first_load_is_one_line(tmp_path: Path) -> None:
    assert run(write_catalogue(tmp_path, platform_entry())) == [
        "Catalogue: 2 added, 0 changed, 0 retired, 0 unchanged."
    ]


def test_later_loads_name_what_is_new(tmp_path: Path) -> None:
    run(write_catalogue(tmp_path, platform_entry()))
    documents = [document_entry(title="Terms"), document_entry("privacy")]
    assert run(write_catalogue(tmp_path, platform_entry(documents=documents))) == [
        "added    document example-chat/privacy",
        "changed  document example-chat/terms: title",
        "Catalogue: 1 added, 1 changed, 0 retired, 1 unchanged.",
    ]


def test_a_bad_file_refuses_the_whole_load_in_one_line(tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path, platform_entry(), platform_entry("second", category="robots"))
    with pytest.raises(CommandError) as caught:
        run(folder)
    message = str(caught.value)
    assert message.startswith(
        "The catalogue was refused and nothing was changed: second.yaml: category: 'robots' is not"
    )
    assert "\n" not in message
    assert not Platform.objects.exists()


def test_a_slug_of_anothers_refuses_the_whole_load(tmp_path: Path) -> None:
    run(write_catalogue(tmp_path, platform_entry("first", former_slugs=["old"])))
    folder = write_catalogue(tmp_path, platform_entry("first", name="Renamed"), platform_entry("old", name="Other"))
    with pytest.raises(CommandError, match=r"old\.yaml: slug: 'old' was the slug of another platform"):
        run(folder)
    assert Platform.objects.get().name == "Example Chat"


def test_a_folder_without_platforms_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no platforms/\*\.yaml in"):
        run(tmp_path)


def test_everything_is_enabled_where_all_is_to_be_read(tmp_path: Path, settings: Settings) -> None:
    settings.READ_ALL = True
    run(write_catalogue(tmp_path, platform_entry()))
    assert Platform.objects.get().enabled


def demo_of(folder: Path, settings: Settings, **fields: object) -> None:
    """Let the demo consist of one platform on the policy site."""
    settings.BASE_DIR = folder
    catalogue = folder / "atlas" / "demo" / "catalogue"
    catalogue.mkdir(parents=True)
    documents = [document_entry(sources=[source_entry("${POLICY_SITE}/fable/terms")])]
    entry = platform_entry("fable", name="Fable", documents=documents, demo=True, **fields)
    (catalogue / "fable.yaml").write_text(yaml.safe_dump(entry))


def test_the_demo_comes_with_its_own_platforms_on_the_policy_site(tmp_path: Path, settings: Settings) -> None:
    demo_of(tmp_path / "demo", settings)
    settings.POLICY_SITE_URL = "http://localhost:8765"
    run(write_catalogue(tmp_path / "real", platform_entry()), "--demo")
    assert list(Platform.objects.filter(enabled=True).values_list("slug", "demo")) == [("fable", True)]
    assert Source.objects.filter(url="http://localhost:8765/fable/terms").count() == 1


def test_the_demo_is_loaded_by_itself_where_the_settings_say_demo(tmp_path: Path, settings: Settings) -> None:
    demo_of(tmp_path / "demo", settings)
    settings.POLICY_SITE_URL = "http://localhost:8765"
    settings.DEMO = True
    run(write_catalogue(tmp_path / "real", platform_entry()))
    assert Platform.objects.filter(demo=True).exists()


def test_the_demo_without_a_policy_site_is_refused(tmp_path: Path, settings: Settings) -> None:
    demo_of(tmp_path / "demo", settings)
    settings.POLICY_SITE_URL = ""
    with pytest.raises(CommandError, match="names the policy site, and none is set"):
        run(write_catalogue(tmp_path / "real", platform_entry()), "--demo")
