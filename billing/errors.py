"""Why a plan can't be given or taken."""


class BillingError(Exception):
    """An expected refusal; its words are for people."""


class GrantRefused(BillingError):
    """The grant makes no sense: no reason, an end that has passed, or the Free plan, which everybody has."""


class GrantOver(BillingError):
    """The grant has been revoked already."""
