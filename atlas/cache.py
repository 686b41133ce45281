"""The cache, which may be lost at any moment: while Redis is away every key is missing and nothing is kept.

Rate counters live here too, allauth's among them: without Redis nobody is counted, and people still sign in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

T = TypeVar("T")


class LosableCache(RedisCache):
    """Django's Redis cache; a server that can't be reached is logged, and the answer is the one of an empty cache."""

    def reachable(self) -> bool:
        """Whether the server answers now."""
        try:
            self._cache.get_client().ping()
        except (RedisError, OSError):
            return False
        return True

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._ask(lambda: super(LosableCache, self).add(key, value, timeout, version), True)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask(lambda: super(LosableCache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask(lambda: super(LosableCache, self).set(key, value, timeout, version), None)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._ask(lambda: super(LosableCache, self).touch(key, timeout, version), False)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._ask(lambda: super(LosableCache, self).delete(key, version), False)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        return self._ask(lambda: super(LosableCache, self).get_many(keys, version), {})

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return self._ask(lambda: super(LosableCache, self).has_key(key, version), False)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self._ask(lambda: super(LosableCache, self).incr(key, delta, version), delta)

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[Any]:
        return self._ask(lambda: super(LosableCache, self).set_many(data, timeout, version), list(data))

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._ask(lambda: super(LosableCache, self).delete_many(keys, version), None)

    def clear(self) -> None:
        self._ask(super().clear, None)

    @staticmethod
    def _ask(question: Callable[[], T], otherwise: T) -> T:
        try:
            return question()
        except (RedisError, OSError) as error:
            logger.warning("cache_not_reachable", error=type(error).__name__)
            return otherwise
