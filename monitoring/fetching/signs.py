"""The signs by which a page is told from a document: phrases of failures and the language of legal texts.

General phrases only. None of them names a platform, and each says in which languages it is looked for.
"""

from __future__ import annotations

import re

from monitoring.fetching.outcomes import Reason


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


CHALLENGE = _any(
    r"\bjust a moment\b",
    r"checking (?:if the site connection is secure|your browser)",
    r"verify(?:ing)? (?:that )?you are (?:a )?human",
    r"are you (?:a )?(?:human|robot)",
    r"i'?m not a robot",
    r"complete the (?:security check|captcha)",
    r"security (?:check|verification)\b",
    r"unusual (?:traffic|activity) from your",
    r"enable javascript and cookies to continue",
    r"needs to review the security of your connection",
    r"attention required!",
    r"press (?:and|&) hold",
    r"\bcaptcha\b",
    r"ddos protection",
    r"bot (?:protection|detection)",
    r"pardon our interruption",
    r"vérifi(?:er|ez|cation) que vous (?:êtes|n'êtes)",
    r"sind sie ein mensch",
    r"verifica(?:r|ndo) que (?:eres|é) humano",
    r"人机验证",
    r"安全验证",
)
BLOCK = _any(
    r"\baccess (?:to this (?:page|resource|site|website) )?(?:has been |is |was )?denied\b",
    r"you (?:have been|are|were) blocked",
    r"\bforbidden\b",
    r"(?:isn[’']t|is not|not) (?:yet )?(?:available|accessible|supported|offered)"
    r" in your (?:country|region|location|area)",
    r"(?:unavailable|restricted|blocked) in your (?:country|region|location|area)",
    r"unavailable for legal reasons",
    r"request (?:was |has been )?blocked",
    r"you don[’']t have permission to access",
    r"not authorized to (?:view|access)",
    r"zugriff verweigert",
    r"accès (?:refusé|interdit)",
    r"acceso denegado",
    r"åtkomst nekad",
    r"禁止访问",
    r"访问被拒绝",
)
LOGIN = _any(
    r"\b(?:log|sign) ?in to (?:continue|view|access|see|proceed)",
    r"(?:please|you must|you need to) (?:log|sign) ?in",
    r"(?:log|sign)(?:ed)? ?in (?:is )?required",
    r"^(?:log ?in|sign ?in|log on)\b",
    r"welcome back",
    r"continue with (?:google|email|sso)",
    r"forgot (?:your )?password",
    r"bitte melden sie sich an",
    r"^anmelden\b",
    r"connectez-vous",
    r"^connexion\b",
    r"inicia(?:r)? sesión",
    r"logga in för att",
    r"请(?:先)?登录",
)
CONSENT = _any(
    r"we (?:care about|value) your privacy",
    r"(?:accept|agree to) (?:all )?cookies",
    r"before you continue",
    r"(?:and|our) (?:\d+ )?partners (?:store|process|access|use)",
    r"manage (?:your )?(?:consent|preferences|cookies|options)",
    r"cookie (?:consent|preferences|settings)",
    r"legitimate interest",
    r"consent to (?:the use of )?cookies",
    r"wir schätzen ihre privatsphäre",
    r"respectons votre vie privée",
    r"vi värnar om din integritet",
    r"su privacidad es importante",
)
NOT_FOUND = _any(
    r"\b404\b",
    r"(?:page|document|content|article|site|url|resource) "
    r"(?:could ?n[o’']t be|could not be|cannot be|can[’']t be|was not|wasn[’']t|not) found",
    r"page (?:you (?:are|were) looking for|you requested)"
    r" (?:does ?n[o’']t|doesn[’']t|could not|cannot|can[’']t|is ?n[o’']t|isn[’']t|no longer|has been|was)",
    r"(?:can[’']t|cannot|could ?n[o’']t|couldn[’']t) find (?:the|that|this|your) (?:page|document)",
    r"(?:page|link) (?:may have been|has been|was) (?:moved|removed|deleted)",
    r"link (?:may be|is|might be) broken",
    r"no longer (?:available|exists)",
    r"(?:page|document) does(?: not|n[’']t) exist",
    r"nothing (?:was )?found here",
    r"(?:this|the) (?:page|document) (?:is missing|has been withdrawn)",
    r"seite (?:wurde )?nicht gefunden",
    r"page (?:introuvable|non trouvée)",
    r"página no encontrada",
    r"pagina non trovata",
    r"página não encontrada",
    r"pagina niet gevonden",
    r"sidan (?:kunde inte hittas|hittades inte|finns inte)",
    r"页面不存在",
    r"找不到(?:该|此)?页面",
    r"ページが見つかりません",
    r"페이지를 찾을 수 없",
)
MAINTENANCE = _any(
    r"(?:under|down for|undergoing|scheduled|planned) maintenance",
    r"maintenance (?:mode|in progress|work)",
    r"we[’']ll be (?:right )?back (?:soon|shortly)",
    r"be back (?:soon|shortly)",
    r"temporarily (?:unavailable|offline|down) (?:for|due to)",
    r"wartungsarbeiten",
    r"(?:en|in) (?:maintenance|mantenimiento|manutenzione)",
    r"underhåll",
    r"系统维护",
    r"正在维护",
)
ERROR = _any(
    r"application error",
    r"internal server error",
    r"bad gateway",
    r"gateway time-?out",
    r"service (?:is )?(?:temporarily )?unavailable",
    r"\b50[0-4]\b",
    r"(?:an )?(?:unexpected|unknown|internal|technical) error",
    r"error (?:has )?occurred",
    r"something (?:went|has gone) wrong",
    r"(?:page|content|site|website) (?:isn[’']t|is not|is currently|is temporarily|is) (?:un)?available",
    r"(?:not|un)available (?:at the moment|right now)",
    r"try (?:again|reloading|refreshing)",
    r"client-side exception",
    r"page contains the following errors",
    r"too many requests",
    r"rate limit",
    r"connection (?:timed out|refused)",
    r"fatal error",
    r"ein (?:unerwarteter )?fehler ist aufgetreten",
    r"une erreur (?:est survenue|s'est produite)",
    r"algo salió mal",
    r"ett fel (?:har )?(?:inträffat|uppstod)",
    r"något gick fel",
    r"出错了",
    r"服务器错误",
    r"系统繁忙",
    r"エラーが発生",
)
SHELL = _any(
    r"(?:enable|turn on|requires?|need(?:s)?(?: to enable)?|activate) javascript",
    r"javascript (?:is|to be) (?:disabled|required|enabled|not enabled)",
    r"^redirecting\b",
    r"^loading\b",
    r"redirecting (?:you )?to",
    r"doesn[’']t work (?:properly )?without javascript",
    r"you will be redirected",
    r"javascript (?:aktivieren|muss)",
    r"activer javascript",
    r"加载中",
    r"正在加载",
    r"启用 ?javascript",
)

#: In the order in which they are asked: a page of several signs is what the first of them says.
PHRASES: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (Reason.CHALLENGE, CHALLENGE),
    (Reason.BLOCK, BLOCK),
    (Reason.MAINTENANCE, MAINTENANCE),
    (Reason.SOFT_404, NOT_FOUND),
    (Reason.ERROR, ERROR),
    (Reason.LOGIN, LOGIN),
    (Reason.CONSENT, CONSENT),
    (Reason.JS_SHELL, SHELL),
)

#: Names that challenge pages give to their forms, frames and scripts.
CHALLENGE_MARKS = frozenset(
    """cf-challenge challenge-form challenge-running challenge-error-text cf-browser-verification cf-turnstile h-captcha
    g-recaptcha hcaptcha px-captcha captcha-container challenge-platform ddos-guard aws-waf-token
    challenge-container""".split()
)

#: What legal prose is made of, each with a rough weight of one. English first, then others that documents came in.
LEGAL = _any(
    r"\b(?:you|user|customer|licensee|party|parties|we|company)"
    r" (?:may not|may|must|shall|agree|acknowledge|will not|are responsible|are not permitted|hereby)\b",
    r"\bshall\b",
    r"\bhereby\b",
    r"\bherein\b",
    r"\bpursuant\b",
    r"\bin accordance with\b",
    r"\bsubject to\b",
    r"\bliab(?:le|ility|ilities)\b",
    r"\bindemnif\w+",
    r"\bwarrant(?:y|ies)\b",
    r"\bgoverning law\b",
    r"\bjurisdiction\b",
    r"\barbitration\b",
    r"\bapplicable law\b",
    r"\bterminat(?:e|ion)\b",
    r"\bintellectual property\b",
    r"\blicen[sc]e\b",
    r"\bthird[- ]part(?:y|ies)\b",
    r"\bpersonal (?:data|information)\b",
    r"\bprocess(?:ing|or|ors)? (?:of )?(?:your |personal )?(?:data|information)\b",
    r"\bdata (?:controller|protection|subject|processor)\b",
    r"\b(?:we|to) (?:collect|share|disclose|retain)\b",
    r"\bretention\b",
    r"\bconsent\b",
    r"\bcompl(?:y|iance)\b",
    r"\bprohibited\b",
    r"\brights?\b",
    r"\bobligations?\b",
    r"\bconfidential\w*",
    r"\bpolic(?:y|ies)\b",
    r"\bagreement\b",
    r"\bterms\b",
    r"\bprovisions?\b",
    r"\bcookies?\b",
    r"\blegal\b",
    r"\bdisclos\w+",
    r"\bviolat\w+",
    r"\bnotice\b",
    r"\bservice credits?\b",
    r"\byour (?:data|content|information|privacy|personal)\b",
    r"\bregister(?:ed)? (?:office|number)\b",
    r"\bpublisher\b",
    r"\bpersonuppgift\w*",
    r"\bavtal\w*",
    r"\bansvar\w*",
    r"\bpersonenbezogen\w+",
    r"\bhaftung\w*",
    r"\bverantwortlich\w*",
    r"\bdatenschutz\w*",
    r"\bvertrag\w*",
    r"\bdonnées (?:à caractère )?personnel\w*",
    r"\bresponsab\w+",
    r"\bcontrat\w*",
    r"\bdatos personales\b",
    r"\bcondiciones\b",
    r"\bdati personali\b",
    r"\bdados pessoais\b",
    r"\bpersoonsgegevens\b",
    "个人信息",
    "您(?:应|不得|同意|理解|有权)",
    "我们(?:会|将|可能|收集)",
    "隐私",
    "协议",
    "责任",
    "法律",
    "用户(?:应|不得)",
    "个人情報",
    "利用規約",
    "개인정보",
    "약관",
)

#: Names of documents, as a list of them has in each line.
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
