"""Platforms that are missing: members ask and vote, operators answer. Each function runs in its caller's scope."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from accounts import staff
from accounts.models import Entitlement, Membership, User
from accounts.services import record
from atlas.kernel import clock
from monitoring.catalogue.models import Declaration, Platform, Source
from monitoring.watching.errors import AlreadyKnown, NotReadYet, RequestSettled, TooManyRequests
from monitoring.watching.models import PlatformRequest, RequestState, RequestVote
from monitoring.watching.naming import key_of, place_of

#: How many platforms one member may ask for, and how often they may vote, within a day.
MOST_REQUESTS, MOST_VOTES = 3, 30
DAY = timedelta(days=1)


def ask_for(*, membership: Membership, name: str, homepage: str, why: str) -> PlatformRequest:
    """The request for this platform with the member's vote: a new one, or the one that was there under this name or homepage.

    Raises AlreadyKnown for a platform that we have, RequestSettled for one that was declined, TooManyRequests, NoHomepage.
    """
    key, place = key_of(name), place_of(homepage)
    Entitlement.objects.lock(membership.organization)  # before what is counted below
    if (platform := known(key=key, place=place)) is not None:
        raise AlreadyKnown(platform)
    found = _found(key, place)
    if found is not None:
        vote_for(membership=membership, request=found)
        return found
    _require_few(membership, asked=True)
    try:
        with transaction.atomic():
            made = PlatformRequest.objects.create(name=name.strip(), key=key, homepage=homepage, place=place, why=why)
    except IntegrityError:  # somebody else has asked for it meanwhile
        found = _found(key, place)
        if found is None:
            raise
        vote_for(membership=membership, request=found)
        return found
    _vote(membership, made, asked=True)
    record(organization=membership.organization, actor=membership.user, action="request.asked", request=made.typeid)
    return made


def vote_for(*, membership: Membership, request: PlatformRequest) -> bool:
    """The member wants it too; False where they had said so. Raises RequestSettled and TooManyRequests."""
    Entitlement.objects.lock(membership.organization)
    target = _followed(request)
    if target.state == RequestState.READ and target.platform is not None:
        raise AlreadyKnown(target.platform)
    if target.state != RequestState.OPEN:
        raise RequestSettled(target.get_state_display())
    _require_few(membership, asked=False)
    return _vote(membership, target, asked=False)


def voted_by(user: User) -> set[int]:
    """Ids of the requests for which this user has voted in the organization that the scope speaks for."""
    return set(RequestVote.objects.filter(user=user).values_list("request_id", flat=True))


def known(*, key: str, place: str) -> Platform | None:
    """The platform that we have under this name, or whose documents alone are read at this host."""
    for platform in Platform.objects.listed():
        if key in {key_of(each) for each in (platform.name, platform.slug, *platform.aliases)}:
            return platform
    host = place.partition("/")[0]
    newest = Declaration.objects.filter(organization=None).order_by("document_id", "-number").distinct("document_id")
    at_host = Q()
    for start in (f"https://{host}/", f"https://www.{host}/"):
        at_host |= Q(url__startswith=start)
    found = Platform.objects.listed().filter(
        documents__declarations__in=Source.objects.filter(at_host, declaration__in=newest).values("declaration")
    )
    platforms = list(found.distinct()[:2])
    return platforms[0] if len(platforms) == 1 else None


def bring(*, request: PlatformRequest, platform: Platform, operator: User, moment: datetime) -> PlatformRequest:
    """The platform is read now; who asked for it is told by an event (monitoring.pipeline.bring_platform). Raises NotReadYet
    and RequestSettled."""
    if not platform.enabled or platform.retired_at is not None:
        raise NotReadYet(platform)
    settled = _settle(request, RequestState.READ, moment, platform=platform)
    staff.log(settled, by=operator, words=f"Read now as {platform.name}.", at=moment)
    return settled


def decline(*, request: PlatformRequest, words: str, operator: User, moment: datetime) -> PlatformRequest:
    """It won't be read; `words` say publicly why. Raises RequestSettled."""
    settled = _settle(request, RequestState.DECLINED, moment, words=words.strip())
    staff.log(settled, by=operator, words=f"Declined: {settled.words}", at=moment)
    return settled


def merge(*, request: PlatformRequest, into: PlatformRequest, operator: User, moment: datetime) -> PlatformRequest:
    """Both are one platform: the votes go along, one of each person. Raises RequestSettled; ValueError for one with itself."""
    if request.pk == into.pk:
        raise ValueError("A request can't be merged into itself.")
    first, second = sorted((request.pk, into.pk))
    rows = PlatformRequest.objects.select_for_update().in_bulk([first, second])
    if rows[into.pk].state != RequestState.OPEN:
        raise RequestSettled(rows[into.pk].get_state_display())
    settled = _settle(request, RequestState.MERGED, moment, merged_into=into)
    PlatformRequest.objects.filter(merged_into=request).update(merged_into=into)
    with connection.cursor() as cursor:  # votes are the tenants' own: only their owner's function may move them
        cursor.execute("SELECT watching_move_votes(%s, %s)", [request.pk, into.pk])
    staff.log(settled, by=operator, words=f"Merged into {into.name}.", at=moment)
    return settled


def _found(key: str, place: str) -> PlatformRequest | None:
    found = PlatformRequest.objects.filter(Q(key=key) | Q(place=place)).order_by("pk").first()
    return _followed(found) if found is not None else None


def _followed(request: PlatformRequest) -> PlatformRequest:
    return request.merged_into if request.merged_into is not None else request


def _require_few(membership: Membership, *, asked: bool) -> None:
    lately = RequestVote.objects.filter(user=membership.user, created_at__gt=clock.now() - DAY)
    if asked and lately.filter(asked=True).count() >= MOST_REQUESTS:
        raise TooManyRequests(f"{MOST_REQUESTS} requests")
    if lately.count() >= MOST_VOTES:
        raise TooManyRequests(f"{MOST_VOTES} votes")


def _vote(membership: Membership, request: PlatformRequest, *, asked: bool) -> bool:
    """A vote in another organization of the same person counts too, though this one's scope doesn't show it."""
    try:
        with transaction.atomic():
            RequestVote.objects.create(
                organization=membership.organization,
                membership=membership,
                user=membership.user,
                request=request,
                asked=asked,
            )
    except IntegrityError:
        return False
    return True


def _settle(request: PlatformRequest, state: RequestState, moment: datetime, **values: object) -> PlatformRequest:
    row = PlatformRequest.objects.select_for_update().get(pk=request.pk)
    if row.state != RequestState.OPEN:
        raise RequestSettled(row.get_state_display())
    row.state, row.decided_at = state, moment
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=["state", "decided_at", *values])
    return row
