"""Which language a text is written in: by its script and its commonest words. Cheap, and silent where it is unsure."""

from __future__ import annotations

import re

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
_SETS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
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
_FEWEST_WORDS = 30


def detect_language(text: str) -> str | None:
    """The primary subtag ("en", "sv", "zh"), or None where the text is too short or mixed to say."""
    sample = text[:40_000]
    if not sample.isascii():
        letters = sum(character.isalpha() for character in sample)
        for language, script in _SCRIPTS:
            share = len(script.findall(sample)) / letters if letters else 0
            if letters > 20 and share > (0.08 if language == "ja" else 0.4):
                return language
    words = _WORD.findall(sample.lower())[:4_000]
    if len(words) < _FEWEST_WORDS:
        return None
    counts = sorted(
        ((sum(word in common for word in words), language) for language, common in _SETS.items()), reverse=True
    )
    (best, language), (second, _) = counts[:2]
    return language if best >= 0.15 * len(words) and best > 1.2 * second else None
