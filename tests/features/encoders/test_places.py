"""Where a model is: a folder, a name on the hub, or neither; and what to call it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders.packages import needed
from themetagger.features.encoders.places import folder_of, is_hub_name, name_in


class Hub:
    """The hub's client, which writes the files that match into a folder."""

    def __init__(self, folder: Path, error: Exception | None = None) -> None:
        self.folder, self.error, self.asked, self.bars = folder, error, list[Any](), list[str]()
        self.utils = SimpleNamespace(
            disable_progress_bars=lambda: self.bars.append("off"), enable_progress_bars=lambda: self.bars.append("on")
        )

    def snapshot_download(self, name: str, *, allow_patterns: list[str]) -> str:
        self.asked.append((name, tuple(allow_patterns)))
        if self.error is not None:
            raise self.error
        for pattern in allow_patterns:
            (self.folder / pattern.replace("*", "model")).touch()
        return str(self.folder)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    made = Hub(tmp_path)
    monkeypatch.setitem(sys.modules, "huggingface_hub", made)
    return made


def test_a_folder_is_taken_as_it_is(tmp_path: Path, hub: Hub) -> None:
    assert folder_of(tmp_path) == folder_of(str(tmp_path), ["*.json"]) == tmp_path.resolve()
    assert not hub.asked


def test_a_name_is_fetched_from_the_hub(tmp_path: Path, hub: Hub) -> None:
    assert folder_of("org/minilm", ["*.onnx"], ["*.safetensors"]) == tmp_path
    assert hub.asked == [("org/minilm", ("*.onnx",))]
    assert hub.bars == []


def test_weights_for_torch_are_fetched_where_there_is_no_export(hub: Hub) -> None:
    folder_of("all-MiniLM-L6-v2", ["*.json"], ["*.safetensors"], show_progress=False)
    name = "sentence-transformers/all-MiniLM-L6-v2"
    assert hub.asked == [(name, ("*.json",)), (name, ("*.json", "*.safetensors"))]
    assert hub.bars == ["off", "on"] * 2


def test_weights_of_a_layer_are_not_those_of_the_model(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "2_Dense").mkdir()
    folder_of("org/minilm", ["2_Dense/*.safetensors"], ["*.safetensors"], ["*.onnx"])
    assert [len(patterns) for _, patterns in hub.asked] == [1, 2]


def test_a_hub_that_cannot_be_reached_is_one_clear_error(hub: Hub) -> None:
    hub.error = ConnectionError("no network\nand a long story")
    with pytest.raises(
        EncoderError, match=r"'org/minilm' is no folder here.*\(ConnectionError: no network\).*copy the"
    ) as found:
        folder_of("org/minilm", ["*.json"])
    assert "story" not in str(found.value)


@pytest.mark.parametrize("reference", ["./minilm", "/no/such/folder", "a/b/c", "", "org/", "-x", "..", "~/minilm"])
def test_what_is_neither_is_refused_without_asking(reference: str, hub: Hub) -> None:
    assert not is_hub_name(reference)
    if reference:  # the empty one is the folder that we are in
        with (
            pytest.raises(EncoderError, match="is no folder; give the folder of a model")
            if reference != ".."
            else _any()
        ):
            folder_of(reference, ["*.json"])
    assert not hub.asked


def _any() -> Any:
    from contextlib import nullcontext

    return nullcontext()


def test_a_file_is_refused(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "model.onnx").touch()
    with pytest.raises(EncoderError, match="is a file; give the folder"):
        folder_of(tmp_path / "model.onnx")


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for package, extra in (
        ("huggingface_hub", "embeddings"),
        ("onnxruntime", "embeddings"),
        ("torch", "embeddings-torch"),
    ):
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(EncoderError, match=rf"This needs the package {package} .*'themetagger\[{extra}\]'"):
            needed(package, "This")
    with pytest.raises(EncoderError, match=r"pip install 'themetagger\[embeddings\]'"):
        folder_of("org/minilm", ["*.json"])


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("/home/ann/minilm", "minilm"),
        ("/opt/gt_minilm/model", "gt_minilm"),
        ("/c/hub/models--org--mini-lm/snapshots/1a2b", "org/mini-lm"),
        ("/", "model"),
    ],
)
def test_a_model_is_called_by_what_names_it(folder: str, name: str) -> None:
    assert name_in(Path(folder)) == name
