import hashlib
import sys

import pytest
from local_endpoint import weights


@pytest.fixture
def halves(tmp_path, monkeypatch):
    """Two packages with small halves, and the sum that they must have."""
    site = tmp_path / "site"
    for part, content in enumerate((b"first ", b"second"), 1):
        data = site / f"half_part{part}" / "data"
        data.mkdir(parents=True)
        (data.parent / "__init__.py").write_text("raise SystemExit('weights must not be imported')")
        (data / f"model.bin.part{part}").write_bytes(content)
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            (data / name).write_text(name)
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    monkeypatch.setattr(weights, "_BASE_PACKAGES", ("half_part1", "half_part2"))
    monkeypatch.setattr(weights, "BASE_SHA256", hashlib.sha256(b"first second").hexdigest())
    return site


def test_the_halves_are_joined_once_and_kept(halves, tmp_path):
    path, name = weights.locate("base", tmp_path / "cache")
    model = tmp_path / "cache" / path.rpartition("/")[2] / "model.bin"
    assert model.read_bytes() == b"first second"
    assert name == "whisper-base"
    before = model.stat().st_ino
    assert weights.locate("base", tmp_path / "cache")[0] == path
    assert model.stat().st_ino == before
    assert [entry.name for entry in (tmp_path / "cache").iterdir()] == [model.parent.name]


def test_a_spoiled_cache_is_joined_anew(halves, tmp_path):
    path, _ = weights.locate("base", tmp_path)
    with open(f"{path}/model.bin", "wb") as file:
        file.write(b"first secOnd")
    weights.locate("base", tmp_path)
    with open(f"{path}/model.bin", "rb") as file:
        assert file.read() == b"first second"


def test_halves_with_the_wrong_sum_are_refused_and_leave_nothing(halves, tmp_path):
    (halves / "half_part2" / "data" / "model.bin.part2").write_bytes(b"other")
    cache = tmp_path / "cache"
    with pytest.raises(weights.WeightsError, match="SHA-256"):
        weights.locate("base", cache)
    assert list(cache.iterdir()) == []


def test_missing_packages_are_named_with_the_way_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "_BASE_PACKAGES", ("no_such_half", "no_such_half"))
    with pytest.raises(weights.WeightsError, match="no-such-half is missing.*requirements-weights.txt"):
        weights.locate("base", tmp_path)


def test_a_directory_and_a_hub_name_are_taken_as_they_are(tmp_path):
    (tmp_path / "model.bin").touch()
    assert weights.locate(str(tmp_path), tmp_path) == (str(tmp_path), f"whisper-{tmp_path.name}")
    assert weights.locate("Owner/whisper-tiny", tmp_path) == ("Owner/whisper-tiny", "Owner/whisper-tiny")


@pytest.mark.parametrize("model", ["large", "./nowhere", "/nowhere/at/all"])
def test_anything_else_is_refused(model, tmp_path):
    with pytest.raises(weights.WeightsError):
        weights.locate(model, tmp_path)


def test_a_directory_without_a_model_is_refused(tmp_path):
    with pytest.raises(weights.WeightsError, match="model.bin"):
        weights.locate(str(tmp_path), tmp_path)
