"""A finding stands on words of the document, and a second person answers for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, InternalError, transaction

from accounts import tenancy
from accounts.models import User
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.alerts.models import Event
from monitoring.archive.models import Version
from monitoring.changes.models import ReleaseState
from monitoring.findings import services
from monitoring.findings.errors import (
    ExcerptAmbiguous,
    ExcerptDiffers,
    ExcerptMissing,
    NotReleased,
    RevisedMeanwhile,
    SecondPersonNeeded,
    WordsMissing,
    WrongState,
)
from monitoring.findings.models import Finding, FindingRevision, FindingState
from tests import factories

pytestmark = pytest.mark.django_db
TEXT = "We keep what you write for 30 days.\n\nWe do not sell it. We never sell it.\n\nYou may object."
WORDS = services.Words("Kept for 30 days.", "It is kept for 30 days.", "It stays.", "It stays.", "low", "medium")


@pytest.fixture
def version() -> Version:
    return factories.version(text=TEXT)


@pytest.fixture
def alice() -> User:
    return factories.user("alice@example.org")


@pytest.fixture
def bob() -> User:
    return factories.user("bob@example.org")


def draft(version: Version, author: User, exact: str = "We keep what you write for 30 days.") -> Finding:
    """In the desk's scope, as every call of these tests."""
    quotes = [services.find_quote(version, exact)] if exact else []
    kind = factories.provision_type()
    finding = services.draft_finding(document=version.document, type=kind, author=author, words=WORDS, quotes=quotes)
    services.submit_for_review(finding=finding)
    return finding


def test_second_person_publishes_and_followers_are_told(version: Version, alice: User, bob: User) -> None:
    kind = factories.provision_type()
    with tenancy.staff_scope(alice):
        quote = services.find_quote(version, "You may object.")
        finding = services.draft_finding(
            document=version.document, type=kind, author=alice, words=WORDS, quotes=[quote]
        )
        services.submit_for_review(finding=finding)
    with tenancy.staff_scope(bob):
        published = pipeline.publish_finding(finding=finding, reviewer=bob, moment=clock.now())

        assert Finding.objects.published().get() == published
        assert Event.objects.get().finding == published
        [excerpt] = services.newest_revision(published).excerpts.all()
        assert excerpt.exact == "You may object."
        assert excerpt.prefix.endswith("We never sell it.\n\n")


def test_author_can_not_publish_what_they_wrote(version: Version, alice: User) -> None:
    with tenancy.system_scope("desk"):
        finding = draft(version, alice)

        with pytest.raises(SecondPersonNeeded):
            services.publish(finding=finding, reviewer=alice, moment=clock.now())


def test_database_refuses_publication_without_a_second_person(version: Version, alice: User) -> None:
    with tenancy.system_scope("desk"):
        revision = services.newest_revision(draft(version, alice))

        with pytest.raises(IntegrityError, match="finding_published_by_second_person"), transaction.atomic():
            FindingRevision.objects.filter(pk=revision.pk).update(published_at=clock.now(), reviewer=alice)


def test_excerpt_that_differs_by_one_character_is_refused(version: Version) -> None:
    with tenancy.system_scope("desk"), pytest.raises(ExcerptDiffers):
        services.find_quote(version, "We keep what you write for 30 days!")


def test_excerpt_at_another_place_than_it_says_is_refused(version: Version, alice: User) -> None:
    with tenancy.system_scope("desk"):
        quote = services.find_quote(version, "You may object.")

        with pytest.raises(ExcerptDiffers):
            services.draft_finding(
                document=version.document,
                type=factories.provision_type(),
                author=alice,
                words=WORDS,
                quotes=[replace(quote, start=quote.start - 1, end=quote.end - 1)],
            )


def test_excerpt_that_was_altered_behind_the_services_is_not_published(
    version: Version, alice: User, bob: User
) -> None:
    with tenancy.system_scope("desk"):
        finding = draft(version, alice, exact="")
        services.newest_revision(finding).excerpts.create(
            version=version, exact="You may object!", start=TEXT.index("You may"), end=len(TEXT)
        )

        with pytest.raises(ExcerptDiffers):
            services.publish(finding=finding, reviewer=bob, moment=clock.now())


def test_words_that_stand_there_twice_are_not_guessed(version: Version) -> None:
    with tenancy.system_scope("desk"), pytest.raises(ExcerptAmbiguous):
        services.find_quote(version, "sell it.")


def test_nothing_is_published_without_an_excerpt(version: Version, alice: User, bob: User) -> None:
    with tenancy.system_scope("desk"):
        finding = draft(version, alice, exact="")

        with pytest.raises(ExcerptMissing):
            services.publish(finding=finding, reviewer=bob, moment=clock.now())


def test_version_that_is_still_reviewed_can_not_be_cited_in_public(alice: User, bob: User) -> None:
    change = factories.release(state=ReleaseState.PENDING).change
    with tenancy.system_scope("desk"):
        finding = draft(change.new, alice, exact="We do not sell them.")

        with pytest.raises(NotReleased):
            services.publish(finding=finding, reviewer=bob, moment=clock.now())


def test_empty_part_is_refused(version: Version, alice: User) -> None:
    with tenancy.system_scope("desk"), pytest.raises(WordsMissing, match="why person is empty"):
        services.draft_finding(
            document=version.document,
            type=factories.provision_type(),
            author=alice,
            words=replace(WORDS, why_person=" "),
            quotes=[],
        )


def test_published_words_are_never_changed(version: Version, alice: User, bob: User) -> None:
    with tenancy.system_scope("desk"):
        finding = draft(version, alice)
        services.publish(finding=finding, reviewer=bob, moment=clock.now())

        with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
            FindingRevision.objects.update(headline="Something else.")


def test_new_revision_of_a_published_finding_waits_for_its_own_review(version: Version, alice: User, bob: User) -> None:
    with tenancy.system_scope("desk"):
        finding = draft(version, alice)
        services.publish(finding=finding, reviewer=bob, moment=clock.now())
        quote = services.find_quote(version, "You may object.")
        services.revise(finding=finding, author=bob, words=replace(WORDS, headline="Another."), quotes=[quote])
        services.submit_for_review(finding=finding)

        assert Finding.objects.published().get().published.headline == "Kept for 30 days."  # type: ignore[union-attr]
        services.publish(finding=finding, reviewer=alice, moment=clock.now())
        assert Finding.objects.published().get().published.headline == "Another."  # type: ignore[union-attr]


def test_newer_finding_supersedes_the_older_one_of_its_provision(version: Version, alice: User, bob: User) -> None:
    with tenancy.system_scope("desk"):
        older, newer = draft(version, alice), draft(version, alice)
        for finding in (older, newer):
            services.publish(finding=finding, reviewer=bob, moment=clock.now())

        assert Finding.objects.get(pk=older.pk).state == FindingState.SUPERSEDED
        assert Finding.objects.published().get() == newer


def test_revision_that_was_not_submitted_is_not_published(version: Version, alice: User, bob: User) -> None:
    with tenancy.system_scope("desk"):
        finding = draft(version, alice)
        services.publish(finding=finding, reviewer=bob, moment=clock.now())
        services.revise(finding=finding, author=bob, words=replace(WORDS, headline="Another."), quotes=[])

        with pytest.raises(WrongState):
            services.publish(finding=finding, reviewer=alice, moment=clock.now())


def test_words_written_meanwhile_are_not_overwritten(version: Version, alice: User, bob: User) -> None:
    with tenancy.system_scope("desk"):
        finding = draft(version, alice)
        services.revise(finding=finding, author=alice, words=WORDS, quotes=[], read=1)

        with pytest.raises(RevisedMeanwhile, match=r"alice@example\.org wrote revision 2"):
            services.revise(finding=finding, author=bob, words=WORDS, quotes=[], read=1)
        assert finding.revisions.count() == 2


def test_reviewer_publishes_only_what_they_read(version: Version, alice: User, bob: User) -> None:
    with tenancy.system_scope("desk"):
        finding = draft(version, alice)
        services.revise(finding=finding, author=alice, words=WORDS, quotes=[])
        services.submit_for_review(finding=finding)

        with pytest.raises(RevisedMeanwhile):
            services.publish(finding=finding, reviewer=bob, moment=clock.now(), read=1)


def test_reviewer_sends_back_with_a_note(version: Version, alice: User) -> None:
    with tenancy.system_scope("desk"):
        finding = draft(version, alice)
        services.send_back(finding=finding, note="Name the period.", read=1)

        [revision] = FindingRevision.objects.drafts()
        assert (revision.finding, revision.review_note) == (finding, "Name the period.")
        assert not FindingRevision.objects.in_review().exists()


def test_what_was_submitted_waits_for_a_second_person(version: Version, alice: User) -> None:
    with tenancy.system_scope("desk"):
        finding = draft(version, alice)

        assert [revision.finding for revision in FindingRevision.objects.in_review()] == [finding]


def test_white_space_of_pasted_words_may_differ_and_the_text_is_quoted(version: Version) -> None:
    with tenancy.system_scope("desk"):
        quote = services.find_quote(version, "for  30 days.\nWe do")

    assert quote.exact == "for 30 days.\n\nWe do"


def test_retraction_keeps_who_and_why(version: Version, alice: User, bob: User) -> None:
    with tenancy.system_scope("desk"):
        finding = services.publish(finding=draft(version, alice), reviewer=bob, moment=clock.now())

        with pytest.raises(WordsMissing):
            services.retract(finding=finding, by=bob, because=" ", moment=clock.now())
        services.retract(finding=finding, by=bob, because="We misread the exception.", moment=clock.now())

        finding.refresh_from_db()
        assert (finding.retracted_by, finding.retracted_because) == (bob, "We misread the exception.")


def test_finding_is_published_once(version: Version, alice: User, bob: User) -> None:
    with tenancy.system_scope("desk"):
        finding = draft(version, alice)
        services.publish(finding=finding, reviewer=bob, moment=clock.now())

        with pytest.raises(WrongState):
            services.publish(finding=finding, reviewer=bob, moment=clock.now())
        services.retract(finding=finding, by=bob, because="It was wrong.", moment=clock.now())
        assert not Finding.objects.published().exists()
