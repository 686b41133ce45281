"""The watchlist of a key's organization: read and changed by machine, within the plan."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiKey
from monitoring.api.authentication import ByKey
from monitoring.api.pagination import ByCursor
from monitoring.api.serializers import page
from monitoring.catalogue.models import Platform
from monitoring.watching import services
from monitoring.watching.errors import LimitReached, PlatformRetired
from monitoring.watching.models import WatchlistItem


class Full(APIException):
    """The plan allows no more platforms."""

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "limit_reached"


class Gone(APIException):
    """The platform is no longer read."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "platform_retired"


class ItemSerializer(serializers.ModelSerializer[WatchlistItem]):
    """A followed platform. `paused`: it keeps its place on the list, and nothing is told about it; `paused_by_plan`: since the
    plan has become smaller."""

    platform = serializers.CharField(source="platform.slug")
    name = serializers.CharField(source="platform.name")
    paused = serializers.SerializerMethodField()
    followed_at = serializers.DateTimeField(source="created_at")
    url = serializers.SerializerMethodField()

    class Meta:
        model = WatchlistItem
        fields = ["platform", "name", "note", "paused", "paused_by_plan", "followed_at", "url"]

    def get_paused(self, item: WatchlistItem) -> bool:
        return item.paused_at is not None

    def get_url(self, item: WatchlistItem) -> str:
        return page("platform", item.platform.slug)


class FollowSerializer(serializers.Serializer[Any]):
    """What is followed, by its slug."""

    platform = serializers.SlugField(max_length=80)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class ItemChangeSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    note = serializers.CharField(max_length=300, required=False, allow_blank=True)
    paused = serializers.BooleanField(required=False)


class OldestFirst(ByCursor):
    ordering = ("created_at", "pk")


class _Watchlist(GenericAPIView[WatchlistItem]):
    permission_classes = [ByKey]
    serializer_class = ItemSerializer
    pagination_class = OldestFirst
    filter_backends = ()

    def get_queryset(self) -> QuerySet[WatchlistItem]:
        if getattr(self, "swagger_fake_view", False):  # the schema is made without a key
            return WatchlistItem.objects.none()
        return WatchlistItem.objects.of(self.key.organization).select_related("platform")

    @property
    def key(self) -> ApiKey:
        return cast(ApiKey, self.request.auth)

    def item(self, slug: str) -> WatchlistItem:
        return get_object_or_404(self.get_queryset(), platform__slug=slug)

    def answer(self, item: WatchlistItem, code: int = status.HTTP_200_OK) -> Response:
        return Response(ItemSerializer(item).data, status=code)


class Watchlist(_Watchlist):
    """What the organization follows, the oldest first."""

    @extend_schema(operation_id="watchlist_list", responses=ItemSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List what is followed."""
        found = self.paginate_queryset(self.get_queryset())
        assert found is not None, "the list has a pagination class"  # noqa: S101
        return self.get_paginated_response(ItemSerializer(found, many=True).data)

    @extend_schema(
        request=FollowSerializer,
        responses={
            200: OpenApiResponse(ItemSerializer, "It was followed already."),
            201: OpenApiResponse(ItemSerializer, "It is followed from now on."),
        },
    )
    def post(self, request: Request) -> Response:
        """Follow a platform. Following it again is no error, and resumes it where it was paused."""
        asked = _valid(FollowSerializer(data=request.data))
        platform = Platform.objects.filter(slug=asked["platform"]).first()
        if platform is None:
            raise ValidationError({"platform": ["No platform has this slug: see /api/v1/platforms/."]})
        known = self.get_queryset().filter(platform=platform).exists()
        item = _refusing(lambda: services.follow(by=self.key, platform=platform))
        if "note" in asked:
            services.set_note(by=self.key, item=item, note=asked["note"])
        return self.answer(self.item(platform.slug), status.HTTP_200_OK if known else status.HTTP_201_CREATED)


class WatchlistEntry(_Watchlist):
    """One followed platform, by its slug."""

    def get(self, request: Request, slug: str) -> Response:
        """Read one entry."""
        return self.answer(self.item(slug))

    @extend_schema(request=ItemChangeSerializer, responses=ItemSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        """Pause, resume, or note something."""
        item, asked = self.item(slug), _valid(ItemChangeSerializer(data=request.data))
        if asked.get("paused") is True:
            services.pause(by=self.key, item=item)
        elif asked.get("paused") is False:
            _refusing(lambda: services.resume(by=self.key, item=item))
        if "note" in asked:
            services.set_note(by=self.key, item=item, note=asked["note"])
        return self.answer(self.item(slug))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Follow it no longer; its note goes too."""
        services.unfollow(by=self.key, platform=self.item(slug).platform)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _valid(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)


def _refusing(act: Any) -> Any:
    """Refusals of the watchlist as errors of the API."""
    try:
        return act()
    except LimitReached as refused:
        raise Full(str(refused)) from refused
    except PlatformRetired as refused:
        raise Gone(str(refused)) from refused
