"""A person's sessions: which there are, when each was last used, and their end.

They end by another epoch in what every session is held against (`User.session_epoch`), so that also those end that stand in
no list, or are written back by a request that runs at the same moment.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.db.models import F
from django.http import HttpRequest

from accounts.models import User
from atlas.kernel import clock

SEEN = "seen_at"
NOTED_EVERY = timedelta(minutes=10)


def end_others(request: HttpRequest, user: User) -> None:
    """End every session of the user but the request's own, if that is one of theirs."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    UserSession.objects.filter(user=user).delete()
    if request.user.pk == user.pk:
        update_session_auth_hash(request, user)
        UserSession.objects.create_from_request(request)


def begin(request: HttpRequest) -> None:
    """Note in the session itself that it was just used."""
    request.session[SEEN] = clock.now().timestamp()


def note_use(request: HttpRequest) -> None:
    """Note, at most once in ten minutes, when and from where a signed-in session was used. Asks nothing of a request that
    didn't look at its session."""
    session = request.session
    if not session.accessed or SESSION_KEY not in session:
        return
    seen = datetime.fromtimestamp(session.get(SEEN, 0), tz=clock.now().tzinfo)
    if clock.now() - seen >= NOTED_EVERY:
        begin(request)
        UserSession.objects.create_from_request(request)


class Adapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """allauth's page of sessions ends them in our way."""

    def end_sessions(self, sessions: list[UserSession]) -> None:
        from allauth.core import context

        end_others(context.request, context.request.user)
