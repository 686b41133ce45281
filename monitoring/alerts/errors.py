"""What can go wrong while people are told."""


class LeaseLost(Exception):
    """Another worker took over: nothing more is written under the old token."""


class InvalidToken(ValueError):
    """The link wasn't made by us, or was cut short on its way."""
