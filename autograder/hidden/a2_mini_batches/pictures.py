"""Pictures of a2_mini_batches: what an epoch sees, and how its noise depends on the batch size."""

import torch

from autograder.checking import picture

EXAMPLES = range(1, 21)


@picture(
    "num_batches",
    kind="curve",
    x=EXAMPLES,
    xlabel="examples",
    ylabel="batches",
    shows=["divides_down", "always_adds_one", "ignores_drop_last_in_the_count"],
)
def stairs(m):
    """num_batches of 1 to 20 examples in batches of 4, with the last batch kept, and with drop_last."""
    return {
        "last batch kept": [m.num_batches(n, 4) for n in EXAMPLES],
        "drop_last=True": [m.num_batches(n, 4, drop_last=True) for n in EXAMPLES],
    }


@picture(
    "minibatch_indices",
    kind="bars",
    ylabel="count",
    shows=[
        "draws_with_replacement",
        "draws_each_batch_on_its_own",
        "fills_up_the_last_batch",
        "puts_the_short_batch_first",
    ],
)
def census(m):
    """One shuffled epoch of 14 examples in batches of 4: the size of each batch, and how often each example occurs."""
    batches = m.minibatch_indices(14, 4, generator=torch.Generator().manual_seed(20))
    seen = torch.zeros(14)
    for index in torch.cat(list(batches)).tolist():
        seen[index] += 1
    return {"size of each batch": [len(batch) for batch in batches], "how often each example occurs": seen}


@picture(
    "epoch_mean",
    kind="curve",
    x=range(1, 11),
    xlabel="size of the last batch",
    ylabel="mean of the epoch",
    shows=["averages_the_means", "divides_by_full_batches"],
)
def uneven(m):
    """epoch_mean of two batches of 10 with the mean 1 and a last batch of 1 to 10 with the mean 4."""
    means = torch.tensor([1.0, 1.0, 4.0], dtype=torch.float64)
    return [m.epoch_mean(means, torch.tensor([10, 10, last])) for last in range(1, 11)]


@picture(
    "gradient_noise",
    kind="curve",
    x=range(1, 13),
    xlabel="batch size",
    ylabel="noise",
    shows=["forgets_the_correction", "divides_by_the_root_of_the_size", "takes_the_root"],
)
def noise(m):
    """gradient_noise of twelve per-example gradients (1, 0), (2, 0), … (12, 0), for each batch size."""
    grads = torch.stack([torch.arange(1.0, 13.0), torch.zeros(12)], dim=1).double()
    return [m.gradient_noise(grads, size) for size in range(1, 13)]


def turned(theta):
    """A loss whose curvatures are −3 and 2 along two diagonals, and 1 along the third axis."""
    return 0.5 * (-0.5 * theta[0] ** 2 - 0.5 * theta[1] ** 2 + 5 * theta[0] * theta[1] + theta[2] ** 2)


def steep(theta):
    """A loss with the curvatures 4, 1 and 1/4."""
    return 2 * theta[0] ** 2 + theta[1] ** 2 / 2 + theta[2] ** 2 / 8


def hill(theta):
    """A loss that falls in every direction."""
    return -(theta**2).sum() - theta[0] ** 2


@picture(
    "top_curvature",
    kind="bars",
    names=["valley: 4, 1, ¼", "saddle: −3, 2, 1", "hill: −2, −2, −4"],
    shows=["takes_the_largest_in_size", "never_goes_below_zero", "takes_the_trace"],
)
def sharpest(m):
    """top_curvature of three losses with the curvatures that stand below the bars."""
    place = torch.tensor([0.5, -0.3, 0.2], dtype=torch.float64)
    return [m.top_curvature(f, place) for f in (steep, turned, hill)]
