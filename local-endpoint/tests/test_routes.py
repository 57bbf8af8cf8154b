"""The shape of requests and replies over real HTTP; what is heard is scripted."""

import base64
import json
import threading
import time

import httpx
import pytest
from local_endpoint.server import Settings
from support import ScriptedListener, question, serving, wav


@pytest.fixture
def listener():
    return ScriptedListener()


@pytest.fixture
def url(listener, tmp_path):
    settings = Settings(usage_log=tmp_path / "usage.jsonl", max_bytes=200_000, max_seconds=4)
    with serving(listener, settings) as url:
        yield url


def post(url, body, route="/v1/chat/completions", **options):
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    return httpx.post(url + route, content=content, timeout=60, **options)


@pytest.mark.parametrize("route", ["/v1/chat/completions", "/models/chat/completions?api-version=2024-05-01-preview"])
def test_a_reply_has_the_shape_that_openai_and_azure_clients_read(url, route):
    reply = post(url, question(wav(2.5)), route)
    assert reply.status_code == 200
    body = reply.json()
    assert body["object"] == "chat.completion"
    assert body["model"] == "scripted"
    assert body["choices"] == [
        {"index": 0, "message": {"role": "assistant", "content": "one two three"}, "finish_reason": "stop"}
    ]
    # 2.5 s at 12.5 tokens a second, rounded up; 11 words of system text and 6 of instruction.
    assert body["usage"] == {
        "prompt_tokens": 49,
        "completion_tokens": 3,
        "total_tokens": 52,
        "prompt_tokens_details": {"audio_tokens": 32, "text_tokens": 17},
    }


def test_audio_may_come_as_a_data_url(url, listener):
    data = base64.b64encode(wav(1.5)).decode()
    body = question(b"-")
    body["messages"][1]["content"][1] = {"type": "audio_url", "audio_url": {"url": f"data:audio/wav;base64,{data}"}}
    assert post(url, body).status_code == 200
    assert len(listener.heard[0]) == 24_000


def test_the_audio_may_stand_before_the_text(url):
    body = question(wav())
    body["messages"][1]["content"].reverse()
    assert post(url, body).status_code == 200


def test_the_usage_log_has_a_line_for_each_answer_and_none_for_a_refusal(url, tmp_path):
    replies = [post(url, question(wav(seconds))).json() for seconds in (0.5, 1.0, 2.0)]
    post(url, question(b"junk"))
    lines = [json.loads(line) for line in (tmp_path / "usage.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [reply["id"] for reply in replies]
    assert [line["total_tokens"] for line in lines] == [reply["usage"]["total_tokens"] for reply in replies]
    assert [line["audio_seconds"] for line in lines] == [0.5, 1.0, 2.0]


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_a_token_limit_cuts_the_reply_and_says_so(url, field):
    choice = post(url, question(wav(), **{field: 2})).json()["choices"][0]
    assert choice["message"]["content"] == "one two"
    assert choice["finish_reason"] == "length"


def change(path, value):
    def changed(body):
        *way, last = path
        place = body
        for step in way:
            place = place[step]
        if value is None:
            del place[last]
        else:
            place[last] = value
        return body

    return changed


CONTENT = ("messages", 1, "content")
AUDIO = (*CONTENT, 1, "input_audio")


@pytest.mark.parametrize(
    ("edit", "status", "code"),
    [
        (change(("messages",), None), 400, "invalid_messages"),
        (change(("messages",), []), 400, "invalid_messages"),
        (change(("messages", 0), "hello"), 400, "invalid_messages"),
        (change(CONTENT, "Transcribe it."), 400, "audio_missing"),
        (change((*CONTENT, 1), None), 400, "audio_missing"),
        (change((*CONTENT, 0), None), 400, "text_missing"),
        (change((*CONTENT, 0, "text"), "  \n"), 400, "text_missing"),
        (change((*CONTENT, 0, "text"), "Transcribe \ud800."), 400, "invalid_text"),
        (change((*CONTENT, 0), {"type": "image_url"}), 400, "unsupported_part"),
        (change(AUDIO, "bare base64"), 400, "invalid_audio"),
        (change((*AUDIO, "data"), "not base64!"), 400, "invalid_base64"),
        (change((*AUDIO, "data"), "QUJD\nQUJD"), 400, "invalid_base64"),
        (change((*AUDIO, "data"), ""), 400, "invalid_audio"),
        (change((*AUDIO, "data"), "QUJDQUJD"), 400, "invalid_audio"),
        (change((*AUDIO, "format"), "flac"), 400, "invalid_audio_format"),
        (change((*CONTENT, 1), {"type": "audio_url", "audio_url": {"url": "http://127.0.0.1/a"}}), 400, "invalid_audio_url"),
        (change((*CONTENT, 1), {"type": "audio_url", "audio_url": {"url": "data:text/plain,a"}}), 400, "invalid_audio_url"),
        (change(("messages", 1, "role"), "system"), 400, "invalid_messages"),
        (change(("stream",), True), 400, "unsupported_parameter"),
        (change(("n",), 2), 400, "unsupported_parameter"),
        (change(("max_tokens",), 0), 422, "invalid_parameter"),
        (change(("max_tokens",), "many"), 422, "invalid_parameter"),
        (change((*CONTENT, 0, "text"), "Translate to Finnish."), 400, "unsupported_language"),
        (change((*AUDIO, "data"), base64.b64encode(wav(4.5)).decode()), 413, "audio_too_long"),
        (change((*AUDIO, "data"), "A" * 210_000), 413, "body_too_large"),
    ],
)
def test_a_wrong_request_gets_an_error_of_openais_shape(url, edit, status, code):
    reply = post(url, edit(question(wav())))
    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (status, code)
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    assert error["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(url, body):
    reply = post(url, body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "invalid_json")


def test_a_body_of_unknown_length_is_measured_as_it_comes(url):
    reply = post(url, (b"x" * 50_000 for _ in range(10)))
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "body_too_large")


def test_another_route_and_another_method_are_answered_in_the_same_shape(url):
    assert httpx.get(url + "/v1/audio").json()["error"]["code"] == "not_found"
    reply = httpx.get(url + "/v1/chat/completions")
    assert (reply.status_code, reply.json()["error"]["code"]) == (405, "method_not_allowed")


def test_a_model_that_breaks_is_a_500_without_payload(url, listener, caplog):
    listener.fails = True
    reply = post(url, question(wav(), text="Transcribe. MARKER"))
    assert reply.status_code == 500
    assert reply.json()["error"]["type"] == "server_error"
    assert "MARKER" not in reply.text + caplog.text


def test_health_and_models_say_what_answers(url):
    health = httpx.get(url + "/health").json()
    assert (health["status"], health["model"]) == ("ok", "scripted")
    assert httpx.get(url + "/v1/models").json()["data"][0]["id"] == "scripted"


def test_a_key_is_asked_for_where_one_is_set(listener):
    with serving(listener, Settings(key="s3cret")) as url:
        body = question(wav())
        for headers in ({}, {"api-key": "wrong"}, {"Authorization": "Bearer wrong"}, {"Authorization": "s3cret"}):
            reply = post(url, body, headers=headers)
            assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_api_key")
            assert "s3cret" not in reply.text
        assert httpx.get(url + "/v1/models").status_code == 401
        assert httpx.get(url + "/health").status_code == 200
        for headers in ({"api-key": "s3cret"}, {"Authorization": "Bearer s3cret"}):
            assert post(url, body, headers=headers).status_code == 200


def test_whoever_finds_the_queue_full_is_told_when_to_come_back(listener):
    with serving(listener, Settings(queue=2)) as url:
        listener.may_go_on.clear()
        statuses = []
        threads = [
            threading.Thread(target=lambda: statuses.append(post(url, question(wav())).status_code)) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        wait_for(lambda: httpx.get(url + "/health").json()["requests"] == 3)
        refused = post(url, question(wav()))
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "queue_full"
        assert int(refused.headers["Retry-After"]) >= 1
        listener.may_go_on.set()
        for thread in threads:
            thread.join(60)
        assert statuses == [200, 200, 200]
        assert post(url, question(wav())).status_code == 200


def test_whoever_hangs_up_while_waiting_is_not_worked_for(listener):
    with serving(listener, Settings()) as url:
        listener.may_go_on.clear()
        first = threading.Thread(target=lambda: post(url, question(wav())))
        first.start()
        wait_for(lambda: listener.heard)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(url + "/v1/chat/completions", json=question(wav()), timeout=1)
        listener.may_go_on.set()
        first.join(60)
        wait_for(lambda: httpx.get(url + "/health").json()["requests"] == 0)
        assert len(listener.heard) == 1


def test_a_translation_names_who_translated(listener):
    listener.text, listener.language = "hallo", "de"
    with serving(listener) as url:
        body = post(url, question(wav(), text="Translate to English.")).json()
        assert body["choices"][0]["message"]["content"] == "english of hallo"
        assert body["model"] == "scripted"


def test_speech_that_is_in_the_language_already_is_left_as_it_is(listener):
    listener.text, listener.language = "hola", "es"
    with serving(listener, pairs={"es": "eng-spa"}) as url:
        body = post(url, question(wav(), text="Translate to Spanish.")).json()
        assert body["choices"][0]["message"]["content"] == "hola"
        assert body["model"] == "scripted"


def test_no_speech_is_an_empty_reply_that_stopped(listener):
    listener.text = ""
    with serving(listener, pairs={"es": "eng-spa"}) as url:
        for text in ("Transcribe.", "Translate to Spanish."):
            body = post(url, question(wav(), text=text)).json()
            assert body["choices"][0]["message"]["content"] == ""
            assert body["choices"][0]["finish_reason"] == "stop"
            assert body["usage"]["completion_tokens"] == 0


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "the condition did not come true"
        time.sleep(0.01)
