"""A document that was read and has changed, as the pipeline would leave it, comparison included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from accounts import tenancy
from monitoring.archive.models import LedgerEntry, Sighting, Version
from monitoring.archive.texts import text_of
from monitoring.catalogue.models import Document
from monitoring.changes.models import Change, ReleaseState
from monitoring.diffing import compare
from tests import factories

FIRST = datetime(2026, 3, 1, 6, 12, tzinfo=UTC)
SECOND = FIRST + timedelta(days=30)
OLD = "# Terms\n\nYou keep your rights.\n\nWe keep your conversations for 30 days.\n\nWe do not sell them."
NEW = OLD.replace("30 days", "90 days")


def document(title: str = "Terms of Service", *, platform: str = "Lumen", **fields: str) -> Document:
    """A document that was read once, on 1 March 2026."""
    made = factories.document(factories.platform(platform), title, **fields)
    first = factories.version(made, OLD, observed_at=FIRST)
    with tenancy.system_scope("rows for a test"):
        Sighting.objects.create(version=first, first_at=FIRST, last_at=SECOND, checks=30)
        LedgerEntry.objects.create(kind="version", subject=first.typeid, body={}, leaf_sha256="0" * 64)
    return made


def change(of: Document, text: str = NEW, *, state: str = ReleaseState.APPROVED, words: str = "") -> Change:
    """The next version of a document, read on 31 March 2026 or a day after the last one, and the decision about it."""
    with tenancy.system_scope("rows for a test"):
        old = Version.objects.select_related("extracted").filter(document=of).order_by("-observed_at")[0]
        at = max(SECOND, old.observed_at + timedelta(days=1))
        new = factories.version(of, text, observed_at=at)
        comparison = compare(text_of(old), text_of(new))
        made = factories.change(
            of,
            old=old,
            new=new,
            significance=str(comparison.significance),
            headline="Conversations are kept for 90 days instead of 30",
            observed_at=at,
            comparison=factories.payload(comparison.dumps().encode()),
            words_added=comparison.words_added,
            words_removed=comparison.words_removed,
        )
        factories.release(made, state=state, words=words, decided_at=at + timedelta(hours=1))
    return made
