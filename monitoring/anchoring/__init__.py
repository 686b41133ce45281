"""Excerpts as W3C Web Annotation selectors, and finding them again in later versions."""

from .locating import Anchor, AnchorStatus, locate
from .selectors import BadSelector, Selector, describe

__all__ = ["Anchor", "AnchorStatus", "BadSelector", "Selector", "describe", "locate"]
