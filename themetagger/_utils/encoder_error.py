"""The error of a pretrained text encoder that is missing, unknown, or another one than a tagger was tuned with."""


class EncoderError(ValueError):
    """A pretrained text encoder cannot be used; the message says which one, why, and what to do."""
