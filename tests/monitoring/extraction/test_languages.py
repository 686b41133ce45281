from __future__ import annotations

import pytest

from monitoring.extraction.languages import detect_language


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            "We collect the personal data that you give to us and use it to run and to improve the services for you.",
        ),
        ("de", "Wir verarbeiten die Daten, die Sie uns geben, um den Dienst für Sie zu betreiben und zu verbessern."),
        ("fr", "Nous traitons les données que vous nous donnez pour fournir le service et pour améliorer nos offres."),
        ("sv", "Vi behandlar de uppgifter som du ger till oss för att driva och förbättra tjänsten för dig och andra."),
        (
            "es",
            "Tratamos los datos que usted nos da para prestar el servicio y para mejorar las funciones de la aplicación.",
        ),
        ("zh", "我们会收集您向我们提供的个人信息，以便为您提供服务并改进我们的产品和功能。"),
        ("ja", "当社は、お客様から提供された個人情報を、サービスの提供および改善のために利用します。"),
        ("ko", "당사는 서비스를 제공하고 개선하기 위하여 귀하가 제공한 개인정보를 처리합니다."),
    ],
)
def test_a_language_is_known_by_its_words_or_script(language: str, sentence: str) -> None:
    assert detect_language(sentence * 3) == language


@pytest.mark.parametrize("text", ["", "Terms", "x " * 100, "1 2 3 " * 50])
def test_too_little_says_nothing(text: str) -> None:
    assert detect_language(text) is None
