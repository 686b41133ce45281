"""What the tests of this folder share: the bells in the order of the way of a document, a page, and the end of leases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from accounts import outgoing, tenancy
from accounts.models import OutgoingMail
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.alerts.models import Delivery, Event
from monitoring.archive.models import Host

READ, RELEASE, FAN_OUT = "monitoring.read_due", "monitoring.release_due", "monitoring.fan_out"
DIGEST, DELIVER, SIGN_IN = "monitoring.make_digests", "monitoring.deliver", "accounts.send_mails"
BELLS: dict[str, Callable[[], object]] = {
    READ: pipeline.read_due_host,
    RELEASE: pipeline.release_due,
    FAN_OUT: pipeline.fan_out,
    DIGEST: pipeline.make_digests,
    DELIVER: pipeline.deliver,
    SIGN_IN: outgoing.send_due,
}
"""In the order of the way of a document, with the step that each rings for."""

OPENING = "These Terms of Service are an agreement between you and Lumen. By using Lumen you agree to these terms."
KEPT = "We keep your conversations for {days} days after you delete them, and we then remove them from our systems."
REST = [
    "You must be at least 18 years old to use the services and you are responsible for your account.",
    "You own the output that the services give you, and you may use it for any lawful purpose.",
    "You may not use the services to break the law, to harm others or to infringe anybody's rights.",
    "These terms are governed by the laws of Ireland, and disputes go to the courts of Dublin.",
]


def page(days: int) -> bytes:
    text = "".join(f"<p>{words}</p>" for words in [OPENING, KEPT.format(days=days), *REST])
    return f"<html lang=en><title>Terms</title><main><h1>Terms of Service</h1>{text}</main></html>".encode()


def leases_end() -> None:
    """As when the time of the killed worker's leases is over."""
    past = clock.now() - timedelta(seconds=1)
    with tenancy.system_scope("time passes"):
        for model in (Host, Event, Delivery, OutgoingMail):
            model._default_manager.filter(leased_until__isnull=False).update(leased_until=past)
