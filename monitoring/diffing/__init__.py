"""Comparing two texts: what changed, word by word, what it means, and how the new text is made of the old one."""

from .comparing import DEFAULT_BUDGET, DIFFER, Comparison, apply, compare
from .judging import Reason, Significance
from .operations import Operation, OperationKind
from .summary import (
    DefinitionItem,
    Introduced,
    NumberItem,
    Renaming,
    SectionChange,
    SectionItem,
    Summary,
    ValueItem,
)

__all__ = [
    "DEFAULT_BUDGET",
    "DIFFER",
    "Comparison",
    "DefinitionItem",
    "Introduced",
    "NumberItem",
    "Operation",
    "OperationKind",
    "Reason",
    "Renaming",
    "SectionChange",
    "SectionItem",
    "Significance",
    "Summary",
    "ValueItem",
    "apply",
    "compare",
]
