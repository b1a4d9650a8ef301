"""The benchmark runs, and compares like with like."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_throughput_measures_all_three_graders_on_the_same_submissions(tmp_path: Path) -> None:
    """Two submissions go through this grader, nbgrader as it ships and pytest; each costs something."""
    found = tmp_path / "costs.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "throughput.py"), "--submissions", "2", "--json", str(found)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    costs = json.loads(found.read_text())
    assert len(costs) == 5
    # The others are differences of two runs, which on a busy machine may come out below nothing.
    assert all(costs[name]["cpu"] > 0 for name in ("(c) one pytest each", "the checks' own compute"))


def test_scaling_compares_processes_and_dask_workers(tmp_path: Path) -> None:
    """Two submissions are graded by one process and by one Dask worker; a rate and a ratio come of each."""
    found = tmp_path / "rates.json"
    little = ["--submissions", "2", "--rounds", "1", "--jobs", "1", "--workers", "1"]
    command = [sys.executable, str(ROOT / "benchmarks" / "scaling.py"), *little, "--json", str(found)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rates = json.loads(found.read_text())
    assert set(rates["a minute"]) == set(rates["to one process"]) == {"--jobs 1", "1 Dask workers"}
    assert rates["to one process"]["--jobs 1"] == [1.0]


def test_a_course_is_graded_beside_the_others_and_the_floor(tmp_path: Path) -> None:
    """Two generated submissions of one assignment are graded; time, memory, the others' time and the floor come of it."""
    found = tmp_path / "costs.json"
    little = ["--students", "2", "--assignment", "a7_batch_norm", "--sample", "1", "--own", "2"]
    command = [sys.executable, str(ROOT / "benchmarks" / "thousand.py"), *little, "--json", str(found)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(found.read_text())
    assert report["statuses"] == {"graded": 2}
    assert min(report["cpu"], report["workers_cpu"], report["memory"], report["fork"]["cpu"]) > 0
    assert set(report["samples"]) == {"a7_batch_norm"}
