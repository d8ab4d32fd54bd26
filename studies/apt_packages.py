"""Debian packages and their debtags, read with apt from the package lists of this machine."""

from __future__ import annotations

import csv
import re
import subprocess
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

HELPER = "/usr/lib/apt/apt-helper"  # reads the lists in whatever way apt has compressed them
FIELDS = ("Package", "Description", "Description-en", "Description-md5", "Tag")
UPDATE = "apt-get -o Acquire::Languages=en update"
_TAG = re.compile(r"(?:[^,{]|\{[^}]*\})+")  # a comma inside braces does not end a tag
_BRACES = re.compile(r"(.*)\{(.*)\}(.*)", re.DOTALL)


@dataclass(frozen=True)
class Package:
    """A tagged package: its name, one-line and long description, and its themes, which are debtags."""

    name: str
    short: str
    long: str
    md5: str
    themes: tuple[str, ...]

    @property
    def text(self) -> str:
        """Name, one-line description and long description as one line: breaks are where apt's lists wrap."""
        return " ".join(f"{self.name}: {self.short}. {self.long}".split())


def write_packages(path: Path) -> Path:
    """Write the tagged packages of this machine's lists as a table; SystemExit says what to run without any."""
    packages = tagged_packages(_read("Packages"))
    if not packages:
        raise SystemExit(
            "The package lists of this machine hold no package with a Tag field; fetch them, as root, with\n"
            f"    {UPDATE}\nand run the study again."
        )
    packages = with_long_descriptions(packages, _read("Translations"))
    write_table(packages, path)
    short_only = sum(not package.long for package in packages)
    print(f"{len(packages):,} tagged packages, {short_only:,} without a long description -> {path}")
    if short_only == len(packages):
        print(f"No list holds long descriptions; `{UPDATE}` fetches them.")
    return path


def tagged_packages(lines: Iterable[str]) -> list[Package]:
    """The packages with at least one theme, by name; of several versions the first that is tagged.

    An untagged package is left out: it is unlabelled, not a text without a theme.
    """
    found: dict[str, Package] = {}
    for record in records(lines):
        themes = themes_of(record.get("Tag", ""))
        name = record.get("Package", "")
        if themes and name and name not in found:
            short, long = description(record.get("Description", record.get("Description-en", "")))
            found[name] = Package(name, short, long, record.get("Description-md5", ""), themes)
    return [found[name] for name in sorted(found)]


def with_long_descriptions(packages: Iterable[Package], lines: Iterable[str]) -> list[Package]:
    """The same packages, the long descriptions that they lack taken from translation records of the same md5."""
    packages = list(packages)
    found = long_descriptions(lines, {package.md5 for package in packages if package.md5 and not package.long})
    return [replace(package, long=package.long or found.get(package.md5, "")) for package in packages]


def long_descriptions(lines: Iterable[str], wanted: Collection[str]) -> dict[str, str]:
    """The long description of each wanted md5 that has a record."""
    return {
        record["Description-md5"]: description(record.get("Description-en", ""))[1]
        for record in records(lines)
        if record.get("Description-md5", "") in wanted
    }


def records(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """The `FIELDS` of each record, read line by line; continuation lines keep their indent."""
    record: dict[str, str] = {}
    field = ""
    for line in lines:
        line = line.rstrip("\r\n")
        if line[:1] in (" ", "\t"):
            if field:
                record[field] += "\n" + line
        elif line:
            name, _, value = line.partition(":")
            field = name if name in FIELDS else ""
            if field:
                record[field] = value.strip()
        elif record:
            yield record
            record, field = {}, ""
    if record:
        yield record


def themes_of(field: str) -> tuple[str, ...]:
    """The themes in a Tag field, each once: facet::{a,b} is two, and a remark about the tagging is none."""
    tags = (tag for part in _TAG.findall(field) for tag in _expanded("".join(part.split())))
    return tuple(dict.fromkeys(tag for tag in tags if _is_theme(tag)))


def _expanded(tag: str) -> list[str]:
    braces = _BRACES.fullmatch(tag)
    return [braces[1] + name + braces[3] for name in braces[2].split(",") if name] if braces else [tag]


def _is_theme(tag: str) -> bool:
    """Whether a tag speaks about the package; special:: and TODO tags speak about the work of tagging it."""
    facet, _, name = tag.partition("::")
    remark = facet == "special" or name.endswith("TODO") or "not-yet-tagged" in name
    return bool(facet and name) and not remark


def description(field: str) -> tuple[str, str]:
    """(one-line, long) description; a line that is only a dot stands for a blank one."""
    short, *rest = field.split("\n")
    return short.strip(), "\n".join("" if line.strip() == "." else line.strip() for line in rest).strip()


def write_table(packages: Iterable[Package], path: Path) -> None:
    """Write the packages as CSV with the columns Package, Processed Text and Themes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Package", "Processed Text", "Themes"])
        writer.writerows([package.name, package.text, ", ".join(package.themes)] for package in packages)


def _read(kind: str) -> Iterator[str]:
    """The lines of all lists of a kind, Packages or Translations, that apt has on this machine."""
    # containers are often told to keep no translations; asking for English finds those that were fetched
    query = ["apt-get", "-o", "Acquire::Languages=en", "indextargets", "--format", "$(FILENAME)"]
    files = "".join(_lines([*query, f"Created-By: {kind}"])).splitlines()
    return _lines([HELPER, "cat-file", *files]) if files else iter(())


def _lines(command: list[str]) -> Iterator[str]:
    """What a command prints, line by line, so that a list of any length costs no memory."""
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", errors="replace")
    except FileNotFoundError as error:
        raise SystemExit(f"There is no {command[0]} here; this study needs apt (Debian, Ubuntu).") from error
    with process:
        assert process.stdout is not None
        yield from process.stdout
    if process.returncode:
        raise SystemExit(f"{command[0]} could not read the package lists; fetch them again with\n    {UPDATE}")
