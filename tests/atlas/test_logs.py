"""Each line of the log is one JSON object, with the id of the request or task that wrote it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from celery import shared_task
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from structlog.contextvars import clear_contextvars

from atlas import logs
from atlas.middleware import RequestLogMiddleware

logger = logging.getLogger("tests.words")


class Log:
    """What was written, as a reader of the process's own log would get it."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    written = Log()
    handler = logging.StreamHandler(written.stream)
    handler.setFormatter(logs.formatter())
    logger.addHandler(handler)
    clear_contextvars()
    yield written
    logger.removeHandler(handler)


@shared_task(name="tests.say")
def say() -> None:
    logger.warning("something happened")


def view(request: HttpRequest) -> HttpResponse:
    logger.warning("something happened")
    return HttpResponse()


def test_lines_of_a_request_carry_its_id_and_not_one_that_a_stranger_chose(log: Log) -> None:
    answer = RequestLogMiddleware(view)
    for _ in range(2):
        answer(RequestFactory().get("/", headers={"X-Request-ID": "chosen"}))

    first, second = log.lines()
    assert (first["event"], first["level"]) == ("something happened", "warning")
    assert len({first["request_id"], second["request_id"], "chosen"}) == 3


def test_a_line_of_a_task_carries_its_id_and_name(log: Log) -> None:
    say.apply(task_id="b81d")

    [line] = log.lines()
    assert (line["event"], line["task_id"], line["task"]) == ("something happened", "b81d", "tests.say")


def test_a_line_after_a_task_carries_nothing_of_it(log: Log) -> None:
    say.apply(task_id="b81d")
    logger.warning("something else")

    assert "task_id" not in log.lines()[-1]
