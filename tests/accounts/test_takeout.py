"""What a person and an organization take along: whole, their own, and without what opens a door."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from accounts import takeout, tenancy
from accounts.models import AuditEntry, Membership, Role, User
from tests import factories
from tests.tenancy import rows

pytestmark = pytest.mark.django_db


def download(user: User, path: str) -> zipfile.ZipFile:
    client = Client()
    client.force_login(user)
    answer: Any = client.post(path)
    assert answer.status_code == 200, answer
    assert answer["Content-Disposition"].startswith('attachment; filename="conductatlas-')
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def table(archive: zipfile.ZipFile, label: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(archive.read(f"{label}.json"))
    return found


def test_an_organization_takes_every_table_of_its_own() -> None:
    own, other = rows.tenant("own"), rows.tenant("other")

    archive = download(own.membership.user, "/settings/data/organization/")

    names = {name.removesuffix(".json") for name in archive.namelist() if name.endswith(".json")}
    assert names >= {label.lower() for label in tenancy.TENANT}
    empty = {label for label in tenancy.TENANT if not table(archive, label.lower())}
    assert empty == set()
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Agreement of own" in whole
    assert b"Agreement of other" not in whole
    assert other.organization.name.encode() not in whole


def test_what_opens_a_door_stays() -> None:
    own = rows.tenant("own")
    user = own.membership.user

    whole = b""
    for path in ("/settings/data/organization/", "/settings/data/mine/"):
        archive = download(user, path)
        whole += b"".join(archive.read(name) for name in archive.namelist())

    for secret in (b"secret_hash", b"token_hash", b'"password"', user.password.encode(), b"session_key"):
        assert secret not in whole


def test_exporting_an_organization_stands_in_its_log_and_needs_an_admin() -> None:
    alice = factories.member("alice@example.org", plan="watcher")
    bob = factories.member("bob@example.org", of=alice.organization, role=Role.MEMBER)
    download(alice.user, "/settings/data/organization/")

    client = Client()
    client.force_login(bob.user)
    assert client.post("/settings/data/organization/").status_code == 403
    with tenancy.scope(alice.organization_id, alice.user_id):
        assert AuditEntry.objects.get().action == "organization.exported"


def test_a_person_takes_what_is_theirs_from_each_of_their_organizations() -> None:
    alice = factories.member("alice@example.org", plan="watcher")
    second = factories.organization("Second Ltd", plan="watcher")
    with tenancy.system_scope("a second membership for a test"):
        there = Membership.objects.create(organization=second, user=alice.user, role=Role.MEMBER)
    bob = factories.member("bob@example.org", of=second)
    factories.watch(there, factories.platform("Wrenfold"), added_by=alice.user)
    factories.watch(bob, factories.platform("Tintavox"), added_by=bob.user)

    archive = download(alice.user, "/settings/data/mine/")

    assert [row["email"] for row in table(archive, "accounts.user")] == ["alice@example.org"]
    assert len(table(archive, "accounts.membership")) == 2
    assert len(table(archive, "watching.watchlistitem")) == 1
    assert b"bob@example.org" not in b"".join(archive.read(name) for name in archive.namelist())


def test_a_table_reads_the_same_as_csv_and_runs_nothing_in_a_spreadsheet() -> None:
    alice = factories.member("alice@example.org")
    with tenancy.system_scope("a name for a test"):
        User.objects.filter(pk=alice.user_id).update(name='=HYPERLINK("x")')

    archive = download(alice.user, "/settings/data/mine/")

    [as_json] = table(archive, "accounts.user")
    [as_csv] = csv.DictReader(io.StringIO(archive.read("accounts.user.csv").decode()))
    assert list(as_csv) == list(as_json)
    assert (as_json["name"], as_csv["name"]) == ('=HYPERLINK("x")', '\'=HYPERLINK("x")')
    assert as_csv["date_joined"] == as_json["date_joined"]


def test_every_table_of_sign_in_is_tied_to_a_person_or_says_why_not() -> None:
    alice = factories.user("alice@example.org")

    for model in takeout.user_models():
        assert takeout.of_person(model, alice).model is model
    labels = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    assert set(takeout.LEFT_OUT) <= labels & tenancy.USER
