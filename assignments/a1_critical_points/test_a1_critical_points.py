"""A1 · Critical points and the Hessian: the visible checks. Type `pytest` in this folder.

They check a1_critical_points.py once you have written in it, and a1_critical_points.ipynb before.
UNSTUCK_SUBMISSION=FILE names another.
Edits here change nothing but what you see: the grade comes from other checks.
"""

from pathlib import Path

import torch
import unstuck

submission = unstuck.load_submission(
    Path(__file__).with_name("a1_critical_points.py"),
    [
        "gradient",
        "hessian",
        "taylor_quadratic",
        "classify_hessian",
        "classify_critical_point",
        "escape_direction",
        "minimum_ratio",
        "negative_fraction",
    ],
)
gradient = submission["gradient"]
hessian = submission["hessian"]
taylor_quadratic = submission["taylor_quadratic"]
classify_hessian = submission["classify_hessian"]
classify_critical_point = submission["classify_critical_point"]
escape_direction = submission["escape_direction"]
minimum_ratio = submission["minimum_ratio"]
negative_fraction = submission["negative_fraction"]

pytest_plugins = ["unstuck"]  # failures as in the notebook, and how far you are
POINTS = {
    "gradient": 2,
    "hessian": 4,
    "taylor_quadratic": 2,
    "classify_hessian": 3,
    "classify_critical_point": 2,
    "escape_direction": 4,
    "minimum_ratio": 1.5,
    "negative_fraction": 1.5,
}
EXERCISE_OF = {
    "test_gradient_of_a_product": "gradient",
    "test_gradient_of_a_constant": "gradient",
    "test_gradient_leaves_theta_as_it_was": "gradient",
    "test_gradient_refuses_a_matrix": "gradient",
    "test_hessian_of_a_product": "hessian",
    "test_hessian_of_the_lecture": "hessian",
    "test_hessian_of_a_straight_line": "hessian",
    "test_expansion_of_a_parabola": "taylor_quadratic",
    "test_expansion_of_a_cubic_stops_at_second_order": "taylor_quadratic",
    "test_all_positive_is_a_minimum": "classify_hessian",
    "test_a_positive_diagonal_is_not_enough": "classify_hessian",
    "test_one_sign_and_a_zero_is_degenerate": "classify_hessian",
    "test_a_small_hessian_has_signs_too": "classify_hessian",
    "test_refuses_what_is_not_symmetric": "classify_hessian",
    "test_the_origin_of_the_lecture_is_a_saddle": "classify_critical_point",
    "test_a_slope_is_not_critical": "classify_critical_point",
    "test_direction_at_the_lectures_saddle": "escape_direction",
    "test_direction_of_the_most_negative": "escape_direction",
    "test_no_direction_at_a_minimum": "escape_direction",
    "test_three_of_four_lead_up": "minimum_ratio",
    "test_flat_directions_do_not_lead_up": "minimum_ratio",
    "test_one_of_four_leads_down": "negative_fraction",
    "test_flat_directions_do_not_lead_down": "negative_fraction",
}


def test_gradient_of_a_product():
    """For f = a b² the derivatives are b² and 2ab."""
    got = gradient(lambda w: w[0] * w[1] ** 2, torch.tensor([3.0, 2.0]))
    expected = torch.tensor([4.0, 12.0])
    unstuck.assert_close("gradient(a b², [3, 2])", got, expected, "b² = 4 and 2ab = 12")


def test_gradient_of_a_constant():
    """A constant f has gradient 0."""
    got = gradient(lambda w: torch.tensor(5.0), torch.tensor([1.0, 2.0]))
    unstuck.assert_close("gradient(5, [1, 2])", got, torch.tensor([0.0, 0.0]), "Nothing changes, whatever moves.")


def test_gradient_leaves_theta_as_it_was():
    """theta does not require grad after the call."""
    w = torch.tensor([1.0, 2.0])
    gradient(lambda w: w.sum(), w)
    unstuck.assert_close("w.requires_grad, after gradient(f, w)", w.requires_grad, False, "Inputs are never modified.")


def test_gradient_refuses_a_matrix():
    """Parameters that are no vector are refused, by name."""
    call = "gradient(f, zeros(2, 2))"
    unstuck.assert_raises(call, ValueError, lambda: gradient(lambda w: w.sum(), torch.zeros(2, 2)), "theta")


def test_hessian_of_a_product():
    """For f = a b² the second derivatives are 0, 2b, 2b and 2a."""
    got = hessian(lambda w: w[0] * w[1] ** 2, torch.tensor([3.0, 2.0]))
    expected = torch.tensor([[0.0, 4.0], [4.0, 6.0]])
    unstuck.assert_close("hessian(a b², [3, 2])", got, expected, "∂²/∂a² = 0, ∂²/∂a∂b = 2b = 4, ∂²/∂b² = 2a = 6")


def test_hessian_of_the_lecture():
    """The lecture's L = (1 − w1 w2)² has H = [[0, −2], [−2, 0]] at the origin."""
    got = hessian(lambda w: (1 - w[0] * w[1]) ** 2, torch.zeros(2))
    expected = torch.tensor([[0.0, -2.0], [-2.0, 0.0]])
    unstuck.assert_close("hessian((1 − w1 w2)², [0, 0])", got, expected, "L = 1 − 2 w1 w2 + …")


def test_hessian_of_a_straight_line():
    """A linear f does not bend: H = 0."""
    got = hessian(lambda w: 3 * w[0] - w[1], torch.tensor([1.0, 2.0]))
    unstuck.assert_close("hessian(3a − b, [1, 2])", got, torch.zeros(2, 2), "The gradient is the same everywhere.")


def test_expansion_of_a_parabola():
    """A parabola is its own second-order expansion, from wherever it is taken."""
    got = taylor_quadratic(lambda w: w[0] ** 2, torch.tensor([3.0]), torch.tensor([5.0]))
    unstuck.assert_close("taylor_quadratic(w², [3], [5])", got, torch.tensor(25.0), "9 + 2 · 6 + ½ · 2 · 2 · 2 = 25")


def test_expansion_of_a_cubic_stops_at_second_order():
    """Of w³ around 1 the terms 1 + 3d + 3d² are kept."""
    got = taylor_quadratic(lambda w: w[0] ** 3, torch.tensor([1.0]), torch.tensor([3.0]))
    unstuck.assert_close("taylor_quadratic(w³, [1], [3])", got, torch.tensor(19.0), "1 + 3 · 2 + 3 · 4 = 19, not 27")


def test_all_positive_is_a_minimum():
    """All eigenvalues positive: local minimum."""
    got = classify_hessian(torch.tensor([[2.0, 1.0], [1.0, 2.0]]))
    unstuck.assert_close("classify_hessian([[2, 1], [1, 2]])", got, "local minimum", "λ = 1 and 3")


def test_a_positive_diagonal_is_not_enough():
    """The eigenvalues count, not the diagonal."""
    got = classify_hessian(torch.tensor([[1.0, 2.0], [2.0, 1.0]]))
    unstuck.assert_close("classify_hessian([[1, 2], [2, 1]])", got, "saddle point", "λ = −1 and 3")


def test_one_sign_and_a_zero_is_degenerate():
    """One sign and a zero: degenerate."""
    got = classify_hessian(torch.tensor([[2.0, 2.0], [2.0, 2.0]], dtype=torch.float64))
    unstuck.assert_close("classify_hessian([[2, 2], [2, 2]])", got, "degenerate", "λ = 0 and 4")


def test_a_small_hessian_has_signs_too():
    """The kind of a point does not depend on the unit of the loss."""
    got = classify_hessian(torch.tensor([[1e-9, 0.0], [0.0, -1e-9]]))
    unstuck.assert_close("classify_hessian([[1e-9, 0], [0, −1e-9]])", got, "saddle point", "Small beside what?")


def test_refuses_what_is_not_symmetric():
    """A matrix that is not symmetric is no Hessian and is refused, by name."""
    call = "classify_hessian([[1, 2], [0, 1]])"
    lopsided = torch.tensor([[1.0, 2.0], [0.0, 1.0]])
    unstuck.assert_raises(call, ValueError, lambda: classify_hessian(lopsided), "H")


def test_the_origin_of_the_lecture_is_a_saddle():
    """The origin of L = (1 − w1 w2)² is a saddle point."""
    got = classify_critical_point(lambda w: (1 - w[0] * w[1]) ** 2, torch.zeros(2))
    unstuck.assert_close("classify_critical_point((1 − w1 w2)², [0, 0])", got, "saddle point", "λ = −2 and 2")


def test_a_slope_is_not_critical():
    """Where the gradient is not zero the point is not critical, whatever H says."""
    got = classify_critical_point(lambda w: (w**2).sum(), torch.tensor([0.0, -0.5]))
    unstuck.assert_close("classify_critical_point(a² + b², [0, −0.5])", got, "not critical", "g = (0, −1)")


def test_direction_at_the_lectures_saddle():
    """At the origin of (1 − w1 w2)² the way leads along (1, 1), or the other way round."""
    got = escape_direction(torch.tensor([[0.0, -2.0], [-2.0, 0.0]]))
    got = got * got[0].sign()
    expected = torch.tensor([0.5**0.5, 0.5**0.5])
    unstuck.assert_close("escape_direction([[0, −2], [−2, 0]]), up to its sign", got, expected, "Length 1: 1/√2 each")


def test_direction_of_the_most_negative():
    """Of two negative eigenvalues the more negative one counts."""
    got = escape_direction(torch.diag(torch.tensor([-1.0, -3.0, 5.0]))).abs()
    unstuck.assert_close(
        "escape_direction(diag(−1, −3, 5)), up to its sign", got, torch.tensor([0.0, 1.0, 0.0]), "λ = −3"
    )


def test_no_direction_at_a_minimum():
    """At a minimum nothing leads down; H is refused, by name."""
    unstuck.assert_raises("escape_direction(eye(2))", ValueError, lambda: escape_direction(torch.eye(2)), "H")


def test_three_of_four_lead_up():
    """Three of four eigenvalues are positive."""
    got = minimum_ratio(torch.diag(torch.tensor([-1.0, 2.0, 3.0, 4.0])))
    unstuck.assert_close("minimum_ratio(diag(−1, 2, 3, 4))", got, 0.75, "3 / 4")


def test_flat_directions_do_not_lead_up():
    """A zero is not positive, but it is one of the n."""
    got = minimum_ratio(torch.diag(torch.tensor([1.0, 0.0, -1.0, 0.0])))
    unstuck.assert_close("minimum_ratio(diag(1, 0, −1, 0))", got, 0.25, "1 / 4")


def test_one_of_four_leads_down():
    """One of four eigenvalues is negative."""
    got = negative_fraction(torch.diag(torch.tensor([-1.0, 2.0, 3.0, 4.0])))
    unstuck.assert_close("negative_fraction(diag(−1, 2, 3, 4))", got, 0.25, "1 / 4")


def test_flat_directions_do_not_lead_down():
    """A zero is not negative either."""
    got = negative_fraction(torch.diag(torch.tensor([1.0, 0.0, 1.0, 0.0])))
    unstuck.assert_close("negative_fraction(diag(1, 0, 1, 0))", got, 0.0, "The rest is flat, not falling.")
