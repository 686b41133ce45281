"""Why something can't be followed."""

from __future__ import annotations

from accounts.plans import Plan


class WatchingError(Exception):
    """An expected refusal; its words are for people."""


class LimitReached(WatchingError):
    """The organization follows as many platforms as its plan allows."""

    def __init__(self, plan: Plan, limit: int) -> None:
        self.plan, self.limit = plan, limit
        platforms = "1 platform" if limit == 1 else f"{limit} platforms"
        super().__init__(f"The {plan.name} plan follows {platforms}, and you follow as many. Nothing was changed.")


class PlatformRetired(WatchingError):
    """The platform is no longer read."""

    def __init__(self) -> None:
        super().__init__("This platform is no longer read, so it can't be followed.")
