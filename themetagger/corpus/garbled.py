"""Text that was UTF-8 and has been read as another encoding, such as "donâ€™t" for "don’t"."""

from __future__ import annotations

import re

_SHOWN = 30  # characters of a word
_UNUSED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # bytes that cp1252 does not have; programs read them as Latin-1
_AS_CP1252 = {byte: bytes([byte]).decode("latin-1" if byte in _UNUSED else "cp1252") for byte in range(0x80, 0x100)}
_BYTES = {character: byte for byte, character in _AS_CP1252.items()} | {chr(byte): byte for byte in range(0x80, 0xA0)}
_FOLLOWING = "[" + "".join(re.escape(character) for character, byte in _BYTES.items() if byte < 0xC0) + "]"
# Two bytes of Western letters, three of quotes and dashes, four of emoji; and three letters of other scripts in a row,
# since one of these pairs may also stand in a text that was read rightly, as "FPÖ“" does.
_SUSPECT = re.compile(
    f"[ÂÃ]{_FOLLOWING}|â[€\x80]{_FOLLOWING}|ð[Ÿ\x9f]{_FOLLOWING}{{2}}|(?:[ÄÅÎÏÐÑ×ØÙà-ï]{_FOLLOWING}{{1,2}}){{3}}"
)


def ungarbled(text: str) -> str | None:
    """What a text was before it was read as cp1252 or Latin-1 instead of UTF-8; None where it does not look so.

    >>> ungarbled("donâ€™t"), ungarbled("cafÃ©"), ungarbled("Â£ 3"), ungarbled("SÃO, FPÖ“ and café")
    ('don’t', 'café', '£ 3', None)
    """
    if text.isascii() or not _SUSPECT.search(text):
        return None
    try:
        raw = bytes(_BYTES[character] if character in _BYTES else ord(character) for character in text)
        return raw.decode()
    except (ValueError, UnicodeDecodeError):
        return None


def differing(text: str, was: str) -> tuple[str, str]:
    """The first word in which a garbled text differs from what it was, and this.

    >>> differing("I donâ€™t know", "I don’t know")
    ('donâ€™t', 'don’t')
    """
    pairs = zip(text.split(" "), was.split(" "), strict=False)
    return next(((one[:_SHOWN], other[:_SHOWN]) for one, other in pairs if one != other), (text[:_SHOWN], was[:_SHOWN]))
