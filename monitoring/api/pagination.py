"""How lists are cut into pages: by a cursor over what they are sorted by, so that new rows shift nothing."""

from __future__ import annotations

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class ByCursor(CursorPagination):
    """A cursor that we didn't write answers 404, whatever is in it."""

    page_size = 50

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and not self.could_be(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def could_be(self, position: str) -> bool:
        """Whether a row could stand there."""
        return "\x00" not in position


class BySortKey(ByCursor):
    ordering = "sort_key"


class ByTitle(ByCursor):
    ordering = ("title", "pk")


class NewestFirst(ByCursor):
    ordering = ("-observed_at", "-pk")

    def could_be(self, position: str) -> bool:
        try:
            moment = parse_datetime(position)
        except ValueError:
            return False
        return moment is not None and moment.utcoffset() is not None and not moment.utcoffset()
