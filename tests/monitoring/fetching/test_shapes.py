"""Further looks of each failure, after what is publicly known of their shape, and documents that only speak of them."""

from __future__ import annotations

import pytest

from monitoring.extraction import extract
from monitoring.fetching import classify

from . import shown

TERMS = extract(shown.document(), media_type="text/html")

FAILURES = {
    "challenge by a script of a proxy": (
        "challenge",
        shown.page(
            "<div id='cf-wrapper'><h2>Verify you are human by completing the action below.</h2></div>"
            "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script>",
            title="Just a moment...",
        ),
    ),
    "challenge with a picture puzzle": (
        "challenge",
        shown.page("<h1>Are you a robot?</h1><div class='g-recaptcha'></div>", title="Robot check"),
    ),
    "login with a code by mail": (
        "login",
        shown.page(
            "<main><h1>Log in to your account</h1><input type=email><button>Go on</button></main>", title="Log in"
        ),
    ),
    "login in German": (
        "login",
        shown.page("<main><h1>Anmelden</h1><input name=n><input type=password></main>", title="Anmelden", lang="de"),
    ),
    "maintenance with an hour": (
        "maintenance",
        shown.page("<h1>Scheduled maintenance</h1><p>We expect to be back at 14:00 UTC.</p>", title="Maintenance"),
    ),
    "maintenance in German": (
        "maintenance",
        shown.page("<h1>Wartungsarbeiten</h1><p>Wir sind bald wieder da.</p>", title="Wartungsarbeiten", lang="de"),
    ),
    "maintenance under the number of its status": (
        "maintenance",
        shown.page(
            "<h1>503</h1><p>We are performing maintenance at the moment.</p>", title="503 - Service Unavailable"
        ),
    ),
    "maintenance in one word": (
        "maintenance",
        shown.page("<div>Site maintenance</div><div>The site will be back online shortly.</div>", title="Maintenance"),
    ),
    "soft 404 in German": ("soft_404", shown.page("<h1>Seite nicht gefunden</h1>", title="404", lang="de")),
    "soft 404 in French": ("soft_404", shown.page("<h1>Page introuvable</h1>", title="Erreur 404", lang="fr")),
    "soft 404 in Spanish": ("soft_404", shown.page("<h1>Página no encontrada</h1>", title="404", lang="es")),
    "error of a gateway": ("error", shown.page("<h1>502 Bad Gateway</h1><hr><p>nginx</p>", title="502 Bad Gateway")),
    "error with an apology": ("error", shown.page("<h1>Something went wrong</h1><p>Please try again later.</p>")),
    "block by a firewall": (
        "block",
        shown.page("<h1>Sorry, you have been blocked</h1><p>You are unable to access this site.</p>"),
    ),
    "shell of an application": ("js_shell", shown.page("<app-root></app-root><script src='/main.js'></script>")),
    "shell with its data inside": (
        "js_shell",
        shown.page(
            "<div id='__next'></div><script id=__NEXT_DATA__ type=application/json>{}</script><script src=/n.js></script>"
        ),
    ),
    "consent in a dialogue over an empty page": (
        "consent",
        shown.page(
            "<div id=root></div><div role=dialog><h2>We value your privacy</h2><p>We and our partners store cookies.</p>"
            "<button>Accept all</button></div><script src='/a.js'></script>"
        ),
    ),
    "consent in German": (
        "consent",
        shown.page(
            "<h1>Wir schätzen Ihre Privatsphäre</h1><p>Wir und unsere Partner speichern Daten auf Ihrem Gerät.</p>"
            "<button>Alle akzeptieren</button>",
            lang="de",
        ),
    ),
    "blank by a space": ("blank", b" \n "),
    "truncated behind its heading": (
        "truncated",
        b"<!doctype html><html><head><title>Terms</title></head><body><main><h1>Terms of Service</h1><p>Wel",
    ),
}

NEAR_MISSES = {
    "security policy on challenges and robots": (
        "Security Policy",
        ("You must not use a robot to circumvent a challenge; we may ask you to verify that you are human.",),
    ),
    "privacy policy with a part on signing in": (
        "Privacy Policy",
        (
            "When you sign in we collect your password in a form that nobody can read, and personal data of your account.",
        ),
    ),
    "cookie policy with words of consent": (
        "Cookie Policy",
        ("We and our partners store cookies with your consent; you may accept all or manage your personal options.",),
    ),
    "terms with windows of maintenance": (
        "Terms of Service",
        ("The service may be unavailable in windows of scheduled maintenance, for which we accept no liability.",),
    ),
    "terms on links that are broken": (
        "Terms of Service",
        ("Where a page is not found or a link may be broken, we are not liable for it, and this agreement stands.",),
    ),
    "terms on what is no longer there": (
        "Terms of Service",
        (
            "Content that is no longer available or a page that was removed gives you no right to terminate this agreement.",
        ),
    ),
    "terms on errors": (
        "Terms of Service",
        ("If an error occurred or something went wrong with your order, you agree to give us notice within ten days.",),
    ),
    "terms on access that was denied": (
        "Terms of Service",
        (
            "Access denied for a violation of these terms, or a request that was blocked, gives you no right to a refund.",
        ),
    ),
    "terms on countries where it is not available": (
        "Terms of Service",
        ("The service isn't available in your country where the law does not permit it, and you agree to this.",),
    ),
}


GERMAN = (
    "Wir verarbeiten personenbezogene Daten nur, soweit dies für die Erfüllung des Vertrags mit Ihnen erforderlich ist.",
    "Die Haftung für leichte Fahrlässigkeit ist auf den Schaden begrenzt, der nach dem Vertrag vorhersehbar war.",
    "Sie sind für die Inhalte verantwortlich, die Sie mit dem Dienst verarbeiten, und für die Rechte anderer daran.",
    "Der Vertrag kann von beiden Seiten mit einer Frist von einem Monat zum Ende des Monats gekündigt werden.",
)
FRENCH = (
    "Nous traitons vos données à caractère personnel pour l'exécution du contrat que vous avez conclu avec nous.",
    "Vous êtes responsable des contenus que vous transmettez par le service et des droits des tiers sur ces contenus.",
    "Le contrat est conclu pour une durée indéterminée et peut être résilié par chacune des parties à tout moment.",
    "Notre responsabilité est limitée au montant que vous avez payé pour le service pendant les douze derniers mois.",
)
CHINESE = (
    "您应当按照本协议的约定使用我们的服务，并对您的账号和密码的安全承担责任。",
    "我们会依照法律收集和使用您的个人信息，未经您的同意不会向第三方提供您的个人信息。",
    "用户不得利用本服务从事违反法律的活动，否则我们将有权终止向您提供服务。",
    "本协议的订立和执行均适用法律，由此产生的争议由有管辖权的法院解决。",
)


@pytest.mark.parametrize(
    ("heading", "clauses"),
    [("Nutzungsbedingungen", GERMAN), ("Conditions générales", FRENCH), ("用户协议", CHINESE)],
    ids=["German", "French", "Chinese"],
)
def test_the_document_in_another_language_is_named_so(heading: str, clauses: tuple[str, ...]) -> None:
    reading = classify(
        shown.document(heading, clauses, times=6),
        status=200,
        media_type="text/html",
        url="https://example.com/terms",
        final_url="https://example.com/terms",
        previous=TERMS,
        expected_kind="terms-of-service",
    )
    assert reading.outcome == "wrong_language"


@pytest.mark.parametrize("remembered", [False, True], ids=["first time", "read before"])
@pytest.mark.parametrize("look", FAILURES)
def test_each_look_of_a_failure_is_named(look: str, remembered: bool) -> None:
    reason, content = FAILURES[look]
    reading = classify(
        content,
        status=200,
        media_type="text/html",
        url="https://example.com/terms",
        final_url="https://example.com/terms",
        previous=TERMS if remembered else None,
        expected_kind="terms-of-service",
    )
    assert reading.outcome == reason


@pytest.mark.parametrize("look", NEAR_MISSES)
@pytest.mark.parametrize("times", [1, 4])
def test_a_document_that_speaks_of_a_failure_stays_a_document(look: str, times: int) -> None:
    heading, own = NEAR_MISSES[look]
    reading = classify(
        shown.document(heading, own + shown.CLAUSES, times=times),
        status=200,
        media_type="text/html",
        url="https://example.com/x",
        final_url="https://example.com/x",
        expected_kind=heading,
    )
    assert reading.outcome == "document"
