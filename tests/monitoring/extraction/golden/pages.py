"""Pages of many shapes, written for the corpus: media type and bytes."""

from __future__ import annotations

import codecs

from tests.monitoring.extraction.pdfs import pdf_of

_HTML = "text/html; charset=utf-8"
_TERMS = """<h2>1. Using the service</h2><p>You may use the service only as these terms allow.</p>
<h2>2. Fees</h2><p>You pay the fees in advance. We may raise them on thirty days' notice.</p>"""
_LONG = "You may use the service only as these terms allow and only as long as you have an ac-"


def _page(body: str, *, head: str = "<title>Terms of Wrenfold</title>") -> tuple[str, bytes]:
    return _HTML, f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>".encode()


PAGES: dict[str, tuple[str, bytes]] = {
    "plain-article": _page(f"<main><h1>Terms</h1><p>Last updated: May 1, 2024</p>{_TERMS}</main>"),
    "furniture": _page(
        f"""<header><nav><a href=/>Home</a> <a href=/a>About</a></nav></header><div class=cookie-banner><p>We use
        cookies.</p><button>Accept all</button></div><main><h1>Terms</h1>{_TERMS}<div class=share><a href=#>Share</a>
        </div><p>Was this helpful?</p></main><footer><a href=/t>Terms</a> <a href=/p>Privacy</a> © Wrenfold</footer>"""
    ),
    "definition-list": _page(
        """<h1>Definitions</h1><dl><dt>Service</dt><dd>What we offer.</dd><dt>Content</dt><dt>Material</dt>
        <dd>What you upload.</dd><dd>What others upload.</dd></dl>"""
    ),
    "nested-lists": _page(
        """<h1>Duties</h1><ol type=a><li>You pay:<ol type=i><li>in advance</li><li>in euros<ul><li>or in dollars</li>
        </ul></li></ol></li><li>You keep your password to yourself.</li></ol><ol start=4><li>Fourth</li></ol>"""
    ),
    "paragraphs-in-items": _page("<h1>Items</h1><ul><li><p>One.</p><p>More of one.</p></li><li><b>Two</b>: more</li></ul>"),
    "details": _page(f"<h1>Terms</h1><details><summary>Summary of fees</summary><p>You pay monthly.</p></details>{_TERMS}"),
    "hidden-tabs": _page(
        f"""<h1>Terms</h1><div role=tablist><button role=tab aria-controls=eu>Europe</button><button role=tab
        aria-controls=us>America</button></div><div role=tabpanel id=eu>{_TERMS}</div><div role=tabpanel id=us hidden>
        <p>You may opt out of arbitration within thirty days.</p></div>"""
    ),
    "hidden": _page(
        f"""<h1>Terms</h1><p hidden>A draft that nobody sees.</p><span aria-hidden=true>»</span>
        <p style="display:none">Nor this.</p>{_TERMS}<script>track()</script><img src=/pixel.gif width=1 height=1>"""
    ),
    "table": _page(
        """<h1>Retention</h1><table><thead><tr><th>Data</th><th>Kept for</th></tr></thead><tbody><tr><td>Name</td>
        <td>3 years</td></tr><tr><td>Prompts</td><td><p>30 days</p><p>unless reported</p></td></tr><tr><td>Empty</td>
        <td></td></tr></tbody></table>"""
    ),
    "table-of-layout": _page(f"<table><tr><td><h1>Terms</h1>{_TERMS}</td></tr></table>"),
    "inline-marks": _page(
        """<h1>Marks</h1><p>We <b>do</b>n't <i>sell</i> your<br>data.<sup>1</sup> See <a href=/x>the list</a>,
        <code>x=1</code>&nbsp;and &amp; so&shy;on.</p><blockquote>A quoted clause.</blockquote><pre>Line one
Line two</pre>"""
    ),
    "labels": _page(
        """<h1>Terms</h1><h2>§ 3 Fees</h2><p>3.1 You pay.</p><p>(a) in advance</p><p>(b) in euros</p><p>• a point</p>
        <h3>Article IV. Law</h3><p>The law of Sweden applies.</p>"""
    ),
    "headings-without-order": _page("<h3>Third</h3><p>One.</p><h1>First</h1><p>Two.</p><h4>Fourth</h4><p>Three.</p>"),
    "divs-only": _page("<div><div>Terms</div><div>You pay.<div>In advance.</div>Always.</div></div>"),
    "dates": _page(
        f"<h1>Terms</h1><p>Published March 1, 2025. Effective April 1, 2025</p><p>Data of May 2024 is kept.</p>{_TERMS}"
    ),
    "dates-german": _page("<h1>Bedingungen</h1><p>Stand: 3. März 2024</p><p>Die Nutzung ist nur so erlaubt.</p>"),
    "dates-chinese": _page("<h1>用户协议</h1><p>更新日期：2024年8月5日</p><p>第一条 我们会收集您的个人信息。</p>"),
    "broken-markup": _page("<h1>Terms<p>You pay<p>in <b>advance<i>.</b></i><ul><li>One<li>Two</ul></div></main>"),
    "mojibake": _page("<h1>Terms</h1><p>We donâ€™t sell your data to CafÃ© owners.</p>"),
    "latin1": ("text/html; charset=latin1", "<h1>Bedingungen</h1><p>Über die Nutzung – für Ärzte</p>".encode("cp1252")),
    "meta-shift-jis": ("text/html", "<meta charset=shift_jis><h1>規約</h1><p>プライバシーを守ります。</p>".encode("cp932")),
    "utf-16": ("text/html", codecs.BOM_UTF16_LE + "<h1>Villkor</h1><p>Du betalar på förhand.</p>".encode("utf-16-le")),
    "text": ("text/plain", b"Terms\r\n\r\nYou pay\r\nin advance.\r\n\r\n\r\n(a) in euros\n\nLast updated: May 1, 2024\n"),
    "markdown": (
        "text/markdown",
        (b"# Terms\n\nLast updated: **May 1, 2024**\n\n1.  You [pay](https://wrenfold.example).\n2.  At once.\n\n"
        b"Fees\n----\n\n* one\n    * two\n\n| Data | Kept |\n| --- | --- |\n| Name | 3 years |\n\n![logo](x.png)\n"),
    ),
    "pdf": (
        "application/pdf",
        pdf_of(
            ["Terms of Service", "Last updated: May 1, 2024", "", _LONG, "count. You pay in advance.", "", "(a) at once"],
            ["(b) in euros, and as these terms", "", "Page 2 of 3"],
            ["say it. You pay.", "", "Page 3 of 3"],
        ),
    ),
}  # fmt: skip
