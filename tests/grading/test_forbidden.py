"""The built-in that is the exercise is reported by name, whatever Python path leads to it; no other exercise suffers."""

from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_course

from autograder.checking.plugin import Examination, examine
from autograder.course import Course
from autograder.grading.examine import Examiner
from autograder.grading.intake import Work
from autograder.grading.result import SubmissionResult
from autograder.sandbox.sandbox import Sandbox

COURSE = Course(Path(__file__).resolve().parents[2])
SEED = "0123"

WRAPPED = """
class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        super().__init__(params, {{"lr": lr, "momentum": momentum}})
        self.inner = {optimizer}(self.param_groups, lr=lr, momentum=momentum)

    def step(self, closure=None):
        return self.inner.step(closure)
"""
FUNCTIONAL = """
class MomentumSGD(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9):
        _check_rates(lr, momentum)
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        from torch.optim.sgd import sgd as one_step
        for group in self.param_groups:
            ps = [p for p in group["params"] if p.grad is not None]
            buffers = [self.state[p].get("b") for p in ps]
            one_step(ps, [p.grad for p in ps], buffers, weight_decay=0.0, momentum=group["momentum"], lr=group["lr"],
                     dampening=0.0, nesterov=False, maximize=False, foreach=False, has_sparse_grad=False)
            for p, b in zip(ps, buffers):
                self.state[p]["b"] = b
"""
SUBCLASS = """
class MomentumSGD(torch.optim.SGD):
    def __init__(self, params, lr, momentum=0.9):
        _check_rates(lr, momentum)
        super().__init__(params, lr=lr, momentum=momentum)
"""
OPTIMIZERS = {
    "import from": "from torch.optim import SGD as Plain\n" + WRAPPED.format(optimizer="Plain"),
    "getattr": WRAPPED.format(optimizer='getattr(torch.optim, "S" + "GD")'),
    "import_module": "import importlib\n" + WRAPPED.format(optimizer='importlib.import_module("torch.optim.sgd").SGD'),
    "inheritance": SUBCLASS,
    "functional": FUNCTIONAL,
}

INNER_LAYER = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        layer = {layer}
        return layer(x)
"""
FORWARD = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        training = self.training
        return {call}
"""
_ARGUMENTS = "self.running_mean, self.running_var, self.weight, self.bias, training, self.momentum, self.eps"
_FUNCTION = "x, self.running_mean, self.running_var, self.weight, self.bias, training, self.momentum, self.eps"
_KERNEL = "x, self.weight, self.bias, self.running_mean, self.running_var, training, self.momentum, self.eps"
NORMS = {
    "F.batch_norm": FORWARD.format(call=f"nn.functional.batch_norm({_FUNCTION})"),
    "torch.batch_norm": FORWARD.format(call=f"torch.batch_norm({_KERNEL}, False)"),
    "torch.native_batch_norm": FORWARD.format(call=f"torch.native_batch_norm({_KERNEL})[0]"),
    "torch.ops": FORWARD.format(call=f"torch.ops.aten.native_batch_norm({_KERNEL})[0]"),
    "a layer inside": INNER_LAYER.format(layer="nn.BatchNorm1d(x.shape[1], dtype=x.dtype)"),
    "getattr": INNER_LAYER.format(layer='getattr(nn, "Batch" + "Norm1d")(x.shape[1], dtype=x.dtype)'),
    "inheritance": "\nclass BatchNorm1d(nn.BatchNorm1d):\n    pass\n",
    "F.layer_norm": FORWARD.format(call="nn.functional.layer_norm(x.transpose(0, 1), x.transpose(0, 1).shape[1:]).transpose(0, 1)"),
    "F.instance_norm": FORWARD.format(call="nn.functional.instance_norm(x.reshape(1, x.shape[1], -1)).reshape(x.shape)"),
}  # fmt: skip

Graded = Callable[[str], SubmissionResult]


def graded(slug: str, texts: dict[str, str], sandbox: Sandbox) -> dict[str, SubmissionResult]:
    """The result of the reference with each text behind it."""
    assignment, results = COURSE.assignment(slug), {}

    def work(examination: Examination) -> None:
        examiner = Examiner(assignment, sandbox, examination)
        for name, text in texts.items():
            results[name] = examiner.grade_work(Work(f"{slug}.py", (assignment.reference + text,), False), SEED)

    examine(assignment.checks, work)
    return results


@pytest.fixture(scope="module")
def optimizers(sandbox: Sandbox) -> dict[str, SubmissionResult]:
    """The results of momentum's shortcuts, and of work without."""
    demo = "\ndemo = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)\ndemo.step()\n"
    return graded("a3_momentum", {**OPTIMIZERS, "a demonstration": demo}, sandbox)


@pytest.fixture(scope="module")
def norms(sandbox: Sandbox) -> dict[str, SubmissionResult]:
    """The results of batch normalization's shortcuts."""
    return graded("a7_batch_norm", NORMS, sandbox)


@pytest.mark.parametrize("path", OPTIMIZERS)
def test_an_optimiser_of_torch_is_found(optimizers: dict[str, SubmissionResult], path: str) -> None:
    """The class scores 0 in each of its checks, named as the built-in; the functions beside it keep their points."""
    result = optimizers[path]
    assert result.exercise_score("MomentumSGD") == 0.0
    assert result.score == 15.0
    messages = {check.message for check in result.exercise("MomentumSGD")}
    assert messages == {"uses torch.optim.SGD, which is the exercise itself; write it with basic operations"}
    named = {check.exercise: check.forbidden for check in result.checks}
    assert named == {"MomentumSGD": ("torch.optim.SGD",), **dict.fromkeys(named.keys() - {"MomentumSGD"}, ())}


def test_a_call_outside_the_exercises_costs_nothing(optimizers: dict[str, SubmissionResult]) -> None:
    """A module may compare itself with torch's optimiser below its definitions."""
    assert optimizers["a demonstration"].score == 20.0


@pytest.mark.parametrize("path", NORMS)
def test_a_norm_layer_of_torch_is_found(norms: dict[str, SubmissionResult], path: str) -> None:
    """The class scores 0 and says by name what it uses; the standardizer keeps its points."""
    result = norms[path]
    assert result.exercise_score("BatchNorm1d") == 0.0
    assert result.score == 3.0
    messages = {check.message for check in result.exercise("BatchNorm1d")}
    assert len(messages) == 1
    assert all(message.startswith("uses torch.") and "norm" in message.lower() for message in messages)


def test_a_forbidden_call_is_charged_to_the_exercise_that_makes_it(tmp_path: Path, sandbox: Sandbox) -> None:
    """`walk` calls `step`, which calls what is forbidden: `step` scores 0, and `walk` keeps its points; its backward pass too."""
    root = tiny_course.write(tmp_path, few=True)
    rows = '[[forbidden]]\nname = "torch.softmax"\npython = ["torch.softmax"]\noperators = ["aten::_softmax"]\n'
    (root / "autograder" / "hidden" / tiny_course.SLUG / "forbidden.toml").write_text(rows)
    checks = root / "autograder" / "hidden" / tiny_course.SLUG / f"test_{tiny_course.SLUG}.py"
    backward = "lambda m: m.run(lambda m, a, b: m.walk(a.requires_grad_(), b, 0.5).sum().backward(), start, slopes)"
    text = checks.read_text() + f"    agree(student, reference, {backward})\n"
    checks.write_text(text)
    shortcut = tiny_course.SOLUTION.replace(
        "    return x - rate * slope", "    return x - rate * slope + 0.0 * torch.softmax(x * torch.ones(2), -1).sum()"
    )
    assignment, found = Course(root).assignment(tiny_course.SLUG), []

    def work(examination: Examination) -> None:
        work = Work("handed_in", (shortcut,), False)
        found.append(Examiner(assignment, sandbox, examination).grade_work(work, SEED))

    examine(assignment.checks, work)
    [result] = found
    assert {check.exercise: check.status for check in result.checks} == {"step": "failed", "walk": "passed"}
    assert {check.message for check in result.exercise("step")} == {
        "uses torch.softmax, which is the exercise itself; write it with basic operations"
    }
