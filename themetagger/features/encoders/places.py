"""Where a model is that a person names: a folder, or a name on the Hugging Face hub, of which a copy is fetched."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from themetagger._utils.console import printable
from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders.packages import needed

HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
USUAL_OWNER = "sentence-transformers"  # of a name on the hub that has none
VAGUE = {"model", "onnx", "snapshots", ""}  # names of folders that do not name a model


def is_hub_name(reference: str) -> bool:
    """Whether it is a name on the hub, and no path.

    Examples
    --------
    >>> is_hub_name("org/model-1.5"), is_hub_name("./model"), is_hub_name("a/b/c")
    (True, False, False)
    """
    return HUB_NAME.fullmatch(reference) is not None


def folder_of(reference: str | os.PathLike[str], *wanted: Sequence[str], show_progress: bool = True) -> Path:
    """The folder of a model.

    Parameters
    ----------
    reference : a folder, else a name on the hub
    *wanted : patterns of the files that are fetched from the hub; where the first ones give no weights, the next too

    Raises
    ------
    EncoderError
        If it is neither, or the hub cannot be reached and this machine has no copy.
    """
    text = os.fspath(reference)
    folder = Path(text).expanduser()
    if folder.is_dir():
        return folder.resolve()
    if folder.exists():
        raise EncoderError(f"{text} is a file; give the folder that it is in, with its tokenizer and settings.")
    if not is_hub_name(text):
        raise EncoderError(f"{text!r} is no folder; give the folder of a model, or its name on the hub (OWNER/MODEL).")
    name = text if "/" in text else f"{USUAL_OWNER}/{text}"
    return _fetched(name, wanted, show_progress=show_progress)


def _fetched(name: str, wanted: Sequence[Sequence[str]], *, show_progress: bool) -> Path:
    hub = needed("huggingface_hub", f"{name!r} is no folder here; to look on the hub,")
    patterns: list[str] = []
    for more in wanted:
        patterns += more
        try:
            with nullcontext() if show_progress else _Quiet(hub):
                folder = Path(hub.snapshot_download(name, allow_patterns=patterns))
        except Exception as error:  # of the hub's client, of the network, of the disk
            cause = printable(f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}")
            raise EncoderError(
                f"{name!r} is no folder here, and could not be fetched from the hub ({cause}). Without a network, copy "
                "the model's folder to this machine, and give that."
            ) from error
        if any(folder.rglob("*.onnx")) or any(folder.glob("model*.safetensors")):  # not those of a layer behind it
            break
    return folder


class _Quiet:
    """The hub's client without its progress bars."""

    def __init__(self, hub: Any) -> None:
        self._bars = hub.utils

    def __enter__(self) -> None:
        self._bars.disable_progress_bars()

    def __exit__(self, *_: object) -> None:
        self._bars.enable_progress_bars()


def name_in(folder: Path) -> str:
    """What to call the model in a folder: its name on the hub, else the name of the folder.

    Examples
    --------
    >>> name_in(Path("/home/ann/models--org--minilm/snapshots/0123abcd")), name_in(Path("/opt/minilm/model"))
    ('org/minilm', 'minilm')
    """
    for part in folder.parts:
        if part.startswith("models--"):
            return part.removeprefix("models--").replace("--", "/")
    names = [part for part in reversed(folder.parts) if part.lower() not in VAGUE and part != folder.anchor]
    return names[0] if names else "model"
