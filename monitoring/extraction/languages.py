"""Which language a text is written in: by its script and its commonest words. Cheap, and silent where it is unsure."""

from __future__ import annotations

import re
from collections import Counter

_WORDS = {
    "en": "the of and to you your or we our in that by any for this with is are not be as may on from",
    "de": "der die und das den von zu mit sie ist des im für auf nicht ein eine wir oder werden dem als ihre",
    "fr": "de la le les et des vous à du en que nous pour dans vos est une sur ou par aux au votre ce",
    "es": "de la el que en y los del las por con para su una al se no usted nuestro sus como es o",
    "it": "di e il la che in per del un dei le con della i non si da sono alla nel o delle utente",
    "pt": "de a o que e do da em os para com não uma dos as por você no se ou seus nossos na ao",
    "nl": "de van het en een in te dat voor op is met die zijn of u wij om niet deze aan door",
    "sv": "och att av som för är en den det på i till med vi du inte ditt eller kan om din från",
    "da": "og at af som for er en den det på i til med vi du ikke eller kan om dine fra vores",
    "pl": "w i na z do się o nie że oraz lub jest przez dla od za są to po danych",
}
_LANGUAGES_OF: dict[str, tuple[str, ...]] = {}
for _language, _common in _WORDS.items():
    for _each in set(_common.split()):
        _LANGUAGES_OF[_each] = (*_LANGUAGES_OF.get(_each, ()), _language)

# The same by the one-byte encoding of most western texts, which is many times faster: all but letters become spaces.
_BYTES_OF_LATIN = "cp1252"
_LETTERS = bytes(
    code
    if (character := bytes([code]).decode(_BYTES_OF_LATIN, "ignore")).isalnum() and not character.isdecimal()
    else 32
    for code in range(256)
)
_LANGUAGES_OF_BYTES: dict[bytes, tuple[str, ...]] = {
    each.encode(_BYTES_OF_LATIN, "ignore"): languages
    for each, languages in _LANGUAGES_OF.items()
    if each.encode(_BYTES_OF_LATIN, "ignore").decode(_BYTES_OF_LATIN) == each
}
_WORD = re.compile(r"[^\W\d_]+")
_LETTER = re.compile(r"[^\W\d_]")
_BEYOND_LATIN = re.compile("[\x00-\u036f\u1e00-\u2fff]+")
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
#: All that can be told.
LANGUAGES = frozenset([*_WORDS, *(language for language, _ in _SCRIPTS)])
_FEWEST_WORDS = 30
_SAMPLE = 4_000


def detect_language(text: str) -> str | None:
    """The primary subtag ("en", "sv", "zh"), or None where the text is too short or mixed to say."""
    middle = len(text) // 2
    sample = text if len(text) <= 2 * _SAMPLE else text[:_SAMPLE] + text[middle : middle + _SAMPLE]
    if not sample.isascii():
        foreign = _BEYOND_LATIN.sub("", sample)
        letters = len(foreign) and len(_LETTER.findall(sample))
        for language, script in _SCRIPTS if letters > 20 and len(foreign) > 0.08 * letters else ():
            if len(script.findall(foreign)) > (0.08 if language == "ja" else 0.4) * letters:
                return language
    number, times = _common_words(sample.lower())
    if number < _FEWEST_WORDS:
        return None
    counts: Counter[str] = Counter()
    for languages, often in times:
        for language in languages:
            counts[language] += often
    ranked = counts.most_common(2)
    if not ranked or ranked[0][1] < 0.15 * number or (len(ranked) > 1 and ranked[0][1] <= 1.2 * ranked[1][1]):
        return None
    return ranked[0][0]


def _common_words(text: str) -> tuple[int, list[tuple[tuple[str, ...], int]]]:
    """The number of words, and of each that is common in some language these languages and how often it stands there."""
    try:
        encoded = text.encode(_BYTES_OF_LATIN)
    except UnicodeEncodeError:
        words = Counter(_WORD.findall(text))
        found = [(_LANGUAGES_OF[word], words[word]) for word in words.keys() & _LANGUAGES_OF.keys()]
        return words.total(), found
    counted = Counter(encoded.translate(_LETTERS).split())
    common = counted.keys() & _LANGUAGES_OF_BYTES.keys()
    return counted.total(), [(_LANGUAGES_OF_BYTES[word], counted[word]) for word in common]
