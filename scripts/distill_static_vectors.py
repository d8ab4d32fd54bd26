"""Distils themetagger/features/encoders/static_vectors.npz from a sentence-transformers model, by model2vec.

    pip install 'model2vec[distill]' torch transformers
    python scripts/distill_static_vectors.py FOLDER

FOLDER holds all-MiniLM-L6-v2 (Apache-2.0, https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2), or another
model with an uncased WordPiece vocabulary. Each piece goes through the model by itself, the vectors are brought to
128 dimensions by their principal components, weighed by how frequent a piece is (smooth inverse frequency), and stored
as a byte a number with one scale a piece.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from model2vec.distill import distill_from_model
from safetensors.numpy import load_file
from transformers import AutoModel, AutoTokenizer

from themetagger.features.encoders.static import FILE, MIDDLE

DIMENSIONS = 128
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def main(folder: str) -> None:
    """Write the file into the package."""
    model = distill_from_model(
        AutoModel.from_pretrained(folder),
        AutoTokenizer.from_pretrained(folder),
        pca_dims=DIMENSIONS,
        device="cpu",
        quantize_to="float32",
    )
    with tempfile.TemporaryDirectory() as place:
        model.save_pretrained(place)
        vectors = load_file(Path(place) / "model.safetensors")["embeddings"]
        vocabulary = json.loads((Path(place) / "tokenizer.json").read_text())["model"]["vocab"]
    names = [name for name in sorted(vocabulary, key=vocabulary.__getitem__) if name not in SPECIAL]
    vectors = vectors[[vocabulary[name] for name in names]]
    scales = (np.abs(vectors).max(axis=1) / (MIDDLE - 1)).astype(np.float32)
    steps = np.where(scales > 0, scales, 1)[:, np.newaxis]
    codes = (np.rint(vectors / steps) + MIDDLE).astype(np.uint8)
    pieces = np.frombuffer("\n".join(names).encode(), dtype=np.uint8)
    target = Path(__file__).parent.parent / "themetagger/features/encoders" / FILE
    np.savez(target, pieces=pieces, codes=codes, scales=scales)
    print(f"{target.name}: {len(names):,} pieces, {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1])
