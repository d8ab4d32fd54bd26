"""What a tagger file says of a pretrained text encoder: which one it is, as data; its weights stay where they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from themetagger._utils.console import printable

LARGEST = 4_096  # bytes of a record
LONGEST = 200  # characters of a name
WIDEST = 8_192  # numbers of a vector
SHA256 = re.compile(r"[0-9a-f]{64}")
ARRAY = "record"


@dataclass(frozen=True)
class ModelRecord:
    """A pretrained text encoder by its name and the SHA-256 of its files.

    Parameters
    ----------
    name : as a person knows it, at most 200 characters
    sha256 : of its weights, its tokenizer and how its vectors are made, 64 hexadecimal digits
    width : numbers of a vector, 1 to 8,192
    pooling : how the vectors of tokens become one, such as "mean"

    Examples
    --------
    >>> record = ModelRecord("minilm", "ab" * 32, 384, "mean")
    >>> print(record)
    minilm (SHA-256 abababababab..., 384 numbers, mean)
    >>> ModelRecord.from_arrays(record.to_arrays()) == record
    True
    """

    name: str
    sha256: str
    width: int
    pooling: str

    def __post_init__(self) -> None:
        """Refuse what no encoder says of itself."""
        for field in ("name", "pooling"):
            value = getattr(self, field)
            if not isinstance(value, str) or not 0 < len(value) <= LONGEST or printable(value) != value:
                raise ValueError(f"the {field} of a text encoder is no text of up to {LONGEST} printable characters")
        if not isinstance(self.sha256, str) or not SHA256.fullmatch(self.sha256):
            raise ValueError("the SHA-256 of a text encoder is not 64 hexadecimal digits")
        if type(self.width) is not int or not 0 < self.width <= WIDEST:
            raise ValueError(f"a text encoder gives vectors of {self.width!r} numbers")

    def __str__(self) -> str:
        """For a person; the SHA-256 is cut."""
        return f"{self.name} (SHA-256 {self.sha256[:12]}..., {self.width:,} numbers, {self.pooling})"

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Itself as an array of bytes, which is how it goes into the tagger file."""
        return {ARRAY: np.frombuffer(json.dumps(asdict(self), sort_keys=True).encode(), dtype=np.uint8)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """What :meth:`to_arrays` gave; a ValueError or TypeError where it is anything else."""
        if set(arrays) != {ARRAY} or arrays[ARRAY].dtype != np.uint8 or arrays[ARRAY].ndim != 1:
            raise ValueError("what names the text encoder is no array of bytes")
        if arrays[ARRAY].size > LARGEST:
            raise ValueError(f"what names the text encoder has {arrays[ARRAY].size:,} bytes, expected up to {LARGEST}")
        held = json.loads(arrays[ARRAY].tobytes())
        if not isinstance(held, dict) or set(held) != {field.name for field in fields(cls)}:
            raise ValueError("what names the text encoder has other fields than name, sha256, width and pooling")
        return cls(**held)
