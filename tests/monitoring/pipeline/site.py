"""A document on a real HTTP server that a test rewrites, and one reading of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from accounts import tenancy
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import (
    Check,
    CheckSchedule,
    Version,
)
from monitoring.catalogue.models import Document

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
OPENING = (
    "These Terms of Service are an agreement between you and Example. By using the services you agree to these terms."
)
BODY = [
    "You must be at least 18 years old to use the services and you are responsible for your account.",
    "We keep your conversations for 30 days after you delete them, and we then remove them from our systems.",
    "You own the output that the services give you, and you may use it for any lawful purpose.",
    "You may not use the services to break the law, to harm others or to infringe anybody's rights.",
    "We may suspend or terminate your account if you breach these terms, with notice where the law requires it.",
    "Our liability under this agreement is limited to the amount that you paid in the last twelve months.",
    "These terms are governed by the laws of Ireland, and disputes go to the courts of Dublin.",
    "We may change these terms, and we will tell you thirty days before a change takes effect.",
]


@dataclass
class Site:
    """What the server answers now, and what it was asked."""

    status: int = 200
    paragraphs: list[str] = field(default_factory=lambda: [OPENING, *BODY])
    noise: str = ""
    validators: bool = False
    retry_after: str = ""
    raw: bytes | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    address: str = ""
    robots_status: int = 404
    robots: bytes = b""
    robots_asked: int = 0

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        text = "".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs)
        return f"<html lang=en><title>Terms</title>{self.noise}<main><h1>Terms of Service</h1>{text}</main></html>".encode()


def read(document: Document, *, at: datetime = START) -> Check:
    """Read it now, whether it is due or not."""
    with clock.at(at):
        with tenancy.system_scope("take the host"):
            host = CheckSchedule.objects.select_related("host").get(document=document).host
            lease = scheduling.take_host(host)
        assert lease is not None
        [check] = pipeline.read_documents([document.pk], lease)
        return check


def versions(document: Document) -> list[Version]:
    return list(Version.objects.filter(document=document).order_by("observed_at"))
