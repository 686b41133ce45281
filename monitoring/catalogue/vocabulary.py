"""The closed lists of the catalogue: what kinds of documents and of platforms there are, with their English names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "terms-of-service": "Terms of service",
        "privacy-policy": "Privacy policy",
        "acceptable-use-policy": "Acceptable use policy",
        "commercial-terms": "Commercial terms",
        "data-processing-agreement": "Data processing agreement",
        "sub-processor-list": "List of sub-processors",
        "data-practices": "Data practices",
        "business-privacy": "Privacy for businesses",
        "training-data-disclosure": "Training data disclosure",
        "biometric-notice": "Biometric notice",
        "cookie-policy": "Cookie policy",
        "developer-terms": "Developer terms",
        "product-terms": "Product terms",
        "credit-terms": "Credit terms",
        "service-level-agreement": "Service level agreement",
        "community-guidelines": "Community guidelines",
        "brand-guidelines": "Brand guidelines",
        "law-enforcement-guidelines": "Law enforcement guidelines",
        "vulnerability-disclosure-policy": "Vulnerability disclosure policy",
    }
)

CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "assistant": "Assistants",
        "enterprise-assistant": "Assistants for organizations",
        "model-api": "Model APIs",
        "model-hub": "Model hubs",
        "coding": "Coding",
        "agents-automation": "Agents and automation",
        "search": "Search",
        "writing": "Writing",
        "translation": "Translation",
        "productivity": "Productivity",
        "meetings": "Meetings",
        "image": "Images",
        "video": "Video",
        "voice": "Voice",
        "music": "Music",
        "companion": "Companions",
        "wearable": "Wearables",
        "healthcare": "Health care",
    }
)
