"""The demo's story, told through the real pipeline: its people, the history that the policy site has published so far, read
over HTTP at its dates, and what the analysts decided and found. Loading it again changes nothing."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db.models import Max

from accounts import tenancy
from accounts.models import User
from atlas.demo import enrolling, people
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import Check, CheckSchedule, Version
from monitoring.catalogue.models import Document, Type
from monitoring.changes import services as changes
from monitoring.changes.models import Change
from monitoring.findings import services as findings
from monitoring.findings.models import Finding

FINDINGS = Path(__file__).with_name("findings.yaml")
SEEN_AFTER = timedelta(hours=3)  # how long after a publication our daily reading comes by
DECIDED_AFTER = timedelta(minutes=1)
REREAD_EVERY = timedelta(days=14)
#: The demo's members join then, so that their inboxes hold what was told since.
JOINED = datetime(2026, 10, 26, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """At `at`, this document's address shows this step; or, with no step, everything is merely read again."""

    at: datetime
    document: str = ""
    step: int = -1


class PolicySiteControl:
    """The demo's own policy site, told what to show. It is a process of this machine, started beside us."""

    def __init__(self, address: str) -> None:
        self.address = address

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.address}/_site/state", timeout=10) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
            return found

    def show(self, document: str, step: int) -> None:
        request = urllib.request.Request(  # noqa: S310
            f"{self.address}/_site/show",
            json.dumps({"document": document, "step": step}).encode(),
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310


def load() -> None:
    """Everything that isn't there yet. What was told before an interruption is not told again."""
    with clock.at(JOINED):
        enrolling.enrol()
    site = PolicySiteControl(settings.POLICY_SITE_URL)
    moments = list(story(site.state()))
    told = _told()
    rest = [moment for moment in moments if told is None or moment.at + SEEN_AFTER > told]
    if rest:
        _tell(moments, rest, site)
    with clock.at(moments[-1].at + timedelta(days=1)):
        _publish_findings()
        pipeline.fan_out()


def _tell(moments: list[Moment], rest: list[Moment], site: PolicySiteControl) -> None:
    """The part of the story that wasn't told yet; afterwards the demo's documents are read by the clock."""
    decisions = yaml.safe_load(FINDINGS.read_text(encoding="utf-8"))["decisions"]
    begun = {moment.document for moment in moments if moment not in rest}
    for moment in rest:
        if moment.at >= JOINED:
            with clock.at(JOINED):
                enrolling.follow_from_the_start()
        begun.add(moment.document)
        _live(moment, sorted(begun - {""}), site, decisions)
    with tenancy.system_scope("from now on by the clock"):
        CheckSchedule.objects.filter(document__platform__demo=True).update(next_check_at=clock.now())


def story(state: dict[str, Any]) -> Iterator[Moment]:
    """The dated steps of all documents in their order, with the regular readings in between."""
    steps = sorted(
        Moment(datetime.fromisoformat(step["date"]).astimezone(UTC), document["document"], step["step"])
        for document in state["documents"]
        for step in document["steps"]
        if step["date"]
    )
    before = steps[0].at
    for step in steps:
        while before + REREAD_EVERY < step.at:
            before += REREAD_EVERY
            yield Moment(before)
        before = step.at
        yield step


def _told() -> datetime | None:
    """When the last reading of the story was; None before the first."""
    with tenancy.system_scope("how far was the demo's story told?"):
        newest = Check.objects.filter(document__platform__demo=True).aggregate(Max("observed_at"))
    found: datetime | None = newest["observed_at__max"]
    return found


def _live(moment: Moment, begun: list[str], site: PolicySiteControl, decisions: list[dict[str, Any]]) -> None:
    """What our processes would have done around that moment."""
    with clock.at(moment.at + SEEN_AFTER):
        if moment.step >= 0:
            site.show(moment.document, moment.step)
        _read([moment.document] if moment.step >= 0 else begun)
    for decision in decisions:
        if (f"{decision['platform']}/{decision['document']}", decision["step"]) == (moment.document, moment.step):
            with clock.at(moment.at + SEEN_AFTER + DECIDED_AFTER), tenancy.system_scope("the demo's analyst decides"):
                _approve(moment.document, decision["words"])
    with clock.at(moment.at + SEEN_AFTER + settings.ALERT_REVIEW_WINDOW + DECIDED_AFTER):
        pipeline.release_due()
        pipeline.fan_out()


def _read(keys: list[str]) -> None:
    wanted = set(keys)
    with tenancy.system_scope("read documents of the demo"):
        schedules = [
            schedule
            for schedule in CheckSchedule.objects.select_related("host", "document__platform")
            if f"{schedule.document.platform.slug}/{schedule.document.slug}" in wanted
        ]
        if len(schedules) < len(wanted):
            raise LookupError(f"the catalogue lacks some of {', '.join(keys)}")
        lease = scheduling.take_host(schedules[0].host)
    if lease is None:
        raise RuntimeError(f"{schedules[0].host} is being read by another process: the story can't be told now")
    checks = list(pipeline.read_documents([schedule.document_id for schedule in schedules], lease))
    if len(checks) < len(schedules):
        raise RuntimeError("a document of the demo could not be read; the log says why")


def _approve(key: str, words: str) -> None:
    platform, slug = key.split("/")
    change = (
        Change.objects.select_related("document", "new", "release")
        .filter(document__platform__slug=platform, document__slug=slug)
        .order_by("-observed_at")[0]
    )
    analyst = User.objects.get(email=people.ANALYST)
    pipeline.decide(changes.approve, change=change, analyst=analyst, moment=clock.now(), words=words)


def _publish_findings() -> None:
    """What one analyst wrote and another one published, through the same services as at the desk."""
    author = User.objects.get(email=people.ANALYST)
    reviewer = User.objects.get(email=people.SECOND_ANALYST)
    for entry in yaml.safe_load(FINDINGS.read_text(encoding="utf-8"))["findings"]:
        with tenancy.system_scope("the demo's analysts publish a finding"):
            document = Document.objects.get(platform__slug=entry["platform"], slug=entry["document"])
            type = Type.objects.get(slug=entry["type"])
            if Finding.objects.filter(provision__document=document, provision__type=type).exists():
                continue
            version = Version.objects.released().of(document)[0]
            finding = findings.draft_finding(
                document=document,
                type=type,
                author=author,
                words=_words(entry),
                quotes=[findings.find_quote(version, entry["excerpt"].strip())],
            )
            findings.submit_for_review(finding=finding)
            pipeline.publish_finding(finding=finding, reviewer=reviewer, moment=clock.now())


def _words(entry: dict[str, Any]) -> findings.Words:
    why, severity = entry["why_it_matters"], entry["severity"]
    return findings.Words(
        headline=entry["headline"],
        description=entry["description"],
        why_person=why["person"],
        why_organization=why["organization"],
        severity_person=severity["person"]["level"],
        severity_organization=severity["organization"]["level"],
        severity_person_words=severity["person"]["because"],
        severity_organization_words=severity["organization"]["because"],
    )
