"""`autograder grade --quiet`."""

from contextlib import nullcontext
from pathlib import Path

import pytest
import tiny_course

from autograder import cli
from autograder.course import Course
from autograder.grading import local
from autograder.sandbox.sandbox import Sandbox

SLUG = tiny_course.SLUG


def test_quiet_says_only_what_could_not_be_graded(
    course: Course,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On standard error, one line each, without control characters; of those that were graded nothing; the exit code as ever."""
    monkeypatch.setattr(local, "Sandbox", lambda root, unsafe, device: nullcontext(sandbox))
    (tmp_path / f"ada_{SLUG}.py").write_text(tiny_course.SOLUTION, encoding="utf-8")
    (tmp_path / f"b\x1b[31mo_{SLUG}.ipynb").touch()
    words = ["--course", str(course.root), "grade", "--quiet", "--jobs", "1"]
    assert cli.main([*words, str(tmp_path / f"ada_{SLUG}.py")]) == 0
    assert capsys.readouterr() == ("", "")
    assert cli.main([*words, *map(str, tmp_path.glob(f"*_{SLUG}.*"))]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    [line] = err.splitlines()
    assert line.startswith("autograder: b")
    assert f"o/{SLUG}: unreadable: " in line
    assert "\x1b" not in line


def test_quiet_and_all_exclude_each_other(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """No table, and the whole of it, is wrong usage."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["--course", str(course.root), "grade", "--quiet", "--all", "x.py"])
    assert ended.value.code == 2
    assert "not allowed with" in capsys.readouterr().err
