"""The people of an organization: members and their roles, open invitations, leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import invitations, keys, people, permissions
from accounts.access import MemberRequest, member_page
from accounts.errors import AccountsError
from accounts.models import Invitation, Membership, Role
from accounts.permissions import Permission
from atlas.kernel import clock
from monitoring.pages.members.forms import GiveRole, Invite


@dataclass(frozen=True, slots=True)
class Row:
    """A member, and what the reader may do with them."""

    member: Membership
    is_reader: bool
    roles: list[Role]
    can_remove: bool
    can_leave: bool
    can_take_over: bool


@member_page()
@require_http_methods(["GET", "POST"])
def members(request: MemberRequest) -> HttpResponse:
    roles = permissions.manageable_roles(request.membership)
    form = Invite(request.POST if request.method == "POST" else None, roles=roles)
    if request.method == "POST":
        permissions.require(request.membership, Permission.MANAGE_PEOPLE)
        if form.is_valid():
            try:
                invitations.invite(by=request.membership, **form.cleaned_data)
            except AccountsError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"{form.cleaned_data['email']} is invited. The link is good for a week.")
                return redirect("settings-people")
    return render(request, "members/settings/people.html", _context(request, form))


@member_page(Permission.MANAGE_PEOPLE)
@require_POST
def change_role(request: MemberRequest, public_id: UUID) -> HttpResponse:
    member, form = _member(request, public_id), GiveRole(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no such role. Nothing was changed.")
        return redirect("settings-people")
    role = Role(form.cleaned_data["role"])
    return _do(
        request,
        lambda: people.change_role(by=request.membership, member=member, role=role),
        f"{member.user.get_short_name()} is {role.label.lower()} now.",
    )


@member_page(Permission.MANAGE_PEOPLE)
@require_http_methods(["GET", "POST"])
def remove(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Remove somebody, once it was said that one means it, and what happens to their keys."""
    member = _member(request, public_id)
    if request.method != "POST":
        return render(request, "members/settings/remove.html", {"member": member, "keys": keys.of_member(member)})
    return _do(
        request,
        lambda: people.remove(by=request.membership, member=member, end_keys=_ends_keys(request)),
        f"{member.user.get_short_name()} is no longer a member.",
    )


@member_page(Permission.MANAGE_OWNERS)
@require_POST
def hand_over(request: MemberRequest, public_id: UUID) -> HttpResponse:
    member = _member(request, public_id)
    return _do(
        request,
        lambda: people.hand_over(by=request.membership, to=member),
        f"{member.user.get_short_name()} owns the organization now, and you are an admin.",
    )


@member_page()
@require_http_methods(["GET", "POST"])
def leave(request: MemberRequest) -> HttpResponse:
    """Leave, once it was said that one means it."""
    if request.method != "POST":
        return render(request, "members/settings/leave.html", {"keys": keys.of_member(request.membership)})
    try:
        people.leave(membership=request.membership, end_keys=_ends_keys(request))
    except AccountsError as refused:
        messages.error(request, str(refused))
        return redirect("settings-people")
    messages.success(request, f"You have left {request.organization.name}.")
    return redirect("dashboard")


@member_page(Permission.MANAGE_PEOPLE)
@require_POST
def revoke(request: MemberRequest, public_id: UUID) -> HttpResponse:
    invitation = _invitation(request, public_id)
    return _do(
        request,
        lambda: invitations.revoke(by=request.membership, invitation=invitation),
        f"The invitation of {invitation.email} is taken back.",
    )


@member_page(Permission.MANAGE_PEOPLE)
@require_POST
def confirm(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The inviter says that the person with another address is meant."""
    invitation = _invitation(request, public_id)
    asker = request.POST.get("asker", "")
    return _do(
        request,
        lambda: invitations.confirm(
            by=request.membership, invitation=invitation, asker=int(asker) if asker.isdecimal() else 0
        ),
        "They are a member now.",
    )


def _ends_keys(request: MemberRequest) -> bool:
    """What was chosen; keys end unless somebody has said that they stay."""
    return request.POST.get("keys") != "keep"


def _do(request: MemberRequest, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
    except AccountsError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect("settings-people")


def _member(request: MemberRequest, public_id: UUID) -> Membership:
    return get_object_or_404(Membership.objects.in_organization(request.organization), public_id=public_id)


def _invitation(request: MemberRequest, public_id: UUID) -> Invitation:
    """One that can still be used; others are gone from the page too."""
    mine = Invitation.objects.filter(organization=request.organization).open(clock.now())
    found = mine.select_related("organization").filter(public_id=public_id).first()
    if found is None:
        raise Http404("no open invitation")
    return found


def _context(request: MemberRequest, form: Invite) -> dict[str, object]:
    mine = request.membership
    roles = permissions.manageable_roles(mine)
    is_owner = permissions.may(mine, Permission.MANAGE_OWNERS)
    members = list(Membership.objects.in_organization(request.organization))
    owners = [member.pk for member in members if member.role == Role.OWNER]
    rows = [
        Row(
            member=member,
            is_reader=member.pk == mine.pk,
            # Whoever is the only owner stays one: the page offers nothing that would be refused.
            roles=roles if permissions.may_manage(mine, member.role) and owners != [member.pk] else [],
            can_remove=member.pk != mine.pk and permissions.may_manage(mine, member.role),
            can_leave=member.pk == mine.pk and owners != [mine.pk],
            can_take_over=is_owner and member.pk != mine.pk and member.role != Role.OWNER,
        )
        for member in members
    ]
    open_ones = Invitation.objects.filter(organization=request.organization).open(clock.now())
    invited = list(open_ones.select_related("invited_by", "asked_by"))
    return {
        "form": form,
        "rows": rows,
        "invited": invited,
        "plan": request.organization.entitlement.plan,
        "used": len(rows) + len(invited),
        "full": not request.organization.entitlement.plan.allows_seats(len(rows) + len(invited) + 1),
        "manages": permissions.may(mine, Permission.MANAGE_PEOPLE),
    }
