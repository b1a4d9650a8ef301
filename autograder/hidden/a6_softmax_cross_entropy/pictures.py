"""Pictures of a6_softmax_cross_entropy: probabilities, losses and their slopes."""

import torch

from autograder.checking import picture

LOGITS = torch.tensor([3.0, 1.0, -3.0], dtype=torch.float64)
CLASSES = ["y = 3", "y = 1", "y = −3"]
# One logit runs, two stand still; class 0 is right.
RUN = [step / 2 for step in range(-12, 13)]
RUNNING = torch.tensor([[value, 0.0, 1.0] for value in RUN], dtype=torch.float64)
ALONG = {"kind": "curve", "x": RUN, "xlabel": "logit of the right class"}
BATCH = torch.tensor([[2.0, 0.5, -1.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
LABELS = torch.tensor([0, 2])


@picture("one_hot", kind="cells", shows=["counts_classes_from_one", "marks_every_label_in_every_row"])
def table(m):
    """one_hot of the labels 2, 0, 3, 3 with five classes: a row for each label, a column for each class."""
    return m.one_hot(torch.tensor([2, 0, 3, 3]), 5)


@picture(
    "softmax",
    kind="bars",
    names=CLASSES,
    ylabel="probability",
    shows=["overflows", "all_to_the_largest", "normalises_without_exponentials"],
)
def probabilities(m):
    """softmax of the lecture's logits 3, 1 and −3, and of the same logits with 1000 added to each."""
    return {"logits 3, 1, −3": m.softmax(LOGITS), "logits 1003, 1001, 997": m.softmax(LOGITS + 1000)}


@picture(
    "log_softmax",
    ylabel="ln probability",
    shows=["log_to_base_two", "forgets_the_shift", "minus_the_logarithm"],
    **ALONG,
)
def logarithm(m):
    """The logarithm of the right class's probability, with the other logits at 0 and 1."""
    return m.log_softmax(RUNNING)[:, 0]


@picture("cross_entropy", ylabel="loss", shows=["softmax_twice", "without_softmax", "forgets_the_minus"], **ALONG)
def surprise(m):
    """cross_entropy of one example, with the other logits at 0 and 1."""
    return [m.cross_entropy(row[None], torch.tensor([0])) for row in RUNNING]


@picture("cross_entropy_grad", kind="cells", shows=["points_downhill", "probabilities_alone", "gradient_of_the_sum"])
def push(m):
    """cross_entropy_grad of two examples with the logits (2, ½, −1) and (0, 1, 0) and the labels 0 and 2: one row each."""
    return m.cross_entropy_grad(BATCH, LABELS)


@picture(
    "softmax_mse",
    ylabel="loss",
    shows=["mse_averages_over_classes_too", "half_the_square", "mse_without_softmax"],
    **ALONG,
)
def squares(m):
    """softmax_mse of one example, with the other logits at 0 and 1."""
    return [m.softmax_mse(row[None], torch.tensor([0])) for row in RUNNING]


@picture(
    "softmax_mse_grad",
    ylabel="slope",
    shows=["without_the_chain_rule", "diagonal_of_the_jacobian", "forgets_the_two"],
    **ALONG,
)
def slope(m):
    """The entry of softmax_mse_grad for the right class, with the other logits at 0 and 1."""
    return [m.softmax_mse_grad(row[None], torch.tensor([0]))[0, 0] for row in RUNNING]


def squared(logits, labels):
    """A loss that tells the two logits and the third apart."""
    return logits[0, 0] ** 2 + 3 * logits[0, 1] + logits[0, 2] / 1000


@picture("loss_landscape", kind="cells", shows=["swaps_the_logits", "another_default"])
def grid(m):
    """loss_landscape of the loss y₁² + 3 y₂ + y₃/1000 over y₁ = 0, 1, 2 (rows) and y₂ = 0, 1, 2, 3 (columns)."""
    return m.loss_landscape(squared, torch.arange(3.0).double(), torch.arange(4.0).double())
