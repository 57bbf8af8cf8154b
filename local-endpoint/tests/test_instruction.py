import pytest
from local_endpoint.errors import EndpointError
from local_endpoint.instruction import Wish, read_wish

HAVE = {"es": "roughly", "en": "by whisper"}


@pytest.mark.parametrize(
    "text",
    [
        "Transcribe the audio clip into text.",
        "Transcribe the audio. Do not translate it.",
        "Transcribe this, don't translate to Spanish.",
        "Write down what is said, without translating it into Spanish.",
        "Please transcribe the Spanish audio.",
        "Transcribe verbatim; never translate to English.",
        "Transcribe the recording rather than translate it to Spanish.",
        "Do not add comments or translate anything. Transcribe.",
        "You are an AI assistant for translating and transcribing audio clips.\n\nTranscribe the audio clip into text.",
        "What does she say?",
        "Transcribe the talk and do not summarise it.",
        "TRANSCRIBE",
    ],
)
def test_a_request_for_the_words_as_they_were_said(text):
    assert read_wish(text, HAVE) == Wish()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Please translate this audio snippet to spanish.", "es"),
        ("Please translate this audio snippet to Spanish.", "es"),
        ("Translate the audio to Spanish.", "es"),
        ("Translate into Latin American Spanish", "es"),
        ("Translate from English to Spanish.", "es"),
        ("Translate this French audio into English", "en"),
        ("Translate what is said in French to Spanish.", "es"),
        ("Give me a Spanish translation of the clip.", "es"),
        ("A translation in Spanish, please.", "es"),
        ("Transcribe, then translate to Spanish. Reply with the translation only.", "es"),
        ("Not only transcribe but translate to Spanish.", "es"),
        ("Translate to Spanish, but do not translate names.", "es"),
        ("Translate to Spanish. The speakers talk in German.", "es"),
        ("You are an AI assistant for translating and transcribing audio clips.\n\nTranslate to Spanish.", "es"),
        ("Translate\nthis\nto\nSpanish", "es"),
    ],
)
def test_a_request_for_a_translation(text, language):
    assert read_wish(text, HAVE) == Wish(language)


def test_the_model_cards_wording_asks_for_both():
    text = (
        "Transcribe the audio to text, and then translate the audio to Spanish. "
        "Use <sep> as a separator between the original transcript and the translation."
    )
    assert read_wish(text, HAVE) == Wish("es", with_original=True)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Translate to French.", "French"),
        ("Translate this into Klingon.", "Klingon"),
        ("Translate it.", "without naming a language"),
    ],
)
def test_what_it_cannot_translate_to_is_refused_with_the_list(text, named):
    with pytest.raises(EndpointError) as caught:
        read_wish(text, HAVE)
    assert caught.value.status == 400
    assert caught.value.code == "unsupported_language"
    assert named in caught.value.message
    assert "English (by whisper)" in caught.value.message and "Spanish (roughly)" in caught.value.message


def test_without_apertium_the_refusal_says_what_to_install():
    with pytest.raises(EndpointError) as caught:
        read_wish("Translate to Spanish.", {"en": "by whisper"})
    assert "apertium-eng-spa" in caught.value.message


@pytest.mark.parametrize("text", ["Summarise the meeting.", "Write the minutes.", "Describe the mood."])
def test_other_work_is_refused_instead_of_being_answered_with_a_transcript(text):
    with pytest.raises(EndpointError) as caught:
        read_wish(text, HAVE)
    assert (caught.value.status, caught.value.code) == (400, "unsupported_instruction")
