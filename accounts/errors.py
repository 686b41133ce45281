"""Why something can't be done with an organization or its people. The words are for them."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.plans import Plan


class AccountsError(Exception):
    """An expected refusal: nothing was changed."""


class SeatsTaken(AccountsError):
    """The plan has no seat left."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        seats = "1 seat" if plan.seats == 1 else f"{plan.seats} seats"
        super().__init__(
            f"The {plan.name} plan has {seats}, open invitations included, and all are taken. Revoke an invitation, remove"
            " somebody, or take a plan with more seats. Nothing was changed."
        )


class LastOwner(AccountsError):
    """An organization without an owner could be changed by nobody."""

    def __init__(self) -> None:
        super().__init__(
            "This is the last owner. Make somebody else an owner first, or close the organization. Nothing was changed."
        )


class NotAllowed(AccountsError):
    """The role isn't enough for this person or this role."""

    def __init__(self) -> None:
        super().__init__("Admins manage the people below them; owners manage everybody. Nothing was changed.")


class AlreadyMember(AccountsError):
    def __init__(self) -> None:
        super().__init__("This person is a member already. Nothing was changed.")


class FreeAlready(AccountsError):
    """One Free organization per person."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"You own {name}, which is on the Free plan, and a person may own one such organization. Rename it and use it, or"
            " give it a plan first. Nothing was changed."
        )


class SecondStepMissing(AccountsError):
    """Somebody demands of others what they don't do themselves, and would shut themselves out."""

    def __init__(self) -> None:
        super().__init__("Set up a second step for yourself first: you would shut yourself out. Nothing was changed.")


class InvitationVoid(AccountsError):
    """The invitation can't be used any more."""


class PlanWithoutKeys(AccountsError):
    """The plan has no keys of this scope."""

    def __init__(self, plan: Plan) -> None:
        what = "keys that change anything" if plan.keys_read else "keys of the API"
        super().__init__(f"The {plan.name} plan has no {what}. Nothing was changed.")


class OwnsAlone(AccountsError):
    """Others would be left in organizations that nobody owns."""

    def __init__(self, names: Sequence[str]) -> None:
        which = " and ".join(names)
        super().__init__(
            f"You are the only owner of {which}, and others are in it. Hand it over or close it first. Nothing was changed."
        )


class OtherAddress(AccountsError):
    """The invitation is bound to another address than those that the user has verified."""

    def __init__(self) -> None:
        super().__init__(
            "This invitation was sent to another address than yours. The person who sent it can confirm that it is meant for"
            " you."
        )
