"""A real browser for tests: Chromium, headless, and the accessibility checker axe-core from npm."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

AXE = "axe-core@4.14.1"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The path of a Chromium that is installed; None where there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Any]:
    """A Chromium; its pages may be made with ``new_context`` or ``new_page``."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield opened
        finally:
            opened.close()


def axe_script(folder: Path) -> Path | None:
    """The checker's script, fetched by npm into ``folder`` unless it is there; None where npm cannot."""
    script = folder / "package" / "axe.min.js"
    if script.is_file():
        return script
    npm = shutil.which("npm")
    if npm is None:
        return None
    with tempfile.TemporaryDirectory(dir=folder) as own:  # another worker of the tests may fetch it too
        command = [npm, "pack", AXE, "--silent"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=own)
        if ended.returncode:
            return None
        with tarfile.open(Path(own) / ended.stdout.split()[-1]) as archive:
            found = archive.extractfile("package/axe.min.js")
            if found is None:
                return None
            (Path(own) / "axe.js").write_bytes(found.read())
        script.parent.mkdir(exist_ok=True)
        (Path(own) / "axe.js").replace(script)
    return script
