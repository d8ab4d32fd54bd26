"""How the texts of a run were split: the fold of each, and whether calibration rows had been set aside."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from themetagger._utils.files import write_atomically


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

    def save(self, path: Path) -> None:
        """Write it whole or not at all; an OSError where that is not possible."""
        file = io.BytesIO()
        np.savez(file, folds=self.folds, aside=np.array(self.calibration))
        write_atomically(path, file.getvalue())

    @classmethod
    def load(cls, path: Path) -> Split:
        """Read back what :meth:`save` wrote; OSError, ValueError, KeyError, EOFError or BadZipFile where it is not."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(arrays["folds"], bool(arrays["aside"]))
