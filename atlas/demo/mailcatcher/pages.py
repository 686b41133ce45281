"""The web pages of the mail catcher: the list, one mail as text and as HTML, its source, and everything as JSON."""

import re
from html import escape

from atlas.demo.mailcatcher.mailbox import ADDRESS, Caught, Mailbox
from atlas.demo.plainhttp import PlainServer, Request, Response, as_json, html, see_other
from atlas.demo.plainpage import plain_page

# A caught mail is foreign: it may style itself and open links in a new tab, and do nothing else.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'"
SHOWN_HEADERS = ("From", "To", "Delivered-To", "Date", "Reply-To", "List-Unsubscribe", "Message-ID")


class MailPages:
    """Answers requests about one mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def server(self, host: str, port: int) -> PlainServer:
        """A bound server (port 0 takes a free one) that has yet to serve."""
        return PlainServer(self.answer, host, port)

    def answer(self, request: Request) -> Response:
        match request.method, request.path.strip("/").split("/"):
            case "GET", [""]:
                return _page("Caught mail", self._list(request.query.get("to", "")))
            case "GET", ["messages.json"]:
                mails = self._mailbox.newest_first(to=request.query.get("to", ""))
                return as_json([as_facts(mail) for mail in mails])
            case "GET", ["messages", number, *view] if number.isdecimal():
                mail = self._mailbox.get(int(number))
                return _mail(mail, view) if mail else _page("No such mail", "<h1>No such mail</h1>", 404)
            case "POST", ["delete"]:
                self._mailbox.empty()
                return see_other("/")
            case "DELETE", ["messages"]:
                self._mailbox.empty()
                return as_json([])
        return _page("Nothing here", '<h1>Nothing here</h1><p><a href="/">All mails</a></p>', 404)

    def _list(self, to: str) -> str:
        mails = self._mailbox.newest_first(to=to)
        for_whom = f' for {escape(to)} (<a href="/">all</a>)' if to else ""
        head = (
            f"<h1>Caught mail</h1>\n<p>{len(mails)} mails{for_whom}, newest first. None of them left this machine.</p>"
        )
        if not mails:
            return f'{head}<p class="muted">Nothing yet. <a href="">Look again</a></p>'
        rows = "\n".join(_row(mail) for mail in mails)
        return f'{head}\n{rows}\n<form method="post" action="/delete"><button>Delete all</button></form>'


def as_facts(mail: Caught) -> dict[str, object]:
    """A mail as JSON-ready facts."""
    return {
        "id": mail.number,
        "caught_at": mail.caught_at.isoformat(),
        "from": mail.sender,
        "to": mail.recipients,
        "subject": mail.subject,
        "headers": [[name, str(value)] for name, value in mail.message.items()],
        "text": mail.text,
        "html": mail.html,
        "links": mail.links,
    }


def _page(title: str, body: str, status: int = 200) -> Response:
    return html(plain_page(title, body), status, {"Content-Security-Policy": PAGE_POLICY})


def _row(mail: Caught) -> str:
    to = ", ".join(f'<a href="/?to={escape(address)}">{escape(address)}</a>' for address in mail.recipients)
    return f"""<article>
<h3><a href="/messages/{mail.number}">{escape(mail.subject) or "(no subject)"}</a></h3>
<p class="muted">{mail.caught_at:%-d %B %Y, %H:%M:%S} UTC, to {to}</p>
</article>"""


def _mail(mail: Caught, view: list[str]) -> Response:
    match view:
        case []:
            return _page(mail.subject, _one(mail))
        case ["html"] if mail.html:
            return html(_opening_links_elsewhere(mail.html), headers={"Content-Security-Policy": MAIL_POLICY})
        case ["source"]:
            return Response(200, mail.content, "text/plain; charset=utf-8", {"X-Content-Type-Options": "nosniff"})
    return _page("No such view", "<h1>This mail has no such part</h1>", 404)


def _one(mail: Caught) -> str:
    headers = "".join(
        f"<div><dt>{name}</dt><dd>{_with_links(str(value))}</dd></div>\n"
        for name in SHOWN_HEADERS
        for value in mail.message.get_all(name, [])
    )
    parts = [
        f'<p><a href="/">All mails</a> · <a href="/messages/{mail.number}/source">Source</a></p>',
        f"<h1>{escape(mail.subject) or '(no subject)'}</h1>\n<dl>{headers}</dl>",
        _one_click(mail),
    ]
    if mail.html:
        parts.append(
            f'<h2>As HTML</h2>\n<iframe src="/messages/{mail.number}/html" title="The mail as HTML" '
            'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
        )
    if mail.text:
        parts.append(f"<h2>As text</h2>\n<pre>{_with_links(mail.text)}</pre>")
    return "\n".join(parts)


def _one_click(mail: Caught) -> str:
    """The button that a mail program shows for RFC 8058: one POST, no question."""
    address = ADDRESS.search(str(mail.message.get("List-Unsubscribe", "")))
    if address is None or "List-Unsubscribe-Post" not in mail.message:
        return ""
    return (
        f'<form method="post" target="_blank" action="{escape(address[0])}">'
        '<input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button></form>'
    )


def _with_links(text: str) -> str:
    parts, end = [], 0
    for found in ADDRESS.finditer(text):
        address = escape(found[0])
        parts.append(f'{escape(text[end : found.start()])}<a href="{address}">{address}</a>')
        end = found.end()
    return "".join(parts) + escape(text[end:])


def _opening_links_elsewhere(markup: str) -> str:
    """The mail's HTML with its links aimed at a new tab, since the frame that shows it can't leave its place."""
    base = '<base target="_blank">'
    inserted, times = re.subn(r"(?i)<head(\s[^>]*)?>", lambda head: head[0] + base, markup, count=1)
    return inserted if times else base + markup
