"""The benchmark runs, and compares like with like."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def measured(script: str, *options: str, folder: Path) -> Any:
    """What a benchmark writes of a run with these options."""
    found = folder / "found.json"
    command = [sys.executable, str(ROOT / "benchmarks" / script), *options, "--json", str(found)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(found.read_text())


def test_throughput_measures_all_three_graders_on_the_same_submissions(tmp_path: Path) -> None:
    """Two submissions go through this grader, nbgrader as it ships and pytest; each costs something."""
    costs = measured("throughput.py", "--submissions", "2", folder=tmp_path)
    # Differences of two runs, which on a busy machine may come out below nothing.
    differences = {"(a) this grader", "(a) on all cores", "(b) nbgrader as it ships"}
    assert len(costs) == 7
    assert all(costs[name]["cpu"] > 0 and costs[name]["wall"] > 0 for name in costs.keys() - differences)
    assert costs["(a) start and first"]["cpu"] > costs["the checks' own compute"]["cpu"]


def test_scaling_compares_processes_and_dask_workers(tmp_path: Path) -> None:
    """Two submissions are graded by one process and by one Dask worker; a rate and a ratio come of each."""
    little = ["--submissions", "2", "--rounds", "1", "--jobs", "1", "--workers", "1"]
    rates = measured("scaling.py", *little, folder=tmp_path)
    assert set(rates["a minute"]) == set(rates["to one process"]) == {"--jobs 1", "1 Dask workers"}
    assert rates["to one process"]["--jobs 1"] == [1.0]


def test_a_course_is_graded_beside_the_others_and_the_floor(tmp_path: Path) -> None:
    """Two generated submissions of one assignment are graded; time, memory, the others' time and the floor come of it."""
    little = ["--students", "2", "--assignment", "a7_batch_norm", "--sample", "1", "--own", "2"]
    report = measured("thousand.py", *little, folder=tmp_path)
    assert report["statuses"] == {"graded": 2}
    assert min(report["cpu"], report["workers_cpu"], report["memory"], report["fork"]["cpu"]) > 0
    assert set(report["samples"]) == {"a7_batch_norm"}
