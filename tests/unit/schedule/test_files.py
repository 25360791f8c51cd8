"""Files are written all or none, over nothing that is there, and not through links."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gonogo.schedule.errors import ScheduleError
from gonogo.schedule.files import File, write_files

FILES = (File("a/one.txt", "one\n"), File("two.txt", "two\n"))


def test_they_are_written_and_readable(tmp_path: Path) -> None:
    write_files(tmp_path / "new", FILES, force=False)
    assert (tmp_path / "new/a/one.txt").read_text() == "one\n"
    assert (tmp_path / "new/two.txt").stat().st_mode & 0o777 == 0o644
    assert sorted(p.name for p in (tmp_path / "new").rglob("*")) == ["a", "one.txt", "two.txt"]


def test_one_that_is_there_keeps_all_from_being_written(tmp_path: Path) -> None:
    (tmp_path / "two.txt").write_text("mine")
    with pytest.raises(ScheduleError, match=r"nothing was written, as there is already .*two\.txt: add --force"):
        write_files(tmp_path, FILES, force=False)
    assert not (tmp_path / "a").exists()
    write_files(tmp_path, FILES, force=True)
    assert (tmp_path / "two.txt").read_text() == "two\n"


@pytest.mark.parametrize("force", [False, True])
def test_nothing_is_written_through_a_link(tmp_path: Path, force: bool) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "two.txt").write_text("mine")
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    (first / "a").symlink_to(outside)
    second.mkdir()
    (second / "two.txt").symlink_to(outside / "two.txt")
    for output in (first, second):
        with pytest.raises(ScheduleError, match="symbolic link"):
            write_files(output, FILES, force=force)
    assert [p.name for p in outside.iterdir()] == ["two.txt"]
    assert (outside / "two.txt").read_text() == "mine"


def test_a_directory_in_the_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "two.txt").mkdir()
    with pytest.raises(ScheduleError, match="is a directory"):
        write_files(tmp_path, FILES, force=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ScheduleError, match="cannot write"):
        write_files(tmp_path, FILES, force=False)


def test_an_output_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ScheduleError, match="cannot write .*: "):
        write_files(tmp_path / "file", FILES, force=False)
