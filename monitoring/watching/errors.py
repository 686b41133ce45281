"""Why something can't be followed."""

from __future__ import annotations

from accounts.plans import Plan
from monitoring.catalogue.models import Platform


class WatchingError(Exception):
    """An expected refusal; its words are for people."""


class LimitReached(WatchingError):
    """The organization follows as many platforms as its plan allows."""

    def __init__(self, plan: Plan, limit: int) -> None:
        self.plan, self.limit = plan, limit
        platforms = "1 platform" if limit == 1 else f"{limit} platforms"
        super().__init__(f"The {plan.name} plan follows {platforms}, and you follow as many. Nothing was changed.")


class AlreadyKnown(WatchingError):
    """The platform is in the catalogue."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        super().__init__(f"We have {platform.name} already.")


class TooManyRequests(WatchingError):
    """A member has asked for as many platforms, or voted as often, as one may in a day."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} a day are enough for one person. Nothing was changed: come back tomorrow.")


class RequestSettled(WatchingError):
    """The request was answered before."""

    def __init__(self, state: str) -> None:
        super().__init__(f"This request is settled already: {state}. Nothing was changed.")


class NotReadYet(WatchingError):
    """The platform that is to answer a request isn't read."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(f"{platform.name} isn't read yet: enable it first, so that what we tell people is true.")


class PlatformRetired(WatchingError):
    """The platform is no longer read."""

    def __init__(self) -> None:
        super().__init__("This platform is no longer read, so it can't be followed.")
