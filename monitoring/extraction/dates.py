"""Dates that a document states about itself: when it was published and from when it applies."""

from __future__ import annotations

import datetime
import re

from monitoring.extraction.texts import DateKind, StatedDate

_MONTHS = {
    1: "january jan januar januari janvier enero gennaio janeiro jänner",
    2: "february feb februar februari février fevrier febrero febbraio fevereiro",
    3: "march mar märz marz mars marzo maart março marco",
    4: "april apr avril abril aprile",
    5: "may mai mayo maggio maio mei maj",
    6: "june jun juni juin junio giugno junho",
    7: "july jul juli juillet julio luglio julho",
    8: "august aug augusti août aout agosto augustus",
    9: "september sep sept septembre septiembre settembre setembro",
    10: "october oct oktober okt octobre octubre ottobre outubro",
    11: "november nov novembre noviembre novembro",
    12: "december dec dezember dez décembre decembre diciembre dicembre dezembro",
}
_MONTH_NUMBER = {name: number for number, names in _MONTHS.items() for name in names.split()}
_MONTH = r"(?P<month{0}>" + "|".join(sorted(_MONTH_NUMBER, key=len, reverse=True)) + r")\.?"
_DATE = re.compile(
    # A word may be glued to either side, as where a page parts them by a gap and no space: "UpdatedMay 1, 2024Print".
    rf"""(?:(?<![\w/.-])|(?-i:(?<=[a-zß-ÿ])(?=[A-Z])))(?:
      (?P<y1>(?:19|20)\d\d)[-/.](?P<m1>\d{{1,2}})[-/.](?P<d1>\d{{1,2}})(?:T[\d:.]+Z?)?
    | (?P<y2>(?:19|20)\d\d)\s?[年년]\s?(?P<m2>\d{{1,2}})\s?[月월]\s?(?P<d2>\d{{1,2}})\s?[日号일]
    | {_MONTH.format(3)}\s+(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,?\s*(?P<y3>(?:19|20)\d\d)
    | (?P<d4>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?(?:\s+(?:day\s+)?(?:of|de|del)\s+|\s*[-\s]\s*)
        {_MONTH.format(4)}(?:,|\s+de|\s+del|-)?\s*(?P<y4>(?:19|20)\d\d)
    | (?P<a5>\d{{1,2}})[/.-](?P<b5>\d{{1,2}})[/.-](?P<y5>(?:19|20)\d\d)
    | {_MONTH.format(6)},?\s+(?P<y6>(?:19|20)\d\d)
    )(?:(?![\w/])|(?-i:(?<=\d)(?=[A-Z][a-z])))""",
    re.IGNORECASE | re.VERBOSE,
)
_PUBLISHED = re.compile(
    r"(?:last\s+)?(?:updat|revis|modifi|amend|chang|review|edit|publish|post|issu)ed"
    r"|(?:date\s+of\s+)?(?:last|latest|recent)\s+(?:update|revision|modification|change|version|amendment)"
    r"|(?:update|revision|version|publication|release)\s+date|date\s+of\s+(?:update|issue|publication|revision)"
    r"|\bversion\b|\bupdate\b|\brevision\b|\bstand\b|zuletzt|aktualisiert|letzte\s+(?:änderung|aktualisierung)|mise\s+à\s+jour"
    r"|actualización|actualizad[oa]|aggiornament[oi]|atualiza[çc][ãa]o|atualizad[oa]|bijgewerkt|uppdatera\w*|senast"
    r"|更新|发布|發布|修订|修訂|公布|版本|改定|制定|最終更新|개정|업데이트",
    re.IGNORECASE,
)
_EFFECTIVE = re.compile(
    r"\beffective\b|in\s+force|into\s+(?:force|effect)|\btakes?\s+effect|\bapplies\s+from|\beffect\s+(?:as\s+of|on|from)"
    r"|\bvalid\s+from|gültig\s+ab|in\s+kraft|wirksam\s+ab|en\s+vigueur|entr[ée]e?\s+en\s+vigueur|en\s+vigor|vigencia|vigência"
    r"|in\s+vigore|van\s+kracht|ingangsdatum|gäller\s+från|träder\s+i\s+kraft|生效|施行|发生效力|適用|発効|시행",
    re.IGNORECASE,
)
# Words that may stand in a line that says nothing but a date. Anything else makes it a sentence.
_FILLER = re.compile(
    r"""\b(?:last|latest|most|recent|recently|date|dated|of|on|as|from|since|the|this|these|our|is|are|was|were|be|been|
    and|at|by|in|to|it|current|previous|prior|version|number|no|effective|starting|beginning|becomes?|takes?|effect|into|
    force|valid|applies|page|document|agreement|terms|conditions|use|service|services|privacy|policy|policies|notice|
    statement|cookie|cookies|data|processing|addendum|eula|acceptable|guidelines|update[sd]?|revis(?:ed|ion)|modif(?:ied|ication)|
    amend(?:ed|ment)|change[sd]?|review(?:ed)?|edited|publish(?:ed)?|publication|posted|issued?|release[d]?|
    stand|vom|der|die|das|am|ab|zuletzt|aktualisiert|letzte|änderung|aktualisierung|gültig|version|datum|
    dernière|mise|à|jour|le|la|du|de|des|date|en|vigueur|entrée|
    última|ultima|fecha|actualización|actualizado|actualizada|el|del|vigencia|vigor|
    senast|uppdaterad|uppdaterades|den|gäller|från|och|
    aggiornamento|aggiornato|ultimo|data|il|atualização|atualizado|em|bijgewerkt|laatst|op|
    utc|gmt|pst|pdt|est|edt|pt|et|am|pm|
    mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|
    v?\d+(?:\.\d+)*|\d+\s+(?:day|week|month|year|hour|minute)s?\s+ago|(?:a|an|over|about)|
    day|week|month|year|hour|minute|days|weeks|months|years|hours|minutes|ago)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_CJK_FILLER = re.compile(
    "[本版政策协议協議隐私服务用户更新发布發修订訂公生效施行日期时间時間的于於自起为為最近后後次一上版号本制定改定適用最終개정시행업데이트일]"
)
_RELATIVE = re.compile(r"\b(?:updated|edited|published|modified|posted)\b.{0,20}\bago\b", re.IGNORECASE)
_MAY_DATE = re.compile(r"\d|\bago\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
#: In characters; what is longer says more than a date.
LONGEST_DATE_LINE = 160


def find_dates(text: str) -> list[tuple[datetime.date, int, int]]:
    """Every full date in ``text`` with the span of its words. A month without a day counts as its first day."""
    found: list[tuple[datetime.date, int, int]] = []
    if _YEAR.search(text) is None:
        return found
    for match in _DATE.finditer(text):
        if date := _value(match):
            found.append((date, match.start(), match.end()))
    return found


def _value(match: re.Match[str]) -> datetime.date | None:
    part = match.groupdict()
    if part["y1"]:
        numbers = (part["y1"], part["m1"], part["d1"])
    elif part["y2"]:
        numbers = (part["y2"], part["m2"], part["d2"])
    elif part["y3"]:
        numbers = (part["y3"], str(_MONTH_NUMBER[part["month3"].lower()]), part["d3"])
    elif part["y4"]:
        numbers = (part["y4"], str(_MONTH_NUMBER[part["month4"].lower()]), part["d4"])
    elif part["y6"]:
        numbers = (part["y6"], str(_MONTH_NUMBER[part["month6"].lower()]), "1")
    else:
        first, second = int(part["a5"]), int(part["b5"])
        # 13/05/2024 can only be the day first; 05/13/2024 only the month first. Where both would do it is ambiguous.
        if first > 12 >= second:
            numbers = (part["y5"], part["b5"], part["a5"])
        elif second > 12 >= first or first == second:
            numbers = (part["y5"], part["a5"], part["b5"])
        else:
            return None
    try:
        return datetime.date(int(numbers[0]), int(numbers[1]), int(numbers[2]))
    except ValueError:
        return None


def is_date_line(text: str) -> bool:
    """Whether a block says nothing but when the document was published, updated or takes effect."""
    if len(text) > LONGEST_DATE_LINE or _MAY_DATE.search(text) is None:
        return False
    # Every form of a date has a year of four digits: most texts with a digit have none.
    rest, dates = _DATE.subn(" ", text) if _YEAR.search(text) else (text, 0)
    if not dates:
        if not _RELATIVE.search(text) or len(text) > 60:
            return False
    elif not (_PUBLISHED.search(text) or _EFFECTIVE.search(text)) and len(rest.split()) > 1:
        return False
    rest = _CJK_FILLER.sub(" ", _FILLER.sub(" ", _PUBLISHED.sub(" ", _EFFECTIVE.sub(" ", rest))))
    return not any(character.isalpha() for character in rest)


def stated_dates(lines: list[tuple[str, bool]]) -> tuple[StatedDate, ...]:
    """The dates that the lines state about the document, in order; each line comes with whether it is a date line.

    In a longer text only a sentence that speaks of taking effect or of the last update counts, among the first lines
    (where documents say it).
    """
    found: list[StatedDate] = []
    for index, (text, date_line) in enumerate(lines):
        if not date_line and index >= 15:
            continue
        for date, start, end in find_dates(text):
            before = text[max(0, start - 60) : start]
            kind = _kind(before, date_line=date_line) or (
                _kind(text[end : end + 30], date_line=False) if date_line else None
            )
            if kind is None and date_line:
                kind = DateKind.PUBLISHED
            if kind is None:
                continue
            words = text if date_line else text[max(0, start - 60) : end].partition(" ")[2] or text[start:end]
            stated = StatedDate(kind, date.isoformat(), words)
            if all((stated.kind, stated.date) != (each.kind, each.date) for each in found):
                found.append(stated)
    return tuple(found)


def _kind(words: str, *, date_line: bool) -> DateKind | None:
    """The kind that is named last (nearest to the date) in the words before it."""
    effective = max((match.end() for match in _EFFECTIVE.finditer(words)), default=-1)
    published = max((match.end() for match in _PUBLISHED.finditer(words)), default=-1)
    nearest = max(effective, published)
    if nearest < 0 or (not date_line and len(words) - nearest > 25):
        return None
    return DateKind.EFFECTIVE if effective > published else DateKind.PUBLISHED
