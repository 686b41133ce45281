"""The table of significance: which words make a change substantive, and why. Everything else that differs is minor.

Each rule counts what its pattern finds in the old and in the new wording of the sentences that changed; it fires where
the counts differ. Patterns see text with plain quotes and dashes and with small
numbers as digits; case doesn't count. ``example`` holds an old and a new
sentence on which the rule must fire; the tests hold it to that.

A rule with ``alone`` also fires on a sentence that was added or removed whole; one with ``place_matters`` also where
its words came and went at different places of a sentence. One with ``watches_lead_in`` is asked about the lead-in of
an item that came under another one; blocks of its example are parted by empty lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .units import DATE

_SUFFIX = re.compile(r"(?<=\w{3})(?:at(?:ed?|es|ing|ions?)|ures?|ions?|ings?|ied|ies|ed|es|s|e|y)\b")


def stem(words: str) -> str:
    """The words without their endings, so that "terminates" and "termination" count as the same."""
    return _SUFFIX.sub("", words)


def as_written(words: str) -> str:
    return words


@dataclass(frozen=True, slots=True)
class Rule:
    """``says`` names what the rule watches; ``rank`` orders headlines, the smallest first; equal ``name``: no difference."""

    id: str
    says: str
    pattern: re.Pattern[str]
    example: tuple[str, str]
    rank: int
    alone: bool = True
    place_matters: bool = False
    watches_lead_in: bool = False
    name: Callable[[str], str] = stem

    @property
    def is_number(self) -> bool:
        return self.id.startswith("number.")


def _digits(words: str) -> str:
    return "".join(re.findall(r"\d+", words))


def _any(words: str) -> re.Pattern[str]:
    """Any of the words, parted by " | ", each a pattern of its own; whole words only."""
    return re.compile(r"(?<![\w-])(?:" + "|".join(words.split(" | ")) + r")(?!\w)", re.IGNORECASE)


_COUNTING = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS = {word: number for number, word in enumerate(_COUNTING.split(), 1)} | {
    word: 10 * number for number, word in enumerate(_TENS.split(), 2)
}
_NUMBER = r"\d+(?:[.,]\d+)*"
_TIME = r"(?:business |calendar |working |consecutive |full )?(?:second|minute|hour|day|week|month|quarter|year)s?"
_THING = (
    r"(?:user|seat|member|employee|account|device|request|call|token|message|image|file|query|querie|credit|copie|copy|copies"
    r"|person|people|claim|claimant|demand|individual|participant|subscriber|time|attempt|character|page|mile|kilometer)s?"
    r"|[kmgt]i?b|[kmgt]bps|kilobytes?|megabytes?|gigabytes?|terabytes?"
)
_NAME = r"(?-i:[A-Z]\w+(?: [A-Z]\w+)*)"  # of a state or a country
_CURRENCY = r"(?:us\$|usd|eur|gbp|aud|cad|sek|inr|[$€£¥₹])"


def _quantity(words: str) -> str:
    """One form for "30 business days" and "30-day": number, a space, the unit in the singular."""
    words = re.sub(r"[-\s]+", " ", words).strip()
    return re.sub(r"(?<=[a-z]{2})s$", "", words)


_NEGATIONS = (
    r"not | no | never | neither | nor | none | cannot | without | \w+n't | nothing | no longer | "
    r"prohibit(?:s|ed)? | forbidden | refrain"
)
_MODALS = (
    r"may | must | shall | will | should | can | could | might | required? to | requires? | "
    r"obligat\w* | entitled | permitted | allowed? | allows | reserves? the right | "
    r"agrees? (?:to|that) | responsible | have the right | has the right | need to | have to | "
    r"warrants? | grants? | undertakes?"
)


def _negation(words: str) -> str:
    return "not" if words.endswith("n't") or words == "cannot" else words


# To own something, not "your own words".
_OWN = "own" + "".join(f"(?<!{whose} own)" for whose in ("our", "its", "their", "his", "her", "my"))


def _polarity(words: str) -> str:
    """Who may, must or will, as it reads; one name for all that bans or excepts."""
    return words if words.endswith(_ALLOWING) else "not"


_ALLOWING = ("may", "must", "shall", "will", "should", "can", "agree", "required")

RULES: tuple[Rule, ...] = (
    Rule(
        "number.duration",
        "a period of time",
        re.compile(rf"(?<![\w.]){_NUMBER}[ -](?:\(\d+\) )?{_TIME}(?!\w)", re.IGNORECASE),
        ("We keep inputs for 30 days.", "We keep inputs for 90 days."),
        10,
        name=_quantity,
    ),
    Rule(
        "number.money",
        "an amount of money",
        re.compile(
            rf"{_CURRENCY} ?{_NUMBER}(?: (?:thousand|million|billion))?"
            rf"|(?<![\w.]){_NUMBER} ?(?:(?:us |u\.s\. )?dollars?|euros?|pounds|{_CURRENCY}|cents)(?!\w)",
            re.IGNORECASE,
        ),
        ("Our liability is limited to $100.", "Our liability is limited to $50."),
        11,
        name=as_written,
    ),
    Rule(
        "number.percent",
        "a percentage",
        re.compile(rf"(?<![\w.]){_NUMBER} ?(?:%|percent(?!\w)|per cent(?!\w))", re.IGNORECASE),
        ("The fee is 2% of the price.", "The fee is 3.5% of the price."),
        12,
        name=lambda words: words.replace("per cent", "%").replace("percent", "%").replace(" ", ""),
    ),
    Rule(
        "number.age",
        "an age",
        re.compile(
            rf"\b(?:at least|under|over|below|age of|aged?|older than|younger than) {_NUMBER}(?! ?(?:%|[a-z]*day|hour))",
            re.IGNORECASE,
        ),
        ("You must be at least 13.", "You must be at least 18."),
        13,
        name=_digits,
    ),
    Rule(
        "number.unit",
        "a limit or a quantity",
        re.compile(rf"(?<![\w.]){_NUMBER}[ -]?(?:{_THING})(?!\w)", re.IGNORECASE),
        ("You may add 5 users.", "You may add 3 users."),
        14,
        name=_quantity,
    ),
    Rule(
        "number.date",
        "a date",
        re.compile(rf"(?<!\w){DATE}(?!\w)", re.IGNORECASE),
        ("This applies from January 1, 2026.", "This applies from March 1, 2026."),
        30,
        name=as_written,
    ),
    Rule(
        "law.arbitration",
        "how disputes are decided",
        _any(
            r"arbitrat\w* | class[ -]actions? | class[ -]wide | jury | small claims | mediation | "
            r"mass arbitration | representative (?:action|proceeding)s? | collective (?:action|proceeding)s?"
        ),
        ("Disputes are decided by the courts.", "Disputes are decided by binding arbitration."),
        5,
    ),
    Rule(
        "law.venue",
        "the governing law or the place of courts",
        _any(
            rf"governing law | governed by | laws? of (?:the )?{_NAME} | jurisdiction | venue | "
            rf"courts? (?:of|in|located in)(?: the)? {_NAME} | conflicts? of laws?"
        ),
        ("This is governed by the laws of California.", "This is governed by the laws of Delaware."),
        6,
    ),
    Rule(
        "law.parties",
        "with whom the agreement is made",
        re.compile(
            rf"(?<![\w-]){_NAME},? (?:Inc|LLC|L\.L\.C|LLP|L\.P|Ltd|Limited|PLC|plc|Corp|Corporation|ULC|PBC|GmbH|AG|SE|B\.V"
            rf"|BV|N\.V|S\.A|SA|SAS|S\.r\.l|AB|ApS|Oy|Pte|Pty|K\.K)(?!\w)"
        ),
        (
            "The service is offered by Example Labs, Inc. to you.",
            "The service is offered by Example Ireland Limited to you.",
        ),
        6,
        name=lambda words: words.replace(",", "").replace(".", ""),
    ),
    Rule(
        "data.training",
        "training on content",
        _any(
            r"train(?:s|ed|ing)? | fine-?tun\w* | machine learning | "
            r"(?:improv|develop)\w* (?:our |the |its )?(?:(?:ai|language|foundation|large|machine) )*(?:model|algorithm)s? | "
            r"model improvement"
        ),
        ("We use content to run the service.", "We use content to run the service and to train our models."),
        1,
    ),
    Rule(
        "data.consent",
        "consent, opting in or opting out",
        _any(
            r"consent(?:s|ed|ing)? | opt(?:s|ed|ing)?[ -]?(?:out|in) | unsubscrib\w* | withdraw\w* | "
            r"object to | legitimate interests? | do not track | by default"
        ),
        ("We do this after you opt in.", "We do this until you opt out."),
        2,
    ),
    Rule(
        "data.sharing",
        "with whom data is shared",
        _any(
            r"s(?:ell|ells|elling|old) | third[ -]part(?:y|ies) | affiliat\w* | disclos\w* | "
            r"shar(?:e|es|ed|ing) | sub-?processors? | advertis\w* | marketing | data brokers? | "
            r"law enforcement"
        ),
        ("We keep it to ourselves.", "We share it with advertisers."),
        4,
    ),
    Rule(
        "data.retention",
        "how long data is kept",
        _any(
            r"ret(?:ain|ains|ained|aining|ention) | delet\w* | eras\w* | anonymi[sz]\w* | de-?identif\w* | "
            r"indefinitely"
        ),
        ("We delete your account data.", "We retain your account data."),
        3,
    ),
    Rule(
        "data.kind",
        "which data is collected",
        _any(
            r"biometric\w* | face ?prints? | voice ?prints? | (?:precise )?(?:geo)?location | health | "
            r"genetic\w* | children(?:'s)? | minors? | racial | ethnic\w* | religio\w* | sexual\w* | "
            r"political opinions? | financial (?:data|information|account) | "
            r"payment (?:data|information|card) | credit card | social security | ip address(?:es)? | "
            r"device identifiers? | cookies? | browsing (?:data|history) | contacts? | prompts? | inputs? | "
            r"outputs? | conversations? | recordings? | audio | photos? | images? | videos? | keystrokes? | "
            r"sensitive (?:personal )?(?:data|information) | phone numbers? | email address(?:es)?"
        ),
        ("We collect your name.", "We collect your name and your precise location."),
        20,
    ),
    Rule(
        "right.licence",
        "who owns content and who may use it",
        _any(
            rf"licen[cs]e[sd]? | {_OWN} | own(?:s|ed|ership) | intellectual property | assign(?:s|ed|ment)? | "
            r"royalt\w* | sub-?licens\w* | moral rights | commercial(?:ly)? | derivative works? | "
            r"reverse[ -]engineer\w*"
        ),
        ("You keep your content.", "You grant us a licence to your content."),
        15,
    ),
    Rule(
        "right.liability",
        "liability, warranty or indemnity",
        _any(
            r"liab(?:le|ility|ilities) | indemnif\w* | indemnit\w* | warrant(?:y|ies|s|ed)? | as is | "
            r"as available | damages | hold harmless | waiv\w* | disclaim\w* | releas(?:e|es|ed) (?:us|the) | "
            r"remed(?:y|ies) | refund\w*"
        ),
        ("We answer for what we do.", "We are not liable for what we do."),
        7,
    ),
    Rule(
        "right.ending",
        "how the agreement ends or changes",
        _any(
            r"terminat\w* | suspend\w* | suspension | cancel\w* | renew\w* | without notice | prior notice | "
            r"notif(?:y|ies|ied|ication) | notice | discontinu\w* | price(?:s|d)? | fees? | subscriptions?"
        ),
        ("You can leave.", "We may suspend your account."),
        16,
    ),
    Rule(
        "negation",
        "a negation",
        _any(_NEGATIONS),
        ("We do not read your files.", "We do read your files."),
        8,
        place_matters=True,
        name=_negation,
    ),
    Rule(
        "modality",
        "what someone may, must or will do",
        _any(_MODALS),
        ("We may use your content.", "We will use your content."),
        9,
        name=as_written,
        place_matters=True,
    ),
    Rule(
        "lead-in",
        "what stands above an item of a list",
        _any(
            rf"{_NEGATIONS} | except | exclud\w* | "
            r"(?:(?:you|we|users?|customers?) (?:also |only )?)?(?:may|must|shall|will|should|can|agree|required)"
        ),
        (
            "You may:\n\n- copy the text\n\n- sell the text\n\nYou may not:\n\n- hide its source",
            "You may:\n\n- copy the text\n\nYou may not:\n\n- sell the text\n\n- hide its source",
        ),
        8,
        watches_lead_in=True,
        name=_polarity,
    ),
    Rule(
        "scope",
        "how far a clause reaches",
        _any(
            r"any | all | every | each | only | sole(?:ly)? | exclusive(?:ly)? | non-exclusive | including | "
            r"excluding | except | unless | perpetual(?:ly)? | irrevocabl[ey] | worldwide | royalty-free | "
            r"transferable | non-transferable | sublicensable | unlimited | limited to | at any time | "
            r"at our discretion | (?:sole|absolute) discretion | without limitation | reasonabl[ey] | "
            r"material(?:ly)? | immediately"
        ),
        ("We may use it for research.", "We may use it for any purpose."),
        25,
        alone=False,
        name=as_written,
    ),
)

WORD_RULES = tuple(rule for rule in RULES if not rule.watches_lead_in)  # those that are asked about passages
