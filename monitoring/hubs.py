"""The pages on which platforms list their legal documents, looked at once a week: what nobody reads yet is proposed.

A hub is no document: nothing of it is kept but its links, and no check is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings

from accounts import tenancy
from atlas.kernel import clock, egress
from monitoring.archive import scheduling
from monitoring.archive.scheduling import Lease, Taken
from monitoring.catalogue.models import Hub
from monitoring.fetching.errors import FetchFailed
from monitoring.manners import Manners
from monitoring.proposing import Found, hosts_of, language_of, links_of, propose_links

logger = structlog.get_logger(__name__)

EVERY = timedelta(days=7)
AFTER_FAILURE = timedelta(days=1)
#: When a hub is looked at again whose host is read by another, or whose worker died.
SOON = timedelta(minutes=30)
MOST = 5


def read_due_hubs(*, most: int = MOST, open_session: Callable[[], egress.Session] = egress.session) -> int:
    """Look at hubs that are due, one after another, at most so many. Returns how many were asked for."""
    asked = 0
    for _ in range(most):
        with tenancy.system_scope("claim a hub"):
            claimed = _claim(clock.now())
        if claimed is None:
            return asked
        hub, taken = claimed
        if taken is None:
            continue
        asked += 1
        try:
            time.sleep(max(0.0, (taken.free_from - clock.now()).total_seconds()))
            _read(hub, taken.lease, open_session)
        except Exception:  # a bug on one page: the next hub is looked at, and this one again after a while
            logger.exception("hub_failed", platform=hub.platform_id)
        finally:
            with tenancy.system_scope("give a host back"):
                scheduling.give_back(taken.lease, next_request_at=clock.now() + taken.lease.delay)
    return asked


def _claim(now: datetime) -> tuple[Hub, Taken | None] | None:
    """A due hub that nobody else takes, with its host; without it where another holds that."""
    hub = Hub.objects.due(now).select_related("platform").select_for_update(of=("self",), skip_locked=True).first()
    if hub is None:
        return None
    Hub.objects.filter(pk=hub.pk).update(next_read_at=now + SOON)
    name = scheduling.host_of(hub.url)
    return hub, (scheduling.take_politely([name]) or {}).get(name)


def _read(hub: Hub, lease: Lease, open_session: Callable[[], egress.Session]) -> None:
    with open_session() as session:
        try:
            fetched = Manners(session, delay=lease.delay).fetch(
                hub.url, media_type="text/html", limits=egress.Limits(seconds=settings.REQUEST_SECONDS)
            )
        except FetchFailed as failure:
            with tenancy.system_scope("note that a hub could not be read"):
                scheduling.hold(lease)
                _note(hub, said=str(failure), again=AFTER_FAILURE)
            return
    with tenancy.system_scope("where the platform is read"):
        hosts = hosts_of(hub.platform)
    links = links_of(fetched, hosts=hosts)
    with tenancy.system_scope("propose what a hub lists"):
        scheduling.hold(lease)
        propose_links(hub.platform, [Found(hub.url, links)], language=language_of(hub.platform), moment=clock.now())
        _note(hub, said="" if links else "No link to a legal document was found on it.", again=EVERY)


def _note(hub: Hub, *, said: str, again: timedelta) -> None:
    now = clock.now()
    Hub.objects.filter(pk=hub.pk).update(said=said[:500], read_at=now, next_read_at=now + again)
