"""Pages that sites show in place of a document, and documents, all written for these tests."""

from __future__ import annotations

CLAUSES = (
    "You may use the service only in accordance with these terms and with the applicable law.",
    "We may suspend or terminate your access where you violate this agreement or put other users at risk.",
    "You are responsible for the content that you submit and for the rights of third parties in it.",
    "To the extent that the law permits, our liability is limited to the fees that you paid in twelve months.",
    "We grant you a license that is not exclusive and that you must not transfer to anybody else.",
    "You agree to indemnify us against claims that arise from your breach of these provisions.",
    "This agreement is subject to the law of the country in which we have our registered office.",
    "We will give notice of a change of these terms thirty days before it takes effect.",
)
PRIVACY = (
    "We collect the personal information that you provide when you register and when you use the service.",
    "We retain your personal data only as long as we need it for the purposes that this policy names.",
    "We share personal information with third parties that process it on our behalf and under our instructions.",
    "You have the right to access, to correct and to delete your personal data, and to withdraw your consent.",
    "We disclose data to authorities where a law or a court obliges us to do so.",
    "You may lodge a complaint with the authority for data protection of the country in which you live.",
)
SWEDISH = (
    "Vi behandlar dina personuppgifter för att kunna tillhandahålla tjänsten som du har valt att använda.",
    "Du har rätt att begära att vi rättar eller raderar de uppgifter som vi har om dig enligt lagen.",
    "Avtalet gäller tills vidare och du kan säga upp det när som helst med en månads uppsägningstid.",
    "Vårt ansvar är begränsat till det belopp som du har betalat till oss under de senaste tolv månaderna.",
)
OFFERS = (
    "Meet the fastest way to write, plan and create with your team, wherever the day takes you.",
    "Start from a blank page and end with a story that everybody wants to read to the end.",
    "Bring your ideas to life in minutes with templates made by people who love beautiful things.",
    "Join thousands of happy creators who save hours every week and never look back.",
)


def page(body: str, *, title: str = "Example", head: str = "", lang: str = "en") -> bytes:
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body><header><a href='/'>Example</a></header>{body}<footer>Imprint</footer></body></html>"
    ).encode()


def document(
    heading: str = "Terms of Service", clauses: tuple[str, ...] = CLAUSES, *, times: int = 4, body: str = ""
) -> bytes:
    """A document: each clause comes ``times`` times, each time in a section of its own."""
    sections = "".join(
        f"<h2>{number}. Part {number}</h2>"
        + "".join(f"<p>{clause} ({number}.{index})</p>" for index, clause in enumerate(clauses, 1))
        for number in range(1, times + 1)
    )
    return page(f"<main><h1>{heading}</h1>{sections}</main>{body}", title=heading)


CHALLENGE = page(
    "<h1>One moment</h1><p>We are checking your browser before you reach the site.</p>"
    "<form id='challenge-form' action='/verify'></form><noscript>Enable JavaScript and cookies to continue</noscript>",
    title="Just a moment...",
)
CAPTCHA = page("<div class='h-captcha'></div><p>Please verify you are human to go on.</p>", title="Security check")
LOGIN = page(
    "<main><h1>Sign in</h1><form><input name=email><input type=password name=password><a href='/f'>Forgot password?</a>"
    "</form></main>",
    title="Sign in - Example",
)
CONSENT = page(
    "<h1>We value your privacy</h1><p>We and our 812 partners store and access information on a device, such as cookies, and "
    "process personal data, for personalised advertising. With your consent we and our partners may use it.</p>"
    "<button>Accept all</button><button>Manage options</button>"
)
MAINTENANCE = page("<h1>We'll be back soon</h1><p>Example is down for maintenance. Thank you for your patience.</p>")
NOT_FOUND = page(
    "<h1>Page not found</h1><p>The page you are looking for doesn't exist or has been moved.</p>", title="404"
)
CRASHED = page("<h2>Application error: a client-side exception has occurred.</h2>", title="")
BROKEN = page("<h1>500</h1><h2>Internal Server Error</h2>")
BLOCKED = page("<h1>Access denied</h1><p>You don't have permission to access this resource. Reference 18.2a</p>")
COUNTRY = page("<h2>Example isn't available in your country yet</h2><a href='/help'>Visit the help center</a>")
SHELL = page(
    "<div id='root'></div><noscript>You need to enable JavaScript to run this app.</noscript><script src='/a.js'></script>"
)
BARE_SHELL = page("<div id='app'></div><script src='/a.js'></script>", title="Terms of Service")
REDIRECT = page("<p>Redirecting to legal.example.com</p><script>location = '/x'</script>")
REFRESH = page("", head="<meta http-equiv='refresh' content='0; url=/elsewhere'>")
BLANK = b"<!doctype html><html><head><title></title></head><body></body></html>"
HEADING_ONLY = page(
    "<main><h1>Terms of Service</h1><p>Last updated: May 1, 2024</p></main><script src='/a.js'></script>"
)
PRODUCT = page(
    "<main><h1>Create more</h1>" + "".join(f"<p>{offer}</p>" for offer in OFFERS * 6) + "</main>", title="Create"
)
LIST = page(
    "<main><h1>Legal</h1><p>All of our documents in one place.</p><ul>"
    + "".join(
        f"<li><a href='/{number}'>{name}</a></li>"
        for number, name in enumerate(
            (
                "Terms of Service",
                "Privacy Policy",
                "Cookie Policy",
                "Data Processing Agreement",
                "Usage Policy",
                "Legal Notice",
            )
        )
    )
    + "</ul></main>",
    title="Legal - Example",
)
