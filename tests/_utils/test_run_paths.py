"""The files of a run: inside its folder, each with a name of its own, whatever a theme is called."""

from __future__ import annotations

import pytest

from themetagger._utils.run_paths import RunPaths, ThemePaths, folder_name


def _of(paths):
    """What the properties of some paths give."""
    names = [name for name, value in vars(type(paths)).items() if isinstance(value, property)]
    return [getattr(paths, name) for name in names]


def test_each_file_has_a_name_of_its_own_within_the_folder(tmp_path):
    for paths in (RunPaths(tmp_path / "run"), ThemePaths(tmp_path / "theme")):
        files = _of(paths)
        assert len(set(files)) == len(files)
        assert {file.parent for file in files} == {paths.folder}


def test_a_theme_has_its_files_among_those_of_the_themes(tmp_path):
    paths = RunPaths(tmp_path)
    theme = paths.theme("pay")
    assert theme.folder.parent == paths.themes
    assert theme.scores_of(12) == theme.scores / "0012.npy"


@pytest.mark.parametrize(
    "theme", ["../x", "CON", "index", "x" * 400, "", ".", "pay\n", "Éö / 薪资", "a" * 50, "\ud800"]
)
def test_a_folder_is_named_safely_whatever_the_theme_is_called(theme, tmp_path):
    name = folder_name(theme)
    assert len(name) < 60
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    (tmp_path / name).mkdir()
    assert folder_name(theme + "2") != name
