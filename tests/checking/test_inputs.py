"""Inputs come from a seed and from nothing else."""

from collections import Counter

import numpy as np
import torch

from autograder.checking import Inputs
from autograder.course import INPUT_SETS, Course, check_seed


def drawn(seed: int) -> list[object]:
    """One of every kind of draw."""
    rng = Inputs(seed)
    generator = rng.generator()
    return [
        rng.normal(2, 3).tolist(),
        rng.uniform(-1, 1, 2).tolist(),
        rng.uniform(5, 6),
        rng.integer(0, 10**6),
        rng.choice(range(10**6)),
        rng.permutation(20).tolist(),
        rng.labels(20, 5).tolist(),
        torch.rand(3, generator=generator).tolist(),
    ]


def test_the_same_seed_draws_the_same_inputs() -> None:
    """A grade can be replayed: every kind of draw depends on the seed alone."""
    torch.manual_seed(1)
    first = drawn(7)
    torch.manual_seed(2)
    np.random.seed(2)
    assert drawn(7) == first
    assert all(mine != theirs for mine, theirs in zip(drawn(8), first, strict=True))


def test_draws_leave_the_global_generator_alone() -> None:
    """A check does not disturb what the student's code may draw."""
    before = torch.get_rng_state()
    drawn(7)
    assert torch.equal(torch.get_rng_state(), before)


def test_draws_have_the_promised_form() -> None:
    """Double precision by default, the dtype asked for else; whole numbers include both ends."""
    rng = Inputs(0)
    assert rng.normal(2, 3).dtype == torch.float64
    assert rng.normal(2, dtype=torch.float32).dtype == torch.float32
    assert rng.normal().shape == ()
    assert abs(float(rng.normal(10_000, mean=3.0, std=0.1).mean()) - 3.0) < 0.01
    assert isinstance(rng.uniform(0, 1), float)
    assert {rng.integer(1, 3) for _ in range(100)} == {1, 2, 3}
    assert {rng.choice("ab") for _ in range(50)} == {"a", "b"}
    assert sorted(rng.permutation(5).tolist()) == [0, 1, 2, 3, 4]
    assert rng.labels(4, 3).dtype == torch.int64


def test_single_precision_inputs_are_the_double_ones_rounded() -> None:
    """The dtype does not change what is drawn."""
    assert torch.equal(Inputs(3).normal(5, dtype=torch.float32), Inputs(3).normal(5).float())


def test_a_student_has_one_of_the_seeds_of_the_assignment(tmp_path, monkeypatch) -> None:
    """A class shares `INPUT_SETS` seeds about evenly, each student always has the same, and none is another assignment's."""
    monkeypatch.setenv("UNSTUCK_SECRET", "one")
    course = Course(tmp_path)
    students = [f"student{number}" for number in range(800)]
    drawn = Counter(course.seed(student, "a3") for student in students)
    assert len(drawn) == INPUT_SETS
    assert max(drawn.values()) < 2 * len(students) / INPUT_SETS
    assert [course.seed(student, "a3") for student in students] == [
        Course(tmp_path).seed(one, "a3") for one in students
    ]
    assert not drawn.keys() & {course.seed(student, "a7") for student in students}


def test_seeds_depend_on_the_secret_and_the_check(tmp_path, monkeypatch) -> None:
    """Who does not know the secret knows neither the seeds nor who shares one."""
    students = [f"student{number}" for number in range(40)]
    monkeypatch.setenv("UNSTUCK_SECRET", "one")
    one = [Course(tmp_path).seed(student, "a3") for student in students]
    monkeypatch.setenv("UNSTUCK_SECRET", "another")
    another = [Course(tmp_path).seed(student, "a3") for student in students]
    assert not set(one) & set(another)
    assert [one.index(seed) for seed in one] != [another.index(seed) for seed in another]
    assert check_seed(one[0], "step/one") == check_seed(one[0], "step/one")
    assert check_seed(one[0], "step/one") != check_seed(one[0], "step/two")


def test_the_secret_is_for_its_owner(tmp_path, monkeypatch) -> None:
    """The course secret is made at first use, readable by nobody else."""
    monkeypatch.delenv("UNSTUCK_SECRET", raising=False)
    Course(tmp_path).seed("ada", "a3")
    secret = tmp_path / ".autograder" / "secret"
    assert secret.stat().st_mode & 0o077 == 0
    assert len(secret.read_text()) == 64
