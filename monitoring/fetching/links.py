"""The links of a page that lead to legal documents of the same site, with what each may be. Pure: no network, no clock.

A link is believed by its words and by its address together. The words are those of `signs` and of the kinds below: names that
documents have in the languages in which documents came. None of them names a platform.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urldefrag, urlencode, urljoin, urlsplit

from selectolax.lexbor import LexborNode

from monitoring.extraction import ExtractionError, markup
from monitoring.extraction.encoding import decode
from monitoring.extraction.languages import LANGUAGES

#: At this score a link is told.
ENOUGH = 3
MOST_LINKS = 4_000  # of a page that are looked at
MOST_FOUND = 60
_MOST_WORDS = 14
_LONGEST_URL = 1_000

# A whole name ("Privacy Policy") says more than a single word that stands alone in a footer ("Privacy").
_NAME = re.compile(
    r"\b(?:privacy|cookies?|data|usage|use|content|security|disclosure|refund|trademark|copyright|safety|conduct|retention|"
    r"deletion|publication|dmca)\W+(?:and\W+\w+\W+)?(?:polic(?:y|ies)|notice|statement|declaration)\b"
    r"|\b(?:terms?|conditions)\W+(?:of|and|&|for)\W+\w+|\b(?:\w+\W+)?(?:terms|policies)$|\bpolicy(?:\W+addendum)?$"
    r"|\bterms\W+\w+\W*$|\b(?:agreement|addendum|eula|dpa|sla)$|\bagreement\b.*\b(?:terms|license)\b"
    r"|\blegal\W+(?:notice|information|agreements?)|\bsub-?processors?(?:\W+list)?$"
    r"|\b(?:community|brand|usage|law\W+enforcement)\W+guidelines$"
    r"|\b(?:responsible|coordinated|vulnerability)\W+(?:vulnerability\W+)?disclosure"
    r"|\b(?:acceptable|prohibited)\W+use"
    r"|\b(?:datenschutz(?:erklärung|hinweise|bestimmungen)|nutzungsbedingungen|geschäftsbedingungen|impressum)\b"
    r"|\b(?:integritetspolicy|användarvillkor|personuppgiftsbiträdesavtal|allmänna\W+villkor|köpvillkor|kakpolicy)\b"
    r"|\b(?:politique|conditions|mentions)\W+(?:de\W+confidentialité|générales|d.utilisation|légales)"
    r"|\b(?:política|aviso|términos|condiciones)\W+(?:de|y|legal)\W*|\b(?:informativa|termini|condizioni)\W+(?:sulla|di|d.uso)"
    r"|(?:隐私|隱私|服务|服務|用户|用戶|使用|个人信息)\w{0,6}(?:政策|协议|協議|条款|條款|规则|声明|指引)|利用規約|プライバシーポリシー"
    r"|개인정보\s*처리방침|이용약관",
    re.IGNORECASE,
)
_WORD_ALONE = re.compile(
    r"^(?:terms|privacy|legal|cookies|policies|conditions|imprint|datenschutz|agb|villkor|integritet|cookies?|"
    r"confidentialité|privacidad|隐私|条款|协议|法律|subprocessors|licen[sc]es?)$",
    re.IGNORECASE,
)
# A list of documents, which is none itself.
_LIST = re.compile(
    r"^(?:(?:site|our|other|all|more|the|legal|terms|\w+ site)\W+)?(?:(?:terms|privacy)\W+(?:and|&)\W+)?"
    r"(?:legal|polic(?:y|ies)|(?:legal\W+)?(?:information|cent(?:er|re)|agreements|documents|hub)|legal\W+terms)$",
    re.IGNORECASE,
)
_LIST_AT = re.compile(r"^(?:legal(?:-?\w+)?|polic(?:y|ies)|terms|site-policy|sections|[\w-]*policies)$", re.IGNORECASE)
# Where something is done, told or archived, not stated.
_NO_NAME = re.compile(
    r"\b(?:settings?|preferences|choices|dashboard|portal|requests?|execute|sign\W?in|log\W?in|previous|earlier|archived?|prior|"
    r"updates?\W+to|changes\W+to|faqs?|overview|blog|news|download|contact|manage|opt.out|webinar|jobs|careers|how\W+to|learn|"
    r"guide\W+to|translat\w+|summary|comparison|compare)\b|@|\?$|^\s*(?:see|view|read)\b",
    re.IGNORECASE,
)
_IN_PATH = re.compile(
    r"(?:^|[-_.])(?:terms|tos|tou|eula|privacy|legal|polic(?:y|ies)|cookies?|dpa|aup|sla|subprocessors?|agreements?|conditions|"
    r"addendum|imprint|impressum|datenschutz\w*|agb|villkor|integritet\w*|confidentialite|privacidad|acceptable|"
    r"disclosure|guidelines|notice|yinsi|xieyi)(?:$|[-_.])",
    re.IGNORECASE,
)
_FOLDER = re.compile(
    r"^(?:legal(?:-?center)?|polic(?:y|ies)|terms|site-policy|law|legal-agreements?|trust)$", re.IGNORECASE
)
_NO_PATH = re.compile(
    r"^(?:blog|news|newsroom|press|posts?|articles?|changelog|careers|jobs|events|webinars|academy|learn|login|signin|sign-in|"
    r"signup|auth|oauth|account|settings|contact|search|tags?|category|pricing|archive[ds]?|previous|history|versions?|"
    r"research|docs?-api|cdn-cgi|share|intent|blob|edit|tree|l\.php|redirect|site-policy-deprecated)$|^\d{4}-\d{2}-\d{2}|-archive[d]?$|^v\d+$|20\d\d-\d\d",
    re.IGNORECASE,
)
_FILES = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|zip|gz|mp4|mp3|xml|json|js|css|ics|docx?|xlsx?|pptx?)$", re.IGNORECASE
)
_LOCALE = re.compile(r"^[a-z]{2}(?:[-_](?:[a-z]{2}|hans|hant|419))?$", re.IGNORECASE)
_NO_LOCALE = frozenset(
    {"ai", "hc", "qa", "us", "tv", "io", "eu", "uk"}
)  # what stands in addresses with another meaning
_TRACKING = re.compile(
    r"^(?:utm_\w+|ref|referrer|source|src|entry_?point|hl|lang|language|locale|gclid|fbclid|mc_\w+|_ga|_gl)$",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"[\(（]?opens? in (?:a )?new (?:window|tab)[\)）]?|[\u200b-\u200f\u2060\ufeff]|[¹²³⁰⁴-⁹]", re.IGNORECASE
)
_LINE = re.compile(r"[\r\n]+")

# The first that fits is the kind (catalogue/vocabulary.py): what is more special stands before what is more general.
_KINDS: dict[str, re.Pattern[str]] = {
    kind: re.compile("|".join(words), re.IGNORECASE)
    for kind, words in {
        "sub-processor-list": (r"sub-?processors?",),
        "service-level-agreement": (r"service.level", r"\bsla\b", r"\bsupport policy"),
        "vulnerability-disclosure-policy": (
            r"(?:responsible|coordinated|vulnerability).{0,20}disclosure",
            r"bug.bounty",
        ),
        "law-enforcement-guidelines": (r"law.enforcement", r"legal.requests", r"government.(?:requests|takedown)"),
        "biometric-notice": (r"biometric",),
        "training-data-disclosure": (r"training.data",),
        "credit-terms": (r"credits?.terms",),
        "cookie-policy": (r"cookies?", r"trackers", r"kakor", r"kakpolicy"),
        "brand-guidelines": (r"\bbrand", r"trademark", r"\blogo\b"),
        "community-guidelines": (r"community.(?:guidelines|standards|rules)", r"code.of.conduct"),
        "business-privacy": (r"(?:business|enterprise|commercial).privacy",),
        "data-processing-agreement": (
            r"data.process",
            r"\bdpa\b",
            r"processing.(?:addendum|agreement)",
            r"biträdesavtal",
            r"auftragsverarb",
        ),
        "acceptable-use-policy": (
            r"acceptable",
            r"prohibited.use",
            r"usage",
            r"\baup\b",
            r"use.polic",
            r"content.policy",
            r"fair.use",
        ),
        "developer-terms": (r"developer", r"\bapi\b", r"\bsdk\b", r"plugin", r"marketplace"),
        "commercial-terms": (
            r"(?:commercial|business|enterprise|corporate|customer|partner|reseller|master|saas).{0,24}(?:terms|agreement)",
            r"services.agreement",
            r"software.as.a.service",
        ),
        "data-practices": (r"data.(?:retention|usage|controls|practices|commitments|security)", r"how.we.use"),
        "privacy-policy": (
            r"privacy",
            r"datenschutz",
            r"integritet",
            r"confidentialité",
            r"privacidad",
            r"privacidade",
            "隐私",
            "隱私",
            "个人信息",
            "プライバシー",
            "개인정보",
        ),
        "product-terms": (
            r"(?:additional|supplemental|product|specific|service|beta|preview|connector\w*).{0,12}terms",
        ),
        "terms-of-service": (
            r"terms",
            r"\btos\b",
            r"\beula\b",
            r"\bagreement",
            r"conditions",
            r"nutzungsbed",
            r"geschäftsbed",
            r"villkor",
            r"términos",
            r"termini",
            "协议",
            "協議",
            "条款",
            "條款",
            "規約",
            "약관",
        ),
    }.items()
}
# What says nothing by itself: the address then says what the document is called.
_NO_TITLE = re.compile(
    r"^(?:(?:this|these|that|the|our|full)\W+)?(?:click )?(?:here|version|page|article|link|document|website|terms|"
    r"policy|this)(?:\W+of\W+(?:use|service))?$|^https?:|^\w+(?:\.\w+)+/",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LegalLink:
    """``url`` is absolute and without a fragment, ``text`` what the link is called, ``title`` what the document may be called.
    ``kind`` (a slug of the catalogue's kinds) and ``language`` are guesses too, or "". ``score`` is `ENOUGH` or more."""

    url: str
    text: str
    title: str
    kind: str
    language: str
    score: int


def legal_links(
    content: bytes, *, base_url: str, charset: str | None = None, hosts: Collection[str] = ()
) -> list[LegalLink]:
    """Links of an HTML page to legal documents on its own host or on one of ``hosts`` (their parents and children included),
    each address once, in the order of the page. Nothing for a page that can't be parsed within our limits."""
    try:
        tree = markup.parse(decode(content, charset=charset).text)
    except ExtractionError:
        return []
    base = _base(tree.css_first("base[href]"), base_url)
    homes = {_bare(host) for host in hosts} | {_bare(_host(base_url))}
    found: dict[str, LegalLink] = {}
    for node in tree.css("a[href]")[:MOST_LINKS]:
        link = _judge(node, base, homes)
        if link is None:
            continue
        key = address_key(link.url)
        if key == address_key(base_url):
            continue
        before = found.get(key)
        if before is None or link.score > before.score:
            found[key] = link
    return list(found.values())[:MOST_FOUND]


def address_key(url: str) -> str:
    """What two addresses of one text share: the host without www, the path without case and language, no trackers."""
    parts = urlsplit(urldefrag(url)[0])
    segments = [part for part in unquote(parts.path).lower().split("/") if part and not _is_locale(part)]
    asked = sorted((name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.match(name))
    return _bare(_host(url)) + "/" + "/".join(segments) + (f"?{urlencode(asked)}" if asked else "")


def guess_kind(text: str, url: str) -> str:
    """The kind of document that a name speaks of, else its address; "" where neither does."""
    words = unquote(urlsplit(url).path).replace("-", " ").replace("_", " ").replace("/", " ")
    for source in (text, words):
        for kind, pattern in _KINDS.items():
            if pattern.search(source):
                return kind
    return ""


def _judge(node: LexborNode, base: str, homes: set[str]) -> LegalLink | None:
    href = (node.attributes.get("href") or "").strip()
    if not href or href.startswith("#") or len(href) > _LONGEST_URL:
        return None
    try:
        url = urldefrag(urljoin(base, href))[0]
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port  # asking for it checks it
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or parts.username or not _is_home(_bare(host), homes):
        return None
    text = _name(node)
    score = _score(text, parts.path)
    if score < ENOUGH:
        return None
    return LegalLink(
        url, text[:200], _title(text, parts.path)[:200], guess_kind(text, url), _language(node, parts.path), score
    )


def _score(text: str, path: str) -> int:
    """Three for a name, two for a word alone; two for a word in the address, one more for a folder of legal texts."""
    segments = [part for part in unquote(path).split("/") if part and not _is_locale(part)]
    if not segments or _FILES.search(segments[-1]) or any(_NO_PATH.search(part) for part in segments):
        return 0
    last = re.sub(r"\.(?:html?|php|aspx?|pdf)$", "", segments[-1])
    if _NO_NAME.search(text) or (_LIST.match(text) and _LIST_AT.match(last)):
        return 0
    score = 0
    if len(text.split()) <= _MOST_WORDS:
        score += 3 if _NAME.search(text) else 2 if _WORD_ALONE.match(text) else 0
    if _IN_PATH.search(last):
        score += 2
    if len(segments) > 1 and any(_FOLDER.match(part) for part in segments[:-1]):
        score += 1
    return score


def _name(node: LexborNode) -> str:
    """What the link is called: the first line of it (a card goes on with a description), or its label."""
    lines = _LINE.split(node.text(separator="\n", strip=False))
    for line in (*lines, node.attributes.get("aria-label") or "", node.attributes.get("title") or ""):
        words = " ".join(_OPENS.sub(" ", line).split()).strip(" .,;:·•|–—-›»→")
        if words:
            whole = " ".join(_OPENS.sub(" ", " ".join(lines)).split())
            return whole if len(whole.split()) <= _MOST_WORDS else words
    return ""


def _title(text: str, path: str) -> str:
    """The words of the link, or those of its address where they say nothing."""
    if text and not _NO_TITLE.match(text):
        return text.strip("《》“”\"'")
    segments = [part for part in unquote(path).split("/") if part]
    words = re.sub(r"\.\w{2,5}$", "", segments[-1] if segments else "").replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words else text


def _language(node: LexborNode, path: str) -> str:
    said = node.attributes.get("hreflang") or node.attributes.get("lang") or ""
    if not said:
        said = next((part for part in path.split("/") if _is_locale(part)), "")
    language = said.replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else ""


def _is_locale(segment: str) -> bool:
    return bool(_LOCALE.match(segment)) and segment.lower() not in _NO_LOCALE


def _base(node: LexborNode | None, url: str) -> str:
    try:
        return urljoin(url, (node.attributes.get("href") or "") if node is not None else "")
    except ValueError:
        return url


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _bare(host: str) -> str:
    return host.partition(":")[0].lower().removeprefix("www.")


def _is_home(host: str, homes: set[str]) -> bool:
    """The same host, or one below or above it."""
    return any(
        host == home or host.endswith(f".{home}") or (home.endswith(f".{host}") and "." in host)
        for home in homes
        if home
    )
