"""The kinds of documents by the words of their titles, headings and names in lists. General words only, no platform's."""

from __future__ import annotations

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


#: Names of documents of whatever kind, as lists of documents, titles and headings have them.
DOCUMENT_NAME = _any(
    r"\b(?:polic(?:y|ies)|terms|agreement|addendum|notice|guidelines|privacy|conditions|imprint|legal|licen[sc]e)\b",
    r"\b(?:villkor|avtal|datenschutz\w*|nutzungsbedingungen|conditions|condiciones|termini)\b",
    "政策|协议|规则|总则|声明|規約|약관",
)

#: Words of each kind of document, as they stand in titles and headings. Kinds that share a word are no contradiction.
KIND_WORDS: dict[str, re.Pattern[str]] = {
    "terms-of-service": _any(
        r"\bterms\b",
        r"\bconditions\b",
        r"\bagreement\b",
        r"\beula\b",
        r"nutzungsbedingungen",
        r"\bagb\b",
        r"villkor",
        r"conditions (?:générales|d'utilisation)",
        r"términos",
        r"termini",
        r"协议",
        r"条款",
        r"規約",
        "약관",
    ),
    "privacy-policy": _any(
        r"\bprivacy\b",
        r"\bdata protection\b",
        r"datenschutz",
        r"integritet",
        r"confidentialité",
        r"privacidad",
        r"privacidade",
        r"隐私",
        r"隱私",
        r"プライバシー",
        "개인정보",
    ),
    "cookie-policy": _any(
        r"\bcookies?\b",
        r"\btrackers?\b",
        r"\btracking\b",
        "kakor",
    ),
    "acceptable-use-policy": _any(
        r"\b(?:acceptable|prohibited|usage|use)\b.{0,20}\b(?:use|uses|polic(?:y|ies)|cases|guidelines)\b",
        r"\busage polic",
        r"\bconduct\b",
    ),
    "data-processing-agreement": _any(
        r"\bdata process",
        r"\bdpa\b",
        r"\bprocessing (?:addendum|agreement)",
        r"\bsub-?processors?\b",
        r"personuppgiftsbiträde",
        "auftragsverarbeitung",
    ),
}

_SAME_KIND = {
    "trackers-policy": "cookie-policy",
    "data-processor-agreement": "data-processing-agreement",
    "terms": "terms-of-service",
    "terms-of-use": "terms-of-service",
    "privacy-notice": "privacy-policy",
    "usage-policy": "acceptable-use-policy",
}
# Their words stand in the names of documents of other kinds too: "agreement", "terms".
_GENERAL = "terms-of-service"


def kind_of(name: str) -> str:
    """A kind's slug from its slug or English name: "Privacy Policy" is "privacy-policy". Empty for nothing."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return _SAME_KIND.get(slug, slug)


def kinds_in(text: str) -> list[str]:
    """The kinds whose words stand in ``text``."""
    return [kind for kind, pattern in KIND_WORDS.items() if pattern.search(text)]


def is_called(name: str, kind: str) -> bool:
    """Whether a document of that name is of the kind (a slug of ours). "Data Processing Agreement" is no agreement on use."""
    if kind not in KIND_WORDS:
        words = telling_words(kind)
        return bool(words) and words <= telling_words(name)
    kinds = kinds_in(name)
    return kind in kinds and (kind != _GENERAL or len(kinds) == 1)


def telling_words(text: str) -> set[str]:
    """The longer words of a name without those that most names have."""
    return {word for word in re.findall(r"[a-z]{4,}", text.lower()) if word not in ("policy", "terms", "agreement")}
