import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts import tenancy
from accounts.models import Membership
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.alerts import digests
from monitoring.alerts.models import Delivery, Digest, InboxItem, Preferences
from monitoring.catalogue.models import Platform
from tests import factories
from tests.wire.smtp import Mailbox

pytestmark = pytest.mark.django_db

JOINED = datetime(2026, 2, 25, 12, tzinfo=UTC)  # a Wednesday
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def lumen() -> Platform:
    return factories.platform("Lumen")


def reader(followed: Platform, time_zone: str = "UTC", joined: datetime = JOINED, plan: str = "free") -> Membership:
    membership = factories.member(plan=plan, time_zone=time_zone, created_at=joined)
    factories.watch(membership, followed, created_at=joined)
    return membership


def periods(membership: Membership) -> list[tuple[datetime, datetime]]:
    with tenancy.system_scope("read"):
        made = Digest.objects.filter(membership=membership).order_by("period_start")
        return list(made.values_list("period_start", "period_end"))


def digest_mail(mailbox: Mailbox) -> tuple[str, str]:
    """Subject and text of the last mail."""
    pipeline.deliver()
    message = mailbox.messages[-1]
    body = message.get_body(("plain",))
    assert body is not None
    return message["Subject"].strip(), str(body.get_content())


# --- When -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "moment", "due"),
    [
        ("UTC", "2026-03-01T00:00:00Z", "2026-03-02T08:00:00Z"),
        ("UTC", "2026-03-02T07:59:59Z", "2026-03-02T08:00:00Z"),
        ("UTC", "2026-03-02T08:00:00Z", "2026-03-09T08:00:00Z"),
        ("Pacific/Auckland", "2026-03-01T00:00:00Z", "2026-03-01T19:00:00Z"),
        ("America/Los_Angeles", "2026-03-03T00:00:00Z", "2026-03-09T15:00:00Z"),  # the clocks went forward on the 8th
        ("Europe/Berlin", "2026-03-24T00:00:00Z", "2026-03-30T06:00:00Z"),  # and here on the 29th
        ("Europe/Berlin", "2026-10-20T00:00:00Z", "2026-10-26T07:00:00Z"),  # and back on the 25th of October
    ],
)
def test_a_digest_is_due_on_monday_at_eight_by_the_members_clock(zone: str, moment: str, due: str) -> None:
    assert digests.next_due(datetime.fromisoformat(moment), ZoneInfo(zone)) == datetime.fromisoformat(due)


def test_a_zone_that_this_machine_does_not_know_counts_as_utc() -> None:
    assert digests.zone_of("Mars/Olympus_Mons").key == "UTC"


def test_nothing_is_made_before_it_is_due(lumen: Platform) -> None:
    alice = reader(lumen)

    pipeline.make_digests(MONDAY - timedelta(seconds=1))

    assert periods(alice) == []


def test_the_first_period_begins_with_the_membership(lumen: Platform) -> None:
    alice = reader(lumen)

    pipeline.make_digests(MONDAY)

    assert periods(alice) == [(JOINED, MONDAY)]


def test_a_doubled_ring_makes_no_second_digest(lumen: Platform) -> None:
    alice = reader(lumen)

    for _ in range(3):
        pipeline.make_digests(MONDAY + timedelta(minutes=1))

    assert len(periods(alice)) == 1


def test_one_digest_covers_what_was_missed_while_beat_was_down(lumen: Platform) -> None:
    alice = reader(lumen)
    pipeline.make_digests(MONDAY)

    pipeline.make_digests(MONDAY + 3 * WEEK + timedelta(days=2))

    assert periods(alice) == [(JOINED, MONDAY), (MONDAY, MONDAY + 3 * WEEK)]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_half_a_year_of_periods_tiles_over_both_changes_of_the_clocks(lumen: Platform, zone: str) -> None:
    joined = datetime(2026, 9, 1, tzinfo=UTC)
    alice = reader(lumen, zone, joined)

    moment = joined
    while moment < datetime(2027, 4, 15, tzinfo=UTC):
        pipeline.make_digests(moment)
        moment += timedelta(hours=61)  # rings that come when they come

    made = periods(alice)
    assert made[0][0] == joined
    assert [end for _, end in made[:-1]] == [start for start, _ in made[1:]]
    ends = [end.astimezone(ZoneInfo(zone)) for _, end in made]
    assert {(end.weekday(), end.hour, end.minute) for end in ends} == {(0, 8, 0)}
    assert len(made) == 32


def test_moving_to_another_time_zone_loses_and_doubles_nothing(lumen: Platform) -> None:
    alice = reader(lumen, "Pacific/Auckland")
    pipeline.make_digests(MONDAY)
    with tenancy.system_scope("move"):
        alice.user.time_zone = "America/Los_Angeles"
        alice.user.save()
        digests.reschedule(alice)

    pipeline.make_digests(MONDAY + timedelta(days=1))
    pipeline.make_digests(MONDAY + WEEK + timedelta(days=1))

    made = periods(alice)
    assert [end for _, end in made[:-1]] == [start for start, _ in made[1:]]
    assert made[-1][1].astimezone(ZoneInfo("America/Los_Angeles")).hour == 8


def test_saving_the_profile_puts_off_no_digest_that_is_due(lumen: Platform) -> None:
    alice = reader(lumen)
    pipeline.make_digests(MONDAY)
    with tenancy.system_scope("saved after the hour, before the digest was made"):
        digests.reschedule(alice)

    pipeline.make_digests(MONDAY + WEEK + timedelta(minutes=5))

    assert [end for _, end in periods(alice)] == [MONDAY, MONDAY + WEEK]


def test_many_members_are_served_batch_by_batch(lumen: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = [reader(lumen) for _ in range(5)]

    with tenancy.system_scope("two at once"):
        sizes = [digests.make_digests(moment=MONDAY, batch=2) for _ in range(4)]

    assert sizes == [2, 2, 1, 0]
    assert all(len(periods(member)) == 1 for member in everybody)


# --- For whom -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", ["free", "watcher", "professional"])
def test_everybody_gets_a_mail_and_an_inbox_item(lumen: Platform, plan: str) -> None:
    alice = reader(lumen, plan=plan)

    pipeline.make_digests(MONDAY)

    with tenancy.system_scope("read"):
        assert Delivery.objects.get().digest == InboxItem.objects.get().digest == Digest.objects.get()
        assert Delivery.objects.get().membership == alice


def test_who_turned_the_digest_off_finds_it_in_the_inbox_alone(lumen: Platform) -> None:
    alice = reader(lumen)
    with tenancy.scope(alice.organization_id, alice.user_id):
        Preferences.objects.create(
            organization=alice.organization, membership=alice, weekly_digest=False, digested_until=JOINED
        )

    pipeline.make_digests(MONDAY)

    with tenancy.system_scope("read"):
        assert (Delivery.objects.count(), InboxItem.objects.count()) == (0, 1)


def test_who_follows_nothing_is_not_told_that_nothing_changed() -> None:
    alice = factories.member(created_at=JOINED)

    pipeline.make_digests(MONDAY)

    assert periods(alice) == [(JOINED, MONDAY)]
    with tenancy.system_scope("read"):
        assert (Delivery.objects.count(), InboxItem.objects.count()) == (0, 0)


# --- What it names --------------------------------------------------------------------------------------------------


def released(platform: Platform, moment: datetime, headline: str, **fields: object) -> None:
    document = factories.document(platform, "Terms", slug=f"terms-{headline.lower().replace(' ', '-')}")
    factories.released_change(document, headline=headline, observed_at=moment, decided_at=moment, **fields)  # type: ignore[arg-type]


def test_it_names_what_was_released_in_its_period_by_significance(lumen: Platform, mailbox: Mailbox) -> None:
    reader(lumen)
    released(lumen, JOINED, "Too early")
    released(lumen, JOINED + timedelta(seconds=1), "A minor one", significance="minor")
    released(lumen, MONDAY, "A substantive one")
    released(lumen, MONDAY + timedelta(seconds=1), "Too late")
    released(factories.platform("Wrenfold"), MONDAY, "Of another platform")

    pipeline.make_digests(MONDAY + timedelta(hours=1))
    subject, text = digest_mail(mailbox)

    assert subject == "Lumen changed its Terms: A substantive one, and 1 more"
    assert re.search(r"SUBSTANTIVE CHANGES\s+.*A substantive one.*MINOR CHANGES\s+.*A minor one", text, re.DOTALL)
    assert not re.search("Too early|Too late|Of another platform", text)


@pytest.mark.parametrize(
    ("joined", "due", "words"),
    [
        (datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 9, 8, tzinfo=UTC), "4 to 9 March 2026"),
        (JOINED, MONDAY, "25 February to 2 March 2026"),
        (
            datetime(2025, 12, 30, tzinfo=UTC),
            datetime(2026, 1, 5, 8, tzinfo=UTC),
            "30 December 2025 to 5 January 2026",
        ),
    ],
)
def test_it_says_its_period_without_repeating_month_and_year(
    lumen: Platform, mailbox: Mailbox, joined: datetime, due: datetime, words: str
) -> None:
    reader(lumen, joined=joined)

    pipeline.make_digests(due)

    assert f"Your platforms, {words}\n" in digest_mail(mailbox)[1].replace("\r\n", "\n")


def test_what_came_after_one_digest_stands_in_the_next(lumen: Platform, mailbox: Mailbox) -> None:
    reader(lumen)
    pipeline.make_digests(MONDAY)
    pipeline.deliver()
    released(lumen, MONDAY + timedelta(seconds=1), "Too late")

    pipeline.make_digests(MONDAY + WEEK)
    subject, _ = digest_mail(mailbox)

    assert subject == "Lumen changed its Terms: Too late"


def test_it_names_findings_published_in_its_period(lumen: Platform, mailbox: Mailbox) -> None:
    reader(lumen)
    document = factories.document(lumen)
    factories.version(document, observed_at=JOINED)
    finding = factories.finding(factories.provision(document), headline="Kept for 30 days", moment=MONDAY)

    pipeline.make_digests(MONDAY)
    subject, text = digest_mail(mailbox)

    assert subject == "Lumen: Kept for 30 days"
    assert f"/p/{finding.provision.typeid}/" in text


def test_one_calm_line_when_nothing_changed(lumen: Platform, mailbox: Mailbox) -> None:
    reader(lumen)

    pipeline.make_digests(MONDAY)
    subject, text = digest_mail(mailbox)

    assert subject == "Nothing changed on your platforms"
    assert text.count("Nothing changed.") == 1
    assert "Your platforms, 25 February to 2 March 2026" in text


def test_what_was_suppressed_is_not_named(lumen: Platform, mailbox: Mailbox) -> None:
    reader(lumen)
    released(lumen, MONDAY, "Noise", state="suppressed")

    pipeline.make_digests(MONDAY)

    assert digest_mail(mailbox)[0] == "Nothing changed on your platforms"


def test_a_platform_that_is_followed_later_does_not_change_an_earlier_digest(lumen: Platform) -> None:
    alice = reader(lumen)
    wrenfold = factories.platform("Wrenfold")
    released(lumen, MONDAY, "Of Lumen")
    released(wrenfold, MONDAY, "Of Wrenfold")
    pipeline.make_digests(MONDAY)

    factories.watch(alice, wrenfold)

    with tenancy.scope(alice.organization_id, alice.user_id):
        contents = digests.contents_of(Digest.objects.get())
        assert [change.headline for change in contents.substantive] == ["Of Lumen"]


def test_a_ring_without_a_moment_leaves_the_last_minutes_time_to_commit(lumen: Platform) -> None:
    alice = reader(lumen)

    with clock.at(MONDAY + digests.GRACE - timedelta(seconds=1)):
        pipeline.make_digests()
    assert periods(alice) == []

    with clock.at(MONDAY + digests.GRACE):
        pipeline.make_digests()
    assert periods(alice) == [(JOINED, MONDAY)]


def test_a_digest_links_to_itself_in_the_inbox(lumen: Platform, mailbox: Mailbox) -> None:
    alice = reader(lumen)

    pipeline.make_digests(MONDAY)
    _, text = digest_mail(mailbox)

    with tenancy.system_scope("read"):
        digest = Digest.objects.get()
    assert f"https://atlas.example/inbox/{digest.typeid}/?org={alice.organization.typeid}" in text
