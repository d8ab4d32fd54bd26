"""The search: the only folder that imports optuna."""

import warnings

with warnings.catch_warnings():
    # Optuna's progress bar, which is not used, asks for a notebook widget
    warnings.filterwarnings("ignore", message="IProgress not found")
    import optuna  # noqa: F401
