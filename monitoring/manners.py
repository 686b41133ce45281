"""What hosts allow us to read and how fast, for as long as one worker holds a host.

A robots.txt is read at most once a holding, over the session's connection, and is good for a day. While a host doesn't answer
for it nothing is read there; after thirty days of silence the last rules that we know hold again, or none (RFC 9309, 2.3.1.4).
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from accounts import tenancy
from atlas.kernel import clock, egress
from monitoring.archive import scheduling
from monitoring.archive.models import Host
from monitoring.fetching import client, robots
from monitoring.fetching.errors import FetchFailed
from monitoring.fetching.outcomes import Reason
from monitoring.fetching.robots import Rules

GOOD_FOR = timedelta(days=1)
SILENT_FOR_LONG = timedelta(days=30)
#: To so many hosts whose rules aren't known yet one page may lead.
MOST_STRANGERS = 5


class Manners:
    """Asked before each page of a holding. Opens no transaction while it speaks to a host."""

    def __init__(self, session: egress.Session, *, delay: timedelta) -> None:
        """``delay`` is kept between a robots.txt and the page that follows, or what the file asks for if that is more."""
        self._session, self._delay = session, delay
        self._said: dict[str, Rules | FetchFailed] = {}

    def fetch(self, url: str, *, obeying: bool = True, **asked: Any) -> client.Fetched:
        """`client.fetch` of a page that its host allows us to read, and so does the host of each place to which it leads: what
        is disallowed is not asked for by way of a redirect either. Raises FetchFailed."""
        if not obeying:
            return client.fetch(self._session, url, **asked)
        if refusal := self.refusal(url):
            raise refusal
        for _ in range(MOST_STRANGERS):
            try:
                return client.fetch(self._session, url, follow=self._is_welcome, **asked)
            except egress.NotFollowed as stop:
                # Rules that nobody has at hand are read first, with the page's answer out of the way.
                if refusal := self.refusal(stop.target):
                    raise FetchFailed(
                        refusal.reason, f"It leads to {stop.target}. {refusal.why}", stay_away=refusal.retry_after
                    ) from stop
        raise FetchFailed(
            Reason.REDIRECT_LOOP, f"{url} leads over more than {MOST_STRANGERS} hosts that we don't know."
        )

    def _is_welcome(self, target: str) -> bool:
        """Are we sure that we may read this? Speaks to no host."""
        host = scheduling.host_of(target)
        said = self._said.get(host) or self._remembered(host)
        if isinstance(said, Rules):
            self._said[host] = said
        return isinstance(said, Rules) and said.allow(target)

    def refusal(self, url: str) -> FetchFailed | None:
        """Why this page must not be asked for; None where it may be."""
        said = self._of(url)
        if isinstance(said, FetchFailed):
            return said
        if said.allow(url):
            return None
        return FetchFailed(Reason.ROBOTS, f"{robots.address(url)} does not allow us to read this page.")

    def delay(self, host: str) -> timedelta:
        """What the host itself asks for between two requests, as far as it was asked in this holding."""
        said = self._said.get(host)
        return said.delay if isinstance(said, Rules) else timedelta(0)

    def pause(self, url: str) -> None:
        """Keep the host's delay before the same page is asked for in another way."""
        time.sleep(max(self._delay, self.delay(scheduling.host_of(url))).total_seconds())

    def _of(self, url: str) -> Rules | FetchFailed:
        host = scheduling.host_of(url)
        if host not in self._said:
            self._said[host] = self._ask(host, url)
        return self._said[host]

    def _remembered(self, host: str) -> Rules | Host:
        """What the host said within a day; where it didn't, what else we know of it."""
        with tenancy.system_scope("what do we know of a host's robots.txt?"):
            known = scheduling.robots_of(host)
        if known.robots_read_at is not None and clock.now() - known.robots_read_at < GOOD_FOR:
            return Rules.of(known.robots_text)
        return known

    def _ask(self, host: str, url: str) -> Rules | FetchFailed:
        known = self._remembered(host)
        if isinstance(known, Rules):
            return known
        now = clock.now()
        try:
            text = robots.read(self._session, url)
        except FetchFailed as failure:
            return self._silent(known, failure)
        with tenancy.system_scope("keep a host's robots.txt"):
            scheduling.keep_robots(known, text=text, at=now)
        rules = Rules.of(text)
        if delay := max(self._delay, rules.delay):
            time.sleep(delay.total_seconds())
        return rules

    def _silent(self, known: Host, failure: FetchFailed) -> Rules | FetchFailed:
        now = clock.now()
        since = known.robots_silent_since
        if since is None:
            with tenancy.system_scope("note that a host's robots.txt can't be read"):
                scheduling.note_silent_robots(known, at=now)
        elif now - since >= SILENT_FOR_LONG:
            return Rules.of(known.robots_text)
        return failure
