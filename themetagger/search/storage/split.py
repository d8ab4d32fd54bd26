"""How the texts of a run were split: the fold of each, and whether calibration rows had been set aside."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from themetagger._utils.arrays import arrays_at
from themetagger._utils.files import write_atomically

MOST_FOLDS = 100_000


@dataclass(frozen=True)
class Split:
    """What is needed to split a table again as it was.

    Parameters
    ----------
    folds : (n,) the fold of each text that was tuned on
    calibration : whether calibration rows were set aside before, and so are not among them

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "split.npz"
    >>> Split(np.array([0, 1, 0]), calibration=True).save(path)
    >>> Split.load(path)
    Split(folds=array([0, 1, 0]), calibration=True)
    """

    folds: npt.NDArray[np.int64]
    calibration: bool = False

    @property
    def seal(self) -> npt.NDArray[np.uint8]:
        """SHA-256 of it, (32,)."""
        said = self.folds.astype("<i8").tobytes() + bytes([self.calibration])
        return np.frombuffer(hashlib.sha256(said).digest(), np.uint8)

    def save(self, path: Path) -> None:
        """Write it whole or not at all, with its seal; an OSError where that is not possible."""
        file = io.BytesIO()
        np.savez(file, folds=self.folds, aside=np.array(self.calibration), sha256=self.seal)
        write_atomically(path, file.getvalue())

    @classmethod
    def load(cls, path: Path, *, sealed: bool = False) -> Split:
        """Read back what :meth:`save` wrote; ``sealed`` where it must have a seal, as older files have not.

        Raises
        ------
        ValueError
            If it is damaged, was changed, or its folds are not numbered from 0.
        OSError
            If it cannot be read.
        """
        held = arrays_at(path, {"folds": "i8", "aside": "?"}, more={"sha256": "u1"})
        if sealed and "sha256" not in held:
            raise ValueError("it was changed after it was written, for its checksum is missing")
        if len(held["aside"]) != 1:
            raise ValueError("whether rows were set aside is not one value")
        split = cls(held["folds"], bool(held["aside"][0]))
        if "sha256" in held and not np.array_equal(held["sha256"], split.seal):
            raise ValueError("it was changed after it was written, for its checksum does not fit")
        if len(split.folds) and not 0 <= split.folds.min() <= split.folds.max() < min(MOST_FOLDS, len(split.folds)):
            raise ValueError("a fold is out of range")
        if not np.bincount(split.folds).all():
            raise ValueError("a fold has no text")
        return split
