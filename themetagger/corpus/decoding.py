"""Bytes as text, strictly: UTF-8, or what a byte order mark or the caller says; a bad byte is named with its line."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from themetagger._utils.faces import option
from themetagger.corpus.errors import TableError

Lines = Callable[[], Iterator[str]]  # the lines of a text, each with its end; from the beginning at each call
# How files begin that are no text, and what to do with them; else the message would be about their encoding.
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", "pass the table itself"),
    (b"\xff\xd8\xff", "a JPEG picture", "pass the table itself"),
    (b"%PDF-", "a PDF document", "save its table as CSV"),
    (b"PK\x03\x04", "a ZIP archive or a workbook", "call it .xlsx if it is a workbook, else unpack it"),
    (b"\x1f\x8b", "compressed by gzip", "unpack it"),
    (b"BZh9", "compressed by bzip2", "unpack it"),
    (b"\xfd7zXZ\x00", "compressed by xz", "unpack it"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "unpack it"),
    (b"\xd0\xcf\x11\xe0", "an old workbook or another Office document", "call it .xls if it is a workbook"),
    (b"PAR1\x15", "a Parquet file", "call it .parquet"),
    (b"SQLite format 3\x00", "a SQLite database", "save its table as CSV"),
)
_NOT_CP1252 = (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # bytes that it does not have; it has all that Latin-1 has as letters
_BLOCK = 1 << 20  # bytes read at a time where a bad one is looked for
# The longer mark first: the UTF-32 mark begins with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8"),  # the mark itself is taken away with the text
)


def decode(raw: bytes, *, source: str, encoding: str | None = None) -> str:
    """All of a text.

    >>> decode("é".encode("latin-1"), source="a.csv")
    Traceback (most recent call last):
    ...
    themetagger.corpus.errors.TableError: a.csv, line 1: byte 0xe9 is not UTF-8; pass encoding='cp1252', \
or save the file as UTF-8.
    """
    name = _settle_encoding(raw[:1000], source=source, encoding=encoding)
    try:
        return raw.decode(name).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise TableError(_undecodable([raw], error.start, error.reason, source=source, name=name)) from None
    except UnicodeError as error:  # some codecs name no place
        raise TableError(_unfit(error, source=source, name=name)) from None


def lines_of(text: str) -> Lines:
    """The lines of a text at hand.

    >>> list(lines_of("a\\r\\nb\\rc")())
    ['a\\r\\n', 'b\\r', 'c']
    """
    return lambda: iter(io.StringIO(text, newline=""))


def lines_in(path: Path, *, encoding: str | None = None) -> Lines:
    """The lines of a file, of which a block at a time is in memory."""
    with readable(path), open(path, "rb") as file:
        name = _settle_encoding(file.read(1000), source=path.name, encoding=encoding)

    def lines() -> Iterator[str]:
        try:
            with readable(path), open(path, encoding=name, newline="") as file:
                yield next(file, "").removeprefix("\ufeff")
                yield from file
        except UnicodeDecodeError:
            raise TableError(_bad_byte(path, name)) from None
        except UnicodeError as error:  # some codecs name no place
            raise TableError(_unfit(error, source=path.name, name=name)) from None

    return lines


def bytes_of(path: Path) -> bytes:
    """All bytes of a file; TableError where it cannot be read."""
    with readable(path):
        return path.read_bytes()


def is_latin(encoding: str | None) -> bool:
    """Whether this is Latin-1 or one of its sisters, which read any byte, those of cp1252 as control characters.

    >>> is_latin("latin-1"), is_latin("cp1252"), is_latin(None)
    (True, False, False)
    """
    try:
        return encoding is not None and codecs.lookup(encoding).name.startswith("iso8859-")
    except LookupError:
        return False


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """While a file is read: an OSError becomes a TableError that names the file."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise TableError(f"{path}: cannot be read ({reason}); check the file, and whether you may read it.") from error


def _settle_encoding(head: bytes, *, source: str, encoding: str | None) -> str:
    for begins, kind, remedy in _KINDS:
        if head.startswith(begins):
            raise TableError(f"{source}: this is no text but {kind}; {remedy}.")
    name = encoding or next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    if encoding is None and name == "utf-8" and _looks_like_utf16(head):
        raise TableError(
            f"{source}, line 1: every other byte is 0, as in UTF-16 without a byte order mark; "
            f"pass {option('encoding', 'utf-16-le')} (or utf-16-be), or save the file as UTF-8."
        )
    try:
        "".encode(name)
        known = codecs.lookup(name).name
    except LookupError:
        known = ", ".join(option("encoding", name) for name in ("utf-8", "cp1252", "latin-1"))
        raise TableError(f"{source}: no encoding is called {encoding!r}; try {known}.") from None
    except (UnicodeError, ValueError) as error:  # the encoding "undefined", or a name that none can have
        raise TableError(_unfit(error, source=source, name=name)) from None
    if known in ("utf-16", "utf-32") and not any(head.startswith(mark) for mark, _ in _MARKS[:4]):
        return f"{known}-{'le' if sys.byteorder == 'little' else 'be'}"  # the machine's own order
    return "utf-8" if known == "utf-8-sig" else name


def _looks_like_utf16(head: bytes) -> bool:
    return len(head) >= 4 and max(head[::2].count(0), head[1::2].count(0)) > len(head) // 3


def _unfit(error: ValueError, *, source: str, name: str) -> str:
    return f"{source}: it cannot be read as {name!r} ({error}); say by {option('encoding')} how it was saved."


def _bad_byte(path: Path, name: str) -> str:
    """What is wrong in a file that cannot be decoded, found by decoding it block by block."""
    decoder, read = codecs.getincrementaldecoder(name)(), 0
    for block in chain(_blocks(path), [b""]):
        begun = read - len(decoder.getstate()[0])  # where the bytes begin that wait for their rest
        read += len(block)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            start = begun + error.start
            return _undecodable(_blocks(path), start, error.reason, source=path.name, name=name)
    return f"{path.name}: the file changed while it was read; try again."


def _blocks(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        yield from iter(lambda: file.read(_BLOCK), b"")


def _undecodable(blocks: Iterable[bytes], start: int, reason: str, *, source: str, name: str) -> str:
    """The message for byte ``start`` of all ``blocks`` one after the other."""
    line, place, last, byte = 1, 0, b"", 0
    for block in blocks:
        good = block[: max(0, start - place)]
        line += good.count(b"\n") + good.count(b"\r") - good.count(b"\r\n")
        line -= last == b"\r" and good.startswith(b"\n")
        if len(good) < len(block):
            byte = block[len(good)]
            break
        place, last = place + len(block), block[-1:]
    where = source if name.startswith(("utf-16", "utf-32")) else f"{source}, line {line}"
    if name.startswith("utf-8"):
        remedy = option("encoding", "cp1252") if byte not in _NOT_CP1252 else f"{option('encoding')} as it was saved"
        return f"{where}: byte 0x{byte:02x} is not UTF-8; pass {remedy}, or save the file as UTF-8."
    return (
        f"{where}: byte 0x{byte:02x} at position {start} is not {name} ({reason}); "
        f"say by {option('encoding')} how the file was saved."
    )
