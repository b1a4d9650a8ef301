"""Hidden checks of a5_warmup. Each docstring is the sentence that the student reads; the reference's docstrings promise it.

Learning rates are compared one by one, each relative to its own size, and single precision is good enough for them: the
steps keep away from where 1 + cos cancels, but for the end itself. Only r_t must be computed in double precision, as its
docstring says. A check of one part of a curve asks for steps in that part alone, so that one mistake costs one check.
Experiments run beside the student's code: they name only torch, builtins and their arguments.
"""

import pytest
import torch

from autograder.checking import agree


def at(m, name, steps, settings):
    """The answers of a function at these steps, in the order given."""
    return [getattr(m, name)(step, **settings) for step in steps]


def undisturbed(m, name, steps, settings):
    """Whether every second answer is the first one again, in whatever order; and whether the generator is left alone."""
    generator = torch.get_rng_state()
    answers = [getattr(m, name)(step, **settings) for step in [*steps, *reversed(steps)]]
    numbers = [None if answer is None else float(answer) for answer in answers]
    first, again = numbers[: len(steps)], numbers[len(steps) :]
    return first == again[::-1], len(set(first)) > 1, torch.equal(generator, torch.get_rng_state())


# cosine_decay: 3 points


@pytest.mark.exercise(
    "cosine_decay",
    points=1,
    hint="Which angle belongs to step 0, and which to total_steps? What does 1 + cos give there?",
)
def test_falls_along_half_a_cosine(student, reference, rng):
    """Between the ends the rate is ½·base·(1 + cos(π·step/total)): slow, then fast, then slow again."""
    for total in (rng.integer(17, 40), rng.integer(9_000, 12_000)):
        settings = {"base_lr": rng.uniform(0.1, 0.9), "total_steps": total}
        steps = sorted({1, total // 5, total // 3, total // 2, 2 * total // 3, 3 * total // 4})
        agree(student, reference, lambda m, s=steps, k=settings: m.run(at, "cosine_decay", s, k))


@pytest.mark.exercise("cosine_decay", points=0.25, hint="Step 0 is the first update: nothing has decayed yet.")
def test_starts_at_the_base_rate(student, reference, rng):
    """Step 0 gets base_lr itself, with min_lr or without, and with total_steps = 1 too."""
    for total in (1, rng.integer(10, 20)):
        for min_lr in (0.0, 0.02):
            settings = {"base_lr": rng.uniform(0.1, 0.9), "total_steps": total, "min_lr": min_lr}
            agree(student, reference, lambda m, k=settings: m.cosine_decay(0, **k))


@pytest.mark.exercise("cosine_decay", points=0.75, hint="What falls is base_lr − min_lr; min_lr is always there.")
def test_min_lr_is_where_the_curve_ends(student, reference, rng):
    """With a min_lr the same cosine runs between base_lr and min_lr: it is neither cut off nor shifted."""
    for share in (0.1, 0.6):
        base, total = rng.uniform(0.1, 0.9), rng.integer(30, 60)
        settings = {"base_lr": base, "total_steps": total, "min_lr": share * base}
        steps = sorted({total // 5, total // 2, 4 * total // 5, total - 1})
        agree(student, reference, lambda m, s=steps, k=settings: m.run(at, "cosine_decay", s, k))


@pytest.mark.exercise(
    "cosine_decay", points=0.5, hint="A cosine comes back up after π. Training may go on after the end."
)
def test_stays_at_min_lr_after_the_end(student, reference, rng):
    """From step total_steps on the rate is min_lr, at twice total_steps too; without min_lr it is 0."""
    for min_lr in (0.0, rng.uniform(0.01, 0.05)):
        total = rng.integer(20, 40)
        settings = {"base_lr": rng.uniform(0.1, 0.9), "total_steps": total, "min_lr": min_lr}
        steps = [total, total + 1, total + total // 3, 2 * total, 10 * total]
        agree(student, reference, lambda m, s=steps, k=settings: m.run(at, "cosine_decay", s, k))


@pytest.mark.exercise("cosine_decay", points=0.25, hint="Keep nothing between two calls: no counter, no global.")
def test_cosine_decay_depends_on_its_arguments_alone(student, reference, rng):
    """The same step gets the same rate whatever was asked before, and the global generator is left alone."""
    settings = {"base_lr": rng.uniform(0.1, 0.9), "total_steps": 20, "min_lr": 0.01}
    agree(student, reference, lambda m: m.run(undisturbed, "cosine_decay", [3, 0, 12, 7, 25], settings))


@pytest.mark.exercise(
    "cosine_decay", points=0.25, hint="ValueError, or TypeError for what is no number; name the argument."
)
def test_cosine_decay_refuses_bad_values(student, reference, rng):
    """step, base_lr, min_lr < 0 and total_steps < 1 raise ValueError, strings TypeError, by name; rates of 0 are allowed."""
    base = rng.uniform(0.1, 0.9)
    agree(student, reference, lambda m: m.cosine_decay(-1, base, 10), names="step")
    agree(student, reference, lambda m: m.cosine_decay(2, -base, 10), names="base_lr")
    agree(student, reference, lambda m: m.cosine_decay(2, base, 10, min_lr=-0.01), names="min_lr")
    for total in (0, -5):
        agree(student, reference, lambda m, total=total: m.cosine_decay(2, base, total), names="total_steps")
    agree(student, reference, lambda m: m.cosine_decay("2", base, 10), names="step")
    agree(student, reference, lambda m: m.cosine_decay(2, base, 10, min_lr="0.01"), names="min_lr")
    agree(student, reference, lambda m: m.cosine_decay(2, 0.0, 10, min_lr=0.0))


# linear_warmup: 6 points


@pytest.mark.exercise(
    "linear_warmup",
    points=2,
    hint="Step 0 is the first update. With which part of base_lr is it to move? And the W-th?",
)
def test_the_first_update_moves_and_the_last_gets_all(student, reference, rng):
    """A warm-up of W updates gives base_lr/W to the first, at step 0, and base_lr to the W-th, at step W − 1."""
    for warmup in (2, rng.integer(5, 9), rng.integer(900, 1100)):
        settings = {"base_lr": rng.uniform(0.1, 0.9), "warmup_steps": warmup}
        agree(student, reference, lambda m, s=[0, warmup - 1], k=settings: m.run(at, "linear_warmup", s, k))


@pytest.mark.exercise("linear_warmup", points=1.5, hint="How much more does each update get than the one before?")
def test_rises_by_equal_amounts(student, reference, rng):
    """Within the warm-up each update gets base_lr/W more than the one before it."""

    def rises(m, warmup, settings):
        rates = [m.linear_warmup(step, warmup_steps=warmup, **settings) for step in range(warmup)]
        return [rates[step] - rates[step - 1] for step in range(1, warmup)]

    for warmup in (rng.integer(5, 9), rng.integer(20, 30)):
        settings = {"base_lr": rng.uniform(0.1, 0.9)}
        agree(student, reference, lambda m, w=warmup, k=settings: m.run(rises, w, k))


@pytest.mark.exercise("linear_warmup", points=1, hint="What bounds the share of base_lr from above?")
def test_stays_at_base_lr_after_the_warm_up(student, reference, rng):
    """From step W on the rate is base_lr, however long training goes on."""
    warmup = rng.integer(5, 9)
    settings = {"base_lr": rng.uniform(0.1, 0.9), "warmup_steps": warmup}
    steps = sorted([warmup, warmup + 1, 2 * warmup, 10 * warmup, 100_000])
    agree(student, reference, lambda m: m.run(at, "linear_warmup", steps, settings))


@pytest.mark.exercise("linear_warmup", points=0.5, hint="W = 0 cannot be divided by. What should it mean?")
def test_no_warm_up_where_there_is_none(student, reference, rng):
    """With W = 0, and with W = 1, every step gets base_lr, step 0 too."""
    for warmup in (0, 1):
        settings = {"base_lr": rng.uniform(0.1, 0.9), "warmup_steps": warmup}
        agree(student, reference, lambda m, k=settings: m.run(at, "linear_warmup", [0, 1, 2, 50], k))


@pytest.mark.exercise("linear_warmup", points=0.5, hint="Keep nothing between two calls: no counter, no global.")
def test_linear_warmup_depends_on_its_arguments_alone(student, reference, rng):
    """The same step gets the same rate whatever was asked before, and the global generator is left alone."""
    settings = {"base_lr": rng.uniform(0.1, 0.9), "warmup_steps": 9}
    agree(student, reference, lambda m: m.run(undisturbed, "linear_warmup", [4, 0, 30, 7, 2], settings))


@pytest.mark.exercise(
    "linear_warmup", points=0.5, hint="ValueError, or TypeError for what is no number; name the argument."
)
def test_linear_warmup_refuses_bad_values(student, reference, rng):
    """A negative step, base_lr or warmup_steps raises ValueError, a string TypeError, by name; a base_lr of 0 is allowed."""
    base = rng.uniform(0.1, 0.9)
    for step, warmup in ((-1, 5), (-3, 0)):
        agree(student, reference, lambda m, s=step, w=warmup: m.linear_warmup(s, base, w), names="step")
    for step in (2, 7):
        agree(student, reference, lambda m, s=step: m.linear_warmup(s, -base, 5), names="base_lr")
    agree(student, reference, lambda m: m.linear_warmup(2, base, -1), names="warmup_steps")
    agree(student, reference, lambda m: m.linear_warmup("2", base, 5), names="step")
    agree(student, reference, lambda m: m.linear_warmup(2, "0.1", 5), names="base_lr")
    agree(student, reference, lambda m: m.linear_warmup(2, base, "5"), names="warmup_steps")
    agree(student, reference, lambda m: m.linear_warmup(2, 0.0, 5))


# warmup_cosine_lr: 4 points


def joined(rng, *, warmup=None, remaining=None, share=0.0):
    """Settings of a warm-up and a cosine whose lengths differ, min_lr being this share of base_lr."""
    warmup = rng.integer(6, 11) if warmup is None else warmup
    remaining = rng.integer(20, 40) if remaining is None else remaining
    base = rng.uniform(0.1, 0.9)
    return {"base_lr": base, "warmup_steps": warmup, "total_steps": warmup + remaining, "min_lr": share * base}


@pytest.mark.exercise("warmup_cosine_lr", points=0.75, hint="Before step W the cosine has no say.")
def test_warms_up_first(student, reference, rng):
    """The first W updates get base_lr/W, 2·base_lr/W, ..., base_lr, whatever total_steps is."""
    for _ in range(2):
        settings = joined(rng)
        steps = sorted(range(settings["warmup_steps"]))
        agree(student, reference, lambda m, s=steps, k=settings: m.run(at, "warmup_cosine_lr", s, k))


@pytest.mark.exercise("warmup_cosine_lr", points=0.5, hint="Step W is the cosine's step 0.")
def test_the_cosine_starts_at_the_base_rate(student, reference, rng):
    """Step W gets base_lr: nothing has decayed yet."""
    for share in (0.0, 0.3):
        settings = joined(rng, share=share)
        step = settings["warmup_steps"]
        agree(student, reference, lambda m, s=step, k=settings: m.warmup_cosine_lr(s, **k))


@pytest.mark.exercise(
    "warmup_cosine_lr", points=1, hint="How many steps are left after the warm-up, and how many of them are over?"
)
def test_falls_over_the_remaining_steps(student, reference, rng):
    """After the warm-up the cosine takes the total_steps − W steps that remain: half of the way at half of them."""
    for warmup in (rng.integer(6, 11), rng.integer(50, 70)):
        settings = joined(rng, warmup=warmup)
        left = settings["total_steps"] - warmup
        steps = sorted([warmup + k for k in {1, left // 4, left // 2, 3 * left // 4}])
        agree(student, reference, lambda m, s=steps, k=settings: m.run(at, "warmup_cosine_lr", s, k))


@pytest.mark.exercise("warmup_cosine_lr", points=0.5, hint="What falls is base_lr − min_lr; min_lr is always there.")
def test_falls_to_min_lr(student, reference, rng):
    """With a min_lr the cosine runs between base_lr and min_lr: it is neither cut off nor shifted."""
    for share in (0.1, 0.6):
        settings = joined(rng, share=share)
        warmup, total = settings["warmup_steps"], settings["total_steps"]
        left = total - warmup
        steps = sorted({warmup + left // 3, warmup + left // 2, warmup + 4 * left // 5, total - 1})
        agree(student, reference, lambda m, s=steps, k=settings: m.run(at, "warmup_cosine_lr", s, k))


@pytest.mark.exercise("warmup_cosine_lr", points=0.25, hint="min_lr is the end of the cosine, and no floor.")
def test_min_lr_does_not_touch_the_warm_up(student, reference, rng):
    """The warm-up begins at base_lr/W and rises by as much each time, also where that is less than min_lr."""
    settings = joined(rng, share=0.5)
    steps = sorted(range(settings["warmup_steps"]))
    agree(student, reference, lambda m: m.run(at, "warmup_cosine_lr", steps, settings))


@pytest.mark.exercise("warmup_cosine_lr", points=0.25, hint="total_steps counts the warm-up too.")
def test_stays_at_min_lr_from_total_steps_on(student, reference, rng):
    """From step total_steps on the rate is min_lr, also where one step remains after the warm-up."""
    for remaining, share in ((None, 0.0), (None, 0.2), (1, 0.2)):
        settings = joined(rng, remaining=remaining, share=share)
        warmup, total = settings["warmup_steps"], settings["total_steps"]
        steps = [total, total + 1, 2 * total - warmup, 2 * total, 10 * total]
        agree(student, reference, lambda m, s=steps, k=settings: m.run(at, "warmup_cosine_lr", s, k))


@pytest.mark.exercise("warmup_cosine_lr", points=0.25, hint="W = 0 is allowed; W = 1 gives base_lr at once.")
def test_a_warm_up_of_none_or_one(student, reference, rng):
    """With W = 0 the cosine begins at step 0; with W = 1 steps 0 and 1 both get base_lr."""
    for warmup in (0, 1):
        settings = joined(rng, warmup=warmup, share=0.1)
        agree(student, reference, lambda m, k=settings: m.run(at, "warmup_cosine_lr", [0, 1, 2, 10], k))


@pytest.mark.exercise("warmup_cosine_lr", points=0.25, hint="Keep nothing between two calls: no counter, no global.")
def test_warmup_cosine_lr_depends_on_its_arguments_alone(student, reference, rng):
    """The same step gets the same rate whatever was asked before, and the global generator is left alone."""
    settings = joined(rng, share=0.1)
    agree(student, reference, lambda m: m.run(undisturbed, "warmup_cosine_lr", [3, 0, 14, 7, 100, 9], settings))


@pytest.mark.exercise(
    "warmup_cosine_lr", points=0.25, hint="ValueError, or TypeError for what is no number; name the argument."
)
def test_warmup_cosine_lr_refuses_bad_values(student, reference, rng):
    """Negative numbers, and a total_steps not above warmup_steps, raise ValueError by name, at any step; strings TypeError."""
    base = rng.uniform(0.1, 0.9)
    agree(student, reference, lambda m: m.warmup_cosine_lr(-1, base, 5, 20), names="step")
    for step in (2, 12):
        agree(student, reference, lambda m, s=step: m.warmup_cosine_lr(s, -base, 5, 20), names="base_lr")
        agree(student, reference, lambda m, s=step: m.warmup_cosine_lr(s, base, -1, 20), names="warmup_steps")
        agree(student, reference, lambda m, s=step: m.warmup_cosine_lr(s, base, 5, 20, -0.1), names="min_lr")
        for total in (5, 3, 0):
            agree(student, reference, lambda m, s=step, t=total: m.warmup_cosine_lr(s, base, 5, t), names="total_steps")
    agree(student, reference, lambda m: m.warmup_cosine_lr("2", base, 5, 20), names="step")
    agree(student, reference, lambda m: m.warmup_cosine_lr(2, base, 5, "20"), names="total_steps")
    agree(student, reference, lambda m: m.warmup_cosine_lr(2, 0.0, 5, 6))


# inverse_sqrt_lr: 2 points


@pytest.mark.exercise("inverse_sqrt_lr", points=0.5, hint="s = step + 1 counts from 1; the share of the peak is s/W.")
def test_rises_in_proportion_to_the_update(student, reference, rng):
    """Before the peak the s-th update gets s/W of peak_lr, so the first one, at step 0, gets peak_lr/W."""
    for warmup in (rng.integer(7, 12), 4000):
        settings = {"peak_lr": rng.uniform(1e-4, 0.9), "warmup_steps": warmup}
        steps = sorted([0, 1, warmup // 2, warmup - 2])
        agree(student, reference, lambda m, s=steps, k=settings: m.run(at, "inverse_sqrt_lr", s, k))


@pytest.mark.exercise("inverse_sqrt_lr", points=0.75, hint="After four times as many updates, half of the rate.")
def test_falls_with_the_root_of_the_update(student, reference, rng):
    """After the peak the s-th update gets √(W/s) of peak_lr, and the fall never ends."""
    for warmup in (rng.integer(7, 12), 4000):
        settings = {"peak_lr": rng.uniform(1e-4, 0.9), "warmup_steps": warmup}
        steps = sorted([warmup, 2 * warmup, 4 * warmup - 1, 100 * warmup, 1_000_000])
        agree(student, reference, lambda m, s=steps, k=settings: m.run(at, "inverse_sqrt_lr", s, k))


@pytest.mark.exercise("inverse_sqrt_lr", points=0.25, hint="At s = W both branches are 1. What is s at step W − 1?")
def test_the_peak_is_at_step_w_minus_one(student, reference, rng):
    """Step W − 1 gets peak_lr itself; with W = 1 that is step 0."""
    for warmup in (1, 2, rng.integer(7, 12)):
        settings = {"peak_lr": rng.uniform(1e-4, 0.9), "warmup_steps": warmup}
        agree(student, reference, lambda m, s=warmup - 1, k=settings: m.inverse_sqrt_lr(s, **k))


@pytest.mark.exercise("inverse_sqrt_lr", points=0.25, hint="Keep nothing between two calls: no counter, no global.")
def test_inverse_sqrt_lr_depends_on_its_arguments_alone(student, reference, rng):
    """The same step gets the same rate whatever was asked before, and the global generator is left alone."""
    settings = {"peak_lr": rng.uniform(0.1, 0.9), "warmup_steps": 9}
    agree(student, reference, lambda m: m.run(undisturbed, "inverse_sqrt_lr", [4, 0, 30, 8, 100], settings))


@pytest.mark.exercise(
    "inverse_sqrt_lr", points=0.25, hint="ValueError, or TypeError for what is no number; name the argument."
)
def test_inverse_sqrt_lr_refuses_bad_values(student, reference, rng):
    """step or peak_lr < 0, and warmup_steps < 1, raise ValueError, strings TypeError, by name; a peak_lr of 0 is allowed."""
    peak = rng.uniform(0.1, 0.9)
    agree(student, reference, lambda m: m.inverse_sqrt_lr(-1, peak, 5), names="step")
    for step in (2, 12):
        agree(student, reference, lambda m, s=step: m.inverse_sqrt_lr(s, -peak, 5), names="peak_lr")
        for warmup in (0, -4):
            agree(student, reference, lambda m, s=step, w=warmup: m.inverse_sqrt_lr(s, peak, w), names="warmup_steps")
    agree(student, reference, lambda m: m.inverse_sqrt_lr("2", peak, 5), names="step")
    agree(student, reference, lambda m: m.inverse_sqrt_lr(2, "0.1", 5), names="peak_lr")
    agree(student, reference, lambda m: m.inverse_sqrt_lr(2, 0.0, 5))


# radam_rectification: 3 points


@pytest.mark.exercise(
    "radam_rectification",
    points=1,
    hint="First ρ_∞, then ρ_t, then the root; t counts from 1 and is the exponent too.",
)
def test_rectifies_by_the_formula(student, reference, rng):
    """Where ρ_t > threshold the factor is r_t as in the paper, for the step t = 1, 2, ... that is asked for."""
    for beta2, steps in ((0.9, [9, 14, 25]), (0.97, [12, 40, 90]), (None, [1500, 3000, 6000])):
        settings = {} if beta2 is None else {"beta2": beta2}  # 0.999 where it is not given
        steps = [step + rng.integer(0, 2) for step in steps]
        agree(student, reference, lambda m, s=steps, k=settings: m.run(at, "radam_rectification", s, k))


@pytest.mark.exercise(
    "radam_rectification", points=0.5, hint="None is an answer: no rectification, and no σ to be used."
)
def test_gives_none_in_the_first_steps(student, reference, rng):
    """With β₂ = 0.999, the default, ρ_t is at most 4 up to step 4: None, and nothing else; from step 5 on there is r_t."""
    agree(student, reference, lambda m: m.run(at, "radam_rectification", [1, 2, 3, 4], {}))

    def kinds(m):  # the value at step 5 is asked for elsewhere
        return [None if m.radam_rectification(step, beta2=0.999) is None else "a number" for step in (4, 5, 6)]

    agree(student, reference, lambda m: m.run(kinds))


@pytest.mark.exercise("radam_rectification", points=0.25, hint="Is it ≤ or <? And what does the threshold do to r_t?")
def test_the_threshold_decides_between_none_and_r(student, reference, rng):
    """ρ_t must be more than the threshold, whichever it is: at ρ_t = threshold there is None. It does not change r_t."""
    steps = [4, 5, 6, 7, 8, 9, 30, 31]

    def kinds(m, threshold, steps):
        answers = [m.radam_rectification(step, beta2=0.9, threshold=threshold) for step in steps]
        return [None if answer is None else "a number" for answer in answers]

    for threshold in (5.0, 6.5):
        agree(student, reference, lambda m, t=threshold: m.run(kinds, t, steps))
    settings = {"beta2": 0.9, "threshold": rng.uniform(5.0, 7.0)}
    agree(student, reference, lambda m: m.run(at, "radam_rectification", [*range(14, 40)], settings))
    # 0.75 and 7 = 2/(1 − 0.75) − 1 are exact in binary, and so is ρ_t = ρ_∞ once 0.75ᵗ has vanished.
    for threshold in (7.0, 6.5):
        agree(student, reference, lambda m, t=threshold: m.radam_rectification(9000, beta2=0.75, threshold=t))


@pytest.mark.exercise(
    "radam_rectification", points=0.25, hint="2t·β₂ᵗ/(1 − β₂ᵗ) is 1994 at t = 5: keep all its digits."
)
def test_is_precise_in_the_first_steps(student, reference, rng):
    """Where ρ_t is a small difference of large numbers, r_t is right all the same: double precision."""
    for beta2 in (0.999, 0.9995):
        steps = sorted(range(5, 10))
        agree(student, reference, lambda m, s=steps, b=beta2: m.run(at, "radam_rectification", s, {"beta2": b}))


@pytest.mark.exercise("radam_rectification", points=0.25, hint="β₂ᵗ may vanish; β₂⁻ᵗ overflows.")
def test_becomes_one_in_the_long_run(student, reference, rng):
    """A million steps are no danger: r_t is 1 there, for β₂ near 1 and for one far from it."""

    def near_one(m, step, beta2):
        factor = m.radam_rectification(step, beta2=beta2)
        return None if factor is None else abs(float(factor) - 1) < 1e-5

    for beta2 in (0.7, 0.9, 0.999):
        step = 1_000_000 + rng.integer(0, 1000)
        agree(student, reference, lambda m, s=step, b=beta2: m.run(near_one, s, b))


@pytest.mark.exercise("radam_rectification", points=0.25, hint="Ask for ρ_t ≤ threshold before you take the root.")
def test_a_small_beta2_gives_none_at_every_step(student, reference, rng):
    """Where ρ_∞ is below 4 (β₂ = 0, 0.25, 0.5) there is None at every step; with β₂ = 0.9 there is r_t at the later ones."""

    def kinds(m, beta2, steps):
        answers = [m.radam_rectification(step, beta2=beta2) for step in steps]
        return [None if answer is None else "a number" for answer in answers]

    for beta2 in (0.0, 0.25, 0.5, 0.9):
        agree(student, reference, lambda m, b=beta2: m.run(kinds, b, [1, 2, 3, 40, 3000]))


@pytest.mark.exercise("radam_rectification", points=0.25, hint="Keep nothing between two calls: no counter, no global.")
def test_radam_rectification_depends_on_its_arguments_alone(student, reference, rng):
    """The same step gets the same factor whatever was asked before, and the global generator is left alone."""
    settings = {"beta2": rng.uniform(0.9, 0.95)}
    agree(student, reference, lambda m: m.run(undisturbed, "radam_rectification", [40, 12, 300, 16, 15], settings))


@pytest.mark.exercise(
    "radam_rectification", points=0.25, hint="ValueError, or TypeError for what is no number; name the argument."
)
def test_radam_rectification_refuses_bad_values(student, reference, rng):
    """step < 1, beta2 outside [0, 1), threshold < 4 raise ValueError, strings TypeError, by name; beta2 0, threshold 4 do not."""
    for step in (0, -3):
        agree(student, reference, lambda m, s=step: m.radam_rectification(s, 0.9), names="step")
    for beta2 in (-0.1, 1.0, 1.5):
        agree(student, reference, lambda m, b=beta2: m.radam_rectification(3, b), names="beta2")
    for step in (2, 30):
        agree(student, reference, lambda m, s=step: m.radam_rectification(s, 0.9, threshold=3.9), names="threshold")
    agree(student, reference, lambda m: m.radam_rectification("30", 0.9), names="step")
    agree(student, reference, lambda m: m.radam_rectification(30, "0.9"), names="beta2")
    agree(student, reference, lambda m: m.radam_rectification(2, 0.0, threshold=4.0))


# WarmupCosine: 2 points


def optimiser(name, rates, extra):
    """A torch optimiser over one parameter per rate, a group each, with a gradient to follow."""
    groups = []
    for rate in rates:
        p = torch.nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
        p.grad = torch.tensor([0.5, 3.0], dtype=torch.float64)
        groups.append({"params": [p], "lr": rate})
    return getattr(torch.optim, name)(groups, lr=123.0, **extra)


def lrs(opt):
    """The learning rate of each group, as a number."""
    return [float(group["lr"]) for group in opt.param_groups]


def schedule(m, name, rates, settings, steps, optimiser=optimiser, lrs=lrs):
    """The groups' rates before each update of a training run."""
    opt = optimiser(name, rates, {})
    scheduler = m.WarmupCosine(opt, **settings)
    seen = []
    for _ in range(steps):
        seen.append(lrs(opt))
        opt.step()
        scheduler.step()
    return seen


@pytest.mark.exercise(
    "WarmupCosine", points=0.5, hint="The first optimizer.step() comes before the first step() of yours."
)
def test_sets_the_rates_at_construction(student, reference, rng):
    """Constructing it sets every group's lr to that of step 0, from the group's own lr."""
    rates = [rng.uniform(0.1, 0.9) for _ in range(3)]
    for warmup in (0, 1, rng.integer(4, 9)):
        settings = {"warmup_steps": warmup, "total_steps": 30, "min_lr": 0.01}
        agree(student, reference, lambda m, k=settings: m.run(schedule, "SGD", rates, k, 1))


@pytest.mark.exercise("WarmupCosine", points=0.75, hint="Each group has its own base, as it was at the start.")
def test_follows_the_schedule_step_by_step(student, reference, rng):
    """Each step() sets every group's lr for the next update, from its own base, to the end and beyond."""
    for name, min_lr in (("SGD", 0.0), ("AdamW", rng.uniform(0.01, 0.05))):
        warmup, total = rng.integer(3, 5), rng.integer(9, 12)
        settings = {"warmup_steps": warmup, "total_steps": total, "min_lr": min_lr}
        rates, last = [rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9)], 2 * total - warmup + 2
        rates += [] if min_lr else [0.0]  # a frozen group

        def after_the_first(m, n=name, r=rates, k=settings, last=last):
            return m.run(schedule, n, r, k, last)[1:]  # the first is asked for above

        agree(student, reference, after_the_first)

    def two(m, rates, optimiser=optimiser, lrs=lrs):
        opts = [optimiser("SGD", rates, {}), optimiser("Adam", rates[:1], {})]
        schedulers = [m.WarmupCosine(opts[0], 4, 10), m.WarmupCosine(opts[1], 2, 7, 0.01)]
        seen = []
        for turn in (0, 0, 1, 0, 1, 1, 0, 1):
            schedulers[turn].step()
            seen.append([lrs(opt) for opt in opts])
        return seen

    agree(student, reference, lambda m: m.run(two, rates))


@pytest.mark.exercise("WarmupCosine", points=0.25, hint="A list, one rate per group: those that are in force now.")
def test_get_last_lr_tells_the_rates_in_force(student, reference, rng):
    """get_last_lr() is the list of the groups' rates as last set, before the first step() too."""

    def told(m, rates, settings, optimiser=optimiser, lrs=lrs):
        opt = optimiser("SGD", rates, {})
        scheduler = m.WarmupCosine(opt, **settings)
        told, right = [], []
        for _ in range(9):
            last = scheduler.get_last_lr()
            told.append([float(rate) for rate in last])
            near = [abs(rate - held) < 1e-5 * held for rate, held in zip(told[-1], lrs(opt), strict=False)]
            right.append(isinstance(last, (list, tuple)) and len(last) == len(rates) and all(near))
            opt.step()
            scheduler.step()
        return right, told[0] != told[1]  # rates that never change earn nothing

    rates = [rng.uniform(0.1, 0.9) for _ in range(3)]
    settings = {"warmup_steps": 3, "total_steps": 8, "min_lr": rng.uniform(0.01, 0.05)}
    agree(student, reference, lambda m: m.run(told, rates, settings))


@pytest.mark.exercise(
    "WarmupCosine", points=0.25, hint="Touch group['lr'] only; the update is the optimiser's business."
)
def test_changes_nothing_but_lr(student, reference, rng):
    """Parameters, gradients, the groups' other settings and the global generator stay as they are."""

    def left(m, rates, optimiser=optimiser, lrs=lrs):
        opt = optimiser("AdamW", rates, {"weight_decay": 0.2, "betas": (0.8, 0.95)})
        held = [(group["params"][0], group["betas"], group["weight_decay"], group["eps"]) for group in opt.param_groups]
        before = [p.detach().clone() for p, *_ in held]
        generator, start = torch.get_rng_state(), lrs(opt)
        scheduler = m.WarmupCosine(opt, 2, 6)
        scheduler.step()
        scheduler.step()
        scheduler.step()
        return {
            "works": lrs(opt) != start,  # doing nothing earns nothing
            "parameters": [p.detach() for p, *_ in held],
            "moved": [not torch.equal(p, was) for (p, *_), was in zip(held, before, strict=True)],
            "gradients": [p.grad for p, *_ in held],
            "requires_grad": [p.requires_grad for p, *_ in held],
            "same parameters": [group["params"][0] is p for group, (p, *_) in zip(opt.param_groups, held, strict=True)],
            "settings": [[*group["betas"], group["weight_decay"], group["eps"]] for group in opt.param_groups],
            "groups": len(opt.param_groups),
            "state": len(opt.state),
            "generator untouched": torch.equal(generator, torch.get_rng_state()),
        }

    rates = [rng.uniform(0.1, 0.9) for _ in range(2)]
    agree(student, reference, lambda m: m.run(left, rates))


@pytest.mark.exercise(
    "WarmupCosine", points=0.25, hint="Refuse when the schedule is made, not when training reaches its end."
)
def test_warmup_cosine_refuses_bad_values(student, reference, rng):
    """warmup_steps, min_lr < 0 and total_steps not above warmup_steps raise ValueError at once, a string TypeError, by name."""

    def constructed(m, settings, optimiser=optimiser):
        return m.WarmupCosine(optimiser("SGD", [0.3], {}), **settings) is not None

    cases = [
        ("warmup_steps", {"warmup_steps": -1, "total_steps": 20}),
        ("min_lr", {"warmup_steps": 5, "total_steps": 20, "min_lr": -0.1}),
        ("total_steps", {"warmup_steps": 5, "total_steps": 5}),
        ("total_steps", {"warmup_steps": 5, "total_steps": 3}),
        ("total_steps", {"warmup_steps": 5, "total_steps": "20"}),
        (None, {"warmup_steps": 0, "total_steps": 1, "min_lr": 0.0}),
    ]
    for name, settings in cases:
        agree(student, reference, lambda m, k=settings: m.run(constructed, k), names=name)
