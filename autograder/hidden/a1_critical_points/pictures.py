"""Pictures of a1_critical_points: derivatives, the Taylor expansion and the way out of a saddle point."""

import torch

from autograder.checking import picture

POINT = torch.tensor([1.0, -0.5, 2.0], dtype=torch.float64)
PLACES = [step / 10 for step in range(-10, 31)]
# A saddle point whose axes are turned: the loss falls along one diagonal and rises along the other.
SADDLE = torch.tensor([[0.5, 1.5], [1.5, 0.5]], dtype=torch.float64)


def coupled(theta):
    """A loss of three parameters whose mixed derivatives are not 0."""
    return theta[0] ** 2 * theta[1] + torch.sin(theta[2]) * theta[0] + theta[1] * theta[2] ** 2


@picture("gradient", kind="bars", names=["∂/∂θ₁", "∂/∂θ₂", "∂/∂θ₃"], shows=["points_downhill", "scales_to_unit_length"])
def slopes(m):
    """The gradient of θ₁²θ₂ + θ₁ sin θ₃ + θ₂θ₃² at (1, −0.5, 2)."""
    return m.gradient(coupled, POINT)


@picture(
    "hessian",
    kind="cells",
    shows=["outer_product_of_the_gradient", "squares_on_the_diagonal", "half_the_hessian", "one_triangle"],
)
def curvatures(m):
    """The Hessian of θ₁²θ₂ + θ₁ sin θ₃ + θ₂θ₃² at (1, −0.5, 2)."""
    return m.hessian(coupled, POINT)


def wave(theta):
    """A loss of one parameter that is no polynomial."""
    return (torch.sin(2 * theta) + theta**2 / 2).sum()


def expansions(m, f, start, places):
    """The expansion around one point, evaluated at many."""
    return torch.stack([m.taylor_quadratic(f, start, place) for place in places])


@picture(
    "taylor_quadratic",
    kind="curve",
    x=PLACES,
    xlabel="θ",
    ylabel="loss",
    shows=["forgets_the_half", "forgets_the_gradient", "forgets_the_start", "turns_the_difference", "evaluates_f"],
    beside={"the loss itself": [float(wave(torch.tensor([place], dtype=torch.float64))) for place in PLACES]},
)
def parabola(m):
    """The second-order expansion of sin 2θ + θ²/2 around θ = 1."""
    places = torch.tensor(PLACES, dtype=torch.float64)[:, None]
    return m.run(expansions, wave, torch.ones(1, dtype=torch.float64), places)


def tilted(x, y):
    """The loss around the saddle point."""
    return 0.5 * (SADDLE[0, 0] * x**2 + 2 * SADDLE[0, 1] * x * y + SADDLE[1, 1] * y**2)


@picture(
    "escape_direction",
    kind="path",
    height=tilted,
    xlabel="θ₁",
    ylabel="θ₂",
    shows=["climbs", "along_an_axis", "largest_in_size"],
)
def way_out(m):
    """From a saddle point at (0, 0), one step along the escape direction."""
    direction = m.escape_direction(SADDLE)
    sign = 1.0 if direction[0] >= 0 else -1.0  # either is right
    return torch.stack([torch.zeros(2, dtype=torch.float64), sign * direction])


def family(m, name, matrices):
    """A share of the eigenvalues for each matrix."""
    return [float(getattr(m, name)(H)) for H in matrices]


MATRICES = [torch.diag(torch.tensor([shift - 2.0, shift - 1.0, shift, shift + 1.0])) for shift in range(-2, 4)]
SPECTRA = ["−4 … −1", "−3 … 0", "−2 … 1", "−1 … 2", "0 … 3", "1 … 4"]
SHARES = {"kind": "bars", "names": SPECTRA, "xlabel": "eigenvalues of H: four in a row", "ylabel": "share"}


@picture("minimum_ratio", shows=["counts_zeros_as_positive", "leaves_zeros_out"], **SHARES)
def positive_shares(m):
    """The minimum ratio of six Hessians with the eigenvalues that stand below the bars."""
    return m.run(family, "minimum_ratio", MATRICES)


@picture("negative_fraction", shows=["counts_the_positive_ones", "what_is_not_positive"], **SHARES)
def negative_shares(m):
    """The share of negative eigenvalues of six Hessians with the eigenvalues that stand below the bars."""
    return m.run(family, "negative_fraction", MATRICES)
