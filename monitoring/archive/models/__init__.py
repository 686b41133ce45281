"""The archive: attempts to read, and the evidence that they gave."""

from monitoring.archive.models.attempts import (
    OUTCOME_CHOICES,
    Check,
    CheckSchedule,
    Host,
    Incident,
    Picture,
    SourceState,
)
from monitoring.archive.models.evidence import (
    Cause,
    Checkpoint,
    DocumentHead,
    LedgerEntry,
    Payload,
    Sighting,
    Snapshot,
    Upload,
    Version,
    VersionQuerySet,
    VersionSnapshot,
)
from monitoring.archive.models.trials import Trial

__all__ = [
    "OUTCOME_CHOICES",
    "Cause",
    "Check",
    "CheckSchedule",
    "Checkpoint",
    "DocumentHead",
    "Host",
    "Incident",
    "LedgerEntry",
    "Payload",
    "Picture",
    "Sighting",
    "Snapshot",
    "SourceState",
    "Trial",
    "Upload",
    "Version",
    "VersionQuerySet",
    "VersionSnapshot",
]
