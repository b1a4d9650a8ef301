"""Pictures of a7_batch_norm: where the statistics go, batch by batch, and what they make of the data."""

import torch

from autograder.checking import picture

# Two features on different scales, the second around 10.
DATA = torch.tensor([[1.0, 10.0], [2.0, 10.5], [3.0, 9.0], [4.0, 11.0], [6.0, 12.0], [8.0, 10.0]], dtype=torch.float64)
# Batches of one channel whose mean and spread change after the fourth.
BATCHES = [torch.tensor([[1.0], [3.0], [2.0], [6.0]]) for _ in range(4)] + [
    torch.tensor([[-2.0], [-4.0], [-3.0], [-3.0]]) for _ in range(6)
]


@picture(
    "fit_standardizer",
    kind="bars",
    names=["first feature", "second feature"],
    shows=["unbiased_std", "variance_for_std"],
)
def statistics(m):
    """The mean and the standard deviation of two features of six examples."""
    mean, std = m.fit_standardizer(DATA)
    return {"mean": mean, "standard deviation": std}


@picture(
    "standardize",
    kind="dots",
    xlabel="first feature",
    ylabel="second feature",
    shows=["refits_on_its_input", "divides_by_the_variance"],
)
def cloud(m):
    """Six examples after standardize, with the means (4, 10.5) and the deviations (2, 1) of other data."""
    return m.standardize(DATA, torch.tensor([4.0, 10.5]).double(), torch.tensor([2.0, 1.0]).double())


def followed(m, batches):
    """The running statistics of one channel, at the start and after each batch."""
    layer = m.BatchNorm1d(1, momentum=0.3)
    means, variances = [layer.running_mean[0].item()], [layer.running_var[0].item()]
    for batch in batches:
        layer(batch)
        means.append(layer.running_mean[0].item())
        variances.append(layer.running_var[0].item())
    return {"running_mean": means, "running_var": variances}


@picture(
    "BatchNorm1d",
    kind="curve",
    xlabel="batch",
    shows=["momentum_weights_the_old_value", "never_follows_the_batches", "biased_running_variance"],
)
def running(m):
    """The running statistics of one channel, momentum = 0.3; mean and spread of the batches change after the fourth."""
    return m.run(followed, BATCHES)


def both_modes(m, batches, x):
    """The output for one batch in train mode and in eval mode, after some batches of training."""
    layer = m.BatchNorm1d(1, momentum=0.3)
    with torch.no_grad():
        layer.weight.fill_(2.0)
        layer.bias.fill_(1.0)
    for batch in batches:
        layer(batch)
    trained = layer(x).detach()[:, 0]
    layer.eval()
    return {"train mode": trained, "eval mode": layer(x).detach()[:, 0]}


@picture(
    "BatchNorm1d",
    kind="bars",
    names=["x = 0", "x = 2", "x = 4", "x = 6"],
    ylabel="output",
    shows=["batch_statistics_in_eval_mode", "forgets_weight_and_bias", "normalizes_by_the_unbiased_variance"],
)
def outputs(m):
    """The output for the batch 0, 2, 4, 6 with weight 2 and bias 1, after some batches of training."""
    return m.run(both_modes, BATCHES[:4], torch.tensor([[0.0], [2.0], [4.0], [6.0]]))
