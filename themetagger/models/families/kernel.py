"""The support vector machine with an RBF kernel, for small data only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.svm import SVC

from themetagger.features import Suggests
from themetagger.models.families.family import CLASS_WEIGHTS, Estimator, Family, Params
from themetagger.models.families.first_trials import ON_FEW_WORDS
from themetagger.models.scorers import Floats, KernelScorer, Matrix, rbf_kernel


class KernelMachine:
    """libsvm on the kernel matrix of the training rows.

    Left to itself, libsvm walks two sparse rows anew for every entry of that matrix: a fit on 1,120 texts of
    1,800 n-grams took 15 s so, and takes 1.1 s with the single sparse product here.
    """

    def __init__(self, *, gamma: float, **settings: Any) -> None:
        self.gamma = gamma
        self.machine = SVC(kernel="precomputed", **settings)

    def fit(self, X: Matrix, y: ArrayLike) -> KernelMachine:
        self.machine.fit(rbf_kernel(X, X, gamma=self.gamma), y)
        self.rows_ = X
        return self

    def decision_function(self, X: Matrix) -> Floats:
        kernel = rbf_kernel(X, self.rows_, gamma=self.gamma)
        return np.asarray(self.machine.decision_function(kernel), dtype=np.float64)


def _space(trial: Suggests) -> dict[str, Any]:
    return {
        "C": trial.suggest_float("kernel_svm.C", 0.1, 100.0, log=True),
        "gamma": trial.suggest_float("kernel_svm.gamma", 0.05, 5.0, log=True),
        "class_weight": trial.suggest_categorical("kernel_svm.class_weight", CLASS_WEIGHTS),
    }


def _build(params: Params, *, seed: int) -> Estimator:
    return KernelMachine(**params, random_state=seed)


def _as_scorer(estimator: KernelMachine) -> KernelScorer:
    machine = estimator.machine
    return KernelScorer(
        support=sparse.csr_array(estimator.rows_[machine.support_], dtype=np.float32),
        dual=np.asarray(machine.dual_coef_, dtype=np.float64).ravel(),
        intercept=float(machine.intercept_[0]),
        gamma=float(estimator.gamma),
    )


KERNEL_SVM = Family(
    name="kernel_svm",
    level=2,
    space=_space,
    build=_build,
    as_scorer=_as_scorer,
    first_trials=(ON_FEW_WORDS,),
    views=("words", "words_1_2"),  # support vectors of character n-grams would fill the tagger file
    view_parameter="kernel_view",
    max_rows=2_000,  # the kernel matrix, and with it time and memory, grows with the square of the rows
)
