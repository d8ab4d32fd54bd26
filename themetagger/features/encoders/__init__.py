"""Text encoders: pretrained models that give each text a vector."""
