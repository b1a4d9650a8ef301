"""Named wrong variants of a5_warmup: what students, forums and other codebases get wrong, and other conventions in use.

Read as text: each marked definition replaces the exercise of its mark in the reference, whose private functions are in
scope; the unmarked ones come along. Where two explain a failed check equally well, the first is named.
"""

import math

import torch

from autograder.checking import mistake
from solutions.a5_warmup import WarmupCosine, _check_not_negative, _check_numbers, _check_total, warmup_cosine_lr

MEMORY = {}  # of functions that should have none


def sticky(key, step, rate):
    """The rate, or that of the call before where the step goes back; the same each time that a check is repeated."""
    last_step, last_rate = MEMORY.get(key, (step, rate))
    MEMORY[key] = step, rate
    return last_rate if step < last_step else rate


def refuse_cosine(step, base_lr, total_steps, min_lr):
    _check_not_negative(step=step, base_lr=base_lr, min_lr=min_lr)
    _check_total(0, total_steps)


def refuse_warmup(step, base_lr, warmup_steps):
    _check_not_negative(step=step, base_lr=base_lr, warmup_steps=warmup_steps)


def refuse_joined(step, base_lr, warmup_steps, total_steps, min_lr):
    _check_not_negative(step=step, base_lr=base_lr, warmup_steps=warmup_steps, min_lr=min_lr)
    _check_total(warmup_steps, total_steps)


def refuse_inverse(step, peak_lr, warmup_steps):
    _check_not_negative(step=step, peak_lr=peak_lr)
    _check_numbers(warmup_steps=warmup_steps)
    if warmup_steps < 1:
        raise ValueError("warmup_steps must be at least 1")


def refuse_radam(step, beta2, threshold):
    _check_numbers(step=step, beta2=beta2, threshold=threshold)
    if step < 1:
        raise ValueError("step must be at least 1")
    if not 0 <= beta2 < 1:
        raise ValueError("beta2 must be in [0, 1)")
    if threshold < 4:
        raise ValueError("threshold must be at least 4")


def wave(share, high, low=0.0):
    """Half a cosine: high at share 0, low at share 1."""
    return low + (high - low) * (1 + math.cos(math.pi * share)) / 2


def decayed(step, base_lr, total_steps, min_lr, share=None):
    """The right decay; `share` of the way where it is another."""
    refuse_cosine(step, base_lr, total_steps, min_lr)
    if step >= total_steps:
        return min_lr
    return wave(step / total_steps if share is None else share, base_lr, min_lr)


def warmed(step, base_lr, warmup_steps, share=None):
    """The right warm-up; `share` of base_lr within it where it is another."""
    refuse_warmup(step, base_lr, warmup_steps)
    if step >= warmup_steps:
        return base_lr
    return base_lr * ((step + 1) / warmup_steps if share is None else share(step, warmup_steps))


def joined(step, base_lr, warmup_steps, total_steps, min_lr, rise=None, fall=None, end=None):
    """The right rate; its three pieces can be given otherwise."""
    refuse_joined(step, base_lr, warmup_steps, total_steps, min_lr)
    if step < warmup_steps:
        return base_lr * (step + 1) / warmup_steps if rise is None else rise(step)
    if step >= total_steps:
        return min_lr if end is None else end(step)
    if fall is not None:
        return fall(step)
    return wave((step - warmup_steps) / (total_steps - warmup_steps), base_lr, min_lr)


def transformed(step, peak_lr, warmup_steps, rise=None, fall=None):
    """The right rule of the Transformer; its two branches, in s = step + 1, can be given otherwise."""
    refuse_inverse(step, peak_lr, warmup_steps)
    s = step + 1
    if s <= warmup_steps:
        return peak_lr * (s / warmup_steps if rise is None else rise(s))
    return peak_lr * (math.sqrt(warmup_steps / s) if fall is None else fall(s))


def lengths(step, beta2):
    """ρ_∞ and ρ_t."""
    rho_inf = 2 / (1 - beta2) - 1
    return rho_inf, rho_inf - 2 * step * beta2**step / (1 - beta2**step)


def factor(rho_inf, rho, low=4):
    return math.sqrt((rho - low) * (rho - 2) * rho_inf / ((rho_inf - low) * (rho_inf - 2) * rho))


def rectified(step, beta2, threshold, lengths=lengths, factor=factor):
    """The right factor; its two halves can be given otherwise."""
    refuse_radam(step, beta2, threshold)
    rho_inf, rho = lengths(step, beta2)
    return None if rho <= threshold else factor(rho_inf, rho)


def true_lengths(step, beta2, rho):
    """A wrong ρ_t, only where the true one is above 4: the first steps are another check's."""
    rho_inf, right = lengths(step, beta2)
    return rho_inf, rho if right > 4 and rho > 4 and rho_inf > 4 else right


# cosine_decay


@mistake("cosine_decay", caught_by="falls_along_half_a_cosine")
def falls_in_a_straight_line(step, base_lr, total_steps, min_lr=0.0):
    """falls in a straight line instead of along a cosine"""
    refuse_cosine(step, base_lr, total_steps, min_lr)
    return base_lr + (min_lr - base_lr) * min(1, step / total_steps)


@mistake("cosine_decay", caught_by="falls_along_half_a_cosine")
def falls_along_a_quarter(step, base_lr, total_steps, min_lr=0.0):
    """takes a quarter of the cosine's period, cos(π/2 · step/total), instead of half of it, shifted up"""
    refuse_cosine(step, base_lr, total_steps, min_lr)
    return min_lr + (base_lr - min_lr) * math.cos(math.pi / 2 * min(1, step / total_steps))


@mistake("cosine_decay", caught_by="falls_along_half_a_cosine")
def takes_the_whole_period(step, base_lr, total_steps, min_lr=0.0):
    """takes a whole period of the cosine, 2π, so that the rate is back at base_lr before the end"""
    return decayed(step, base_lr, total_steps, min_lr, 2 * step / total_steps)


@mistake("cosine_decay", caught_by="falls_along_half_a_cosine")
def takes_degrees_for_radians(step, base_lr, total_steps, min_lr=0.0):
    """hands an angle in degrees to a cosine that takes radians"""
    return decayed(step, base_lr, total_steps, min_lr, 180 / math.pi * step / total_steps)


@mistake("cosine_decay", caught_by="falls_along_half_a_cosine")
def forgets_the_half(step, base_lr, total_steps, min_lr=0.0):
    """forgets the factor ½: 1 + cos is 2 at step 0"""
    return 2 * decayed(step, base_lr, total_steps, min_lr) - min_lr


@mistake("cosine_decay", caught_by="falls_along_half_a_cosine")
def rises_instead(step, base_lr, total_steps, min_lr=0.0):
    """has the sign of the cosine wrong: it rises from min_lr to base_lr"""
    return decayed(step, base_lr, total_steps, min_lr, 1 - step / max(1, total_steps))


@mistake("cosine_decay", caught_by="falls_along_half_a_cosine")
def rounds_pi(step, base_lr, total_steps, min_lr=0.0):
    """takes 3.14 for π"""
    return decayed(step, base_lr, total_steps, min_lr, 3.14 / math.pi * step / max(1, total_steps))


@mistake("cosine_decay", caught_by="falls_along_half_a_cosine")
def ends_one_step_early(step, base_lr, total_steps, min_lr=0.0):
    """divides by total_steps − 1: the last step of the run is at min_lr already"""
    return decayed(step, base_lr, total_steps, min_lr, min(1, step / max(1, total_steps - 1)))


@mistake("cosine_decay", caught_by="min_lr_is_where_the_curve_ends")
def drops_to_the_end_early(step, base_lr, total_steps, min_lr=0.0):
    """gives min_lr to the last step of the run already, at total_steps − 1, with a small jump"""
    return decayed(step + (step == total_steps - 1 > 0), base_lr, total_steps, min_lr)


@mistake("cosine_decay", caught_by="falls_along_half_a_cosine")
def counts_from_one(step, base_lr, total_steps, min_lr=0.0):
    """counts the steps from 1: step 0 has decayed already"""
    return decayed(step, base_lr, total_steps, min_lr, (step + 1) / total_steps)


@mistake("cosine_decay", caught_by="starts_at_the_base_rate")
def refuses_step_zero(step, base_lr, total_steps, min_lr=0.0):
    """refuses step 0, although schedules count from 0"""
    if step == 0:
        raise ValueError("step must be at least 1")
    return decayed(step, base_lr, total_steps, min_lr)


@mistake("cosine_decay", caught_by="starts_at_the_base_rate")
def divides_by_zero_at_one_step(step, base_lr, total_steps, min_lr=0.0):
    """fails where total_steps is 1"""
    return decayed(step, base_lr, total_steps, min_lr) + 0 / (total_steps - 1)


@mistake("cosine_decay", caught_by="min_lr_is_where_the_curve_ends")
def ignores_min_lr(step, base_lr, total_steps, min_lr=0.0):
    """ignores min_lr until the end: the curve falls to 0"""
    return (
        decayed(step, base_lr, total_steps, min_lr) if step >= total_steps else decayed(step, base_lr, total_steps, 0)
    )


@mistake("cosine_decay", caught_by="min_lr_is_where_the_curve_ends")
def cuts_off_at_min_lr(step, base_lr, total_steps, min_lr=0.0):
    """falls towards 0 and cuts the curve off at min_lr"""
    refuse_cosine(step, base_lr, total_steps, min_lr)
    return max(min_lr, decayed(step, base_lr, total_steps, 0.0))


@mistake("cosine_decay", caught_by="min_lr_is_where_the_curve_ends")
def adds_min_lr_on_top(step, base_lr, total_steps, min_lr=0.0):
    """adds min_lr to the whole curve, which then starts above base_lr"""
    refuse_cosine(step, base_lr, total_steps, min_lr)
    return min_lr + decayed(step, base_lr, total_steps, 0.0)


@mistake("cosine_decay", caught_by="min_lr_is_where_the_curve_ends")
def takes_min_lr_for_a_share(step, base_lr, total_steps, min_lr=0.0):
    """takes min_lr for a share of base_lr instead of a rate"""
    refuse_cosine(step, base_lr, total_steps, min_lr)
    return decayed(step, base_lr, total_steps, min_lr * base_lr)


@mistake("cosine_decay", caught_by="stays_at_min_lr_after_the_end")
def rises_again(step, base_lr, total_steps, min_lr=0.0):
    """rises again after total_steps, as torch's CosineAnnealingLR does"""
    refuse_cosine(step, base_lr, total_steps, min_lr)
    return wave(step / total_steps, base_lr, min_lr)


@mistake("cosine_decay", caught_by="stays_at_min_lr_after_the_end")
def restarts(step, base_lr, total_steps, min_lr=0.0):
    """starts a new cycle at total_steps, as warm restarts do"""
    refuse_cosine(step, base_lr, total_steps, min_lr)
    return wave(step % total_steps / total_steps, base_lr, min_lr)


@mistake("cosine_decay", caught_by="stays_at_min_lr_after_the_end")
def stops_at_zero(step, base_lr, total_steps, min_lr=0.0):
    """gives 0 instead of min_lr after the end"""
    return decayed(step, base_lr, total_steps, min_lr) if step < total_steps else 0.0 * base_lr


@mistake("cosine_decay", caught_by="stays_at_min_lr_after_the_end")
def refuses_to_go_on(step, base_lr, total_steps, min_lr=0.0):
    """raises an error for steps after the end"""
    refuse_cosine(step, base_lr, total_steps, min_lr)
    if step > total_steps:
        raise ValueError("step must be at most total_steps")
    return decayed(step, base_lr, total_steps, min_lr)


@mistake("cosine_decay", caught_by="cosine_decay_depends_on_its_arguments_alone")
def cosine_remembers(step, base_lr, total_steps, min_lr=0.0):
    """remembers the call before: where the step goes back, it gives that call's rate again"""
    rate = decayed(step, base_lr, total_steps, min_lr)
    return sticky(("cosine", base_lr, total_steps, min_lr), step, rate)


@mistake("cosine_decay", caught_by="cosine_decay_depends_on_its_arguments_alone")
def draws_random_numbers(step, base_lr, total_steps, min_lr=0.0):
    """draws from the global random generator"""
    torch.rand(1)
    return decayed(step, base_lr, total_steps, min_lr)


@mistake("cosine_decay", caught_by="cosine_decay_refuses_bad_values")
def fails_on_total_zero(step, base_lr, total_steps, min_lr=0.0):
    """fails with ZeroDivisionError where total_steps is 0, instead of refusing it"""
    return step / total_steps * 0 + decayed(step, base_lr, max(1, total_steps), min_lr)


@mistake("cosine_decay", caught_by="cosine_decay_refuses_bad_values")
def takes_any_step(step, base_lr, total_steps, min_lr=0.0):
    """accepts a negative step"""
    return decayed(max(step, 0), base_lr, total_steps, min_lr)


@mistake("cosine_decay", caught_by="cosine_decay_refuses_bad_values")
def takes_any_rate(step, base_lr, total_steps, min_lr=0.0):
    """accepts a negative base_lr or min_lr"""
    return decayed(step, abs(base_lr), total_steps, abs(min_lr))


@mistake("cosine_decay", caught_by="cosine_decay_refuses_bad_values")
def refuses_a_rate_of_zero(step, base_lr, total_steps, min_lr=0.0):
    """refuses base_lr = 0, which is allowed"""
    if base_lr == 0:
        raise ValueError("base_lr must be positive")
    return decayed(step, base_lr, total_steps, min_lr)


@mistake("cosine_decay", caught_by="cosine_decay_refuses_bad_values")
def names_no_argument(step, base_lr, total_steps, min_lr=0.0):
    """refuses bad values without naming the argument"""
    if min(step, base_lr, min_lr) < 0 or total_steps <= 0:
        raise ValueError("arguments must be positive")
    return decayed(step, base_lr, total_steps, min_lr)


# linear_warmup


@mistake("linear_warmup", caught_by="the_first_update_moves_and_the_last_gets_all")
def starts_at_zero(step, base_lr, warmup_steps):
    """gives step / W: the first update does not move, and base_lr comes one step late (as Hugging Face's schedules do)"""
    return warmed(step, base_lr, warmup_steps, lambda step, w: step / w)


@mistake("linear_warmup", caught_by="the_first_update_moves_and_the_last_gets_all")
def arrives_one_step_late(step, base_lr, warmup_steps):
    """gives (step + 1) / (W + 1): the last update of the warm-up has not all of base_lr (as nanoGPT does)"""
    return warmed(step, base_lr, warmup_steps, lambda step, w: (step + 1) / (w + 1))


@mistake("linear_warmup", caught_by="the_first_update_moves_and_the_last_gets_all")
def spreads_from_zero_to_one(step, base_lr, warmup_steps):
    """gives step / (W − 1): the first update does not move"""
    return warmed(step, base_lr, warmup_steps, lambda step, w: step / max(1, w - 1) if w > 1 else 1)


@mistake("linear_warmup", caught_by="the_first_update_moves_and_the_last_gets_all")
def starts_at_a_third(step, base_lr, warmup_steps):
    """starts at a third of base_lr, the default of torch's LinearLR"""
    return warmed(step, base_lr, warmup_steps, lambda step, w: 1 / 3 + 2 / 3 * step / w if w > 1 else 1)


@mistake("linear_warmup", caught_by="the_first_update_moves_and_the_last_gets_all")
def waits_at_a_tenth(step, base_lr, warmup_steps):
    """stays at a tenth of base_lr for W steps and then jumps, as ResNet's warm-up did"""
    return warmed(step, base_lr, warmup_steps, lambda step, w: 0.1 if w > 1 else 1)


@mistake("linear_warmup", caught_by="the_first_update_moves_and_the_last_gets_all")
def rises_with_the_logarithm(step, base_lr, warmup_steps):
    """rises as log(step + 1) / log(W), DeepSpeed's default"""
    return warmed(step, base_lr, warmup_steps, lambda step, w: math.log(step + 1) / math.log(w) if w > 1 else 1)


@mistake("linear_warmup", caught_by="the_first_update_moves_and_the_last_gets_all")
def divides_whole_numbers(step, base_lr, warmup_steps):
    """divides with //, so that the share is 0 until it is 1"""
    return warmed(step, base_lr, warmup_steps, lambda step, w: (step + 1) // w)


@mistake("linear_warmup", caught_by="rises_by_equal_amounts")
def rises_along_a_cosine(step, base_lr, warmup_steps):
    """rises along half a cosine instead of a straight line"""

    def share(step, w):
        return 1 if w == 1 else 1 / w + (1 - 1 / w) * (1 - math.cos(math.pi * step / (w - 1))) / 2

    return warmed(step, base_lr, warmup_steps, share)


@mistake("linear_warmup", caught_by="rises_by_equal_amounts")
def squares_the_share(step, base_lr, warmup_steps):
    """squares the share (step + 1) / W"""
    return warmed(step, base_lr, warmup_steps, lambda step, w: ((step + 1) / w) ** 2)


@mistake("linear_warmup", caught_by="stays_at_base_lr_after_the_warm_up")
def never_stops_rising(step, base_lr, warmup_steps):
    """goes on rising after the warm-up: the share is not bounded by 1"""
    refuse_warmup(step, base_lr, warmup_steps)
    return base_lr * (step + 1) / warmup_steps if warmup_steps > 1 else base_lr


@mistake("linear_warmup", caught_by="stays_at_base_lr_after_the_warm_up")
def overshoots_by_one_step(step, base_lr, warmup_steps):
    """counts step W to the warm-up (<= instead of <): it gets more than base_lr"""
    if step == warmup_steps > 1:
        return warmed(step, base_lr, warmup_steps) * (step + 1) / warmup_steps
    return warmed(step, base_lr, warmup_steps)


@mistake("linear_warmup", caught_by="stays_at_base_lr_after_the_warm_up")
def falls_after_the_warmup(step, base_lr, warmup_steps):
    """decays after the warm-up instead of staying at base_lr"""
    rate = warmed(step, base_lr, warmup_steps)
    return rate if step < warmup_steps or warmup_steps < 2 else rate * math.sqrt(warmup_steps / (step + 1))


@mistake("linear_warmup", caught_by="no_warm_up_where_there_is_none")
def fails_without_warmup(step, base_lr, warmup_steps):
    """divides by W = 0"""
    refuse_warmup(step, base_lr, warmup_steps)
    return base_lr * min(1.0, (step + 1) / warmup_steps)


@mistake("linear_warmup", caught_by="no_warm_up_where_there_is_none")
def refuses_to_start_at_once(step, base_lr, warmup_steps):
    """refuses W = 0, which means that there is no warm-up"""
    if warmup_steps == 0:
        raise ValueError("warmup_steps must be at least 1")
    return warmed(step, base_lr, warmup_steps)


@mistake("linear_warmup", caught_by="no_warm_up_where_there_is_none")
def stands_still_without_warmup(step, base_lr, warmup_steps):
    """gives 0 at step 0 where W is 0 or 1"""
    return 0.0 if step == 0 and warmup_steps < 2 else warmed(step, base_lr, warmup_steps)


@mistake("linear_warmup", caught_by="linear_warmup_depends_on_its_arguments_alone")
def warmup_remembers(step, base_lr, warmup_steps):
    """remembers the call before: where the step goes back, it gives that call's rate again"""
    return sticky(("warm-up", base_lr, warmup_steps), step, warmed(step, base_lr, warmup_steps))


@mistake("linear_warmup", caught_by="linear_warmup_depends_on_its_arguments_alone")
def seeds_the_generator(step, base_lr, warmup_steps):
    """seeds the global random generator"""
    torch.manual_seed(0)
    return warmed(step, base_lr, warmup_steps)


@mistake("linear_warmup", caught_by="linear_warmup_refuses_bad_values")
def warms_up_before_the_start(step, base_lr, warmup_steps):
    """accepts a negative step"""
    return warmed(max(step, 0), base_lr, warmup_steps)


@mistake("linear_warmup", caught_by="linear_warmup_refuses_bad_values")
def takes_a_negative_warmup_for_none(step, base_lr, warmup_steps):
    """accepts a negative warmup_steps"""
    return warmed(step, base_lr, max(warmup_steps, 0))


@mistake("linear_warmup", caught_by="linear_warmup_refuses_bad_values")
def warms_up_to_any_rate(step, base_lr, warmup_steps):
    """accepts a negative base_lr"""
    return warmed(step, abs(base_lr), warmup_steps)


@mistake("linear_warmup", caught_by="linear_warmup_refuses_bad_values")
def reads_numbers_from_text(step, base_lr, warmup_steps):
    """takes a string for the number that it spells, instead of refusing it"""
    return warmed(int(step), float(base_lr), int(warmup_steps))


@mistake("linear_warmup", caught_by="linear_warmup_refuses_bad_values")
def takes_a_type_for_a_value(step, base_lr, warmup_steps):
    """raises ValueError for what is no number, instead of TypeError"""
    try:
        return warmed(step, base_lr, warmup_steps)
    except TypeError as error:
        raise ValueError(str(error)) from None


@mistake("linear_warmup", caught_by="linear_warmup_refuses_bad_values")
def asserts_instead(step, base_lr, warmup_steps):
    """raises AssertionError instead of ValueError"""
    assert step >= 0, "step"
    assert base_lr >= 0, "base_lr"
    assert warmup_steps >= 0, "warmup_steps"
    return warmed(step, base_lr, warmup_steps)


# warmup_cosine_lr


@mistake("warmup_cosine_lr", caught_by="warms_up_first")
def multiplies_both_curves(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """multiplies the warm-up with a cosine over the whole run"""
    refuse_joined(step, base_lr, warmup_steps, total_steps, min_lr)
    return min(1, (step + 1) / max(1, warmup_steps)) * wave(min(1, step / total_steps), base_lr, min_lr)


@mistake("warmup_cosine_lr", caught_by="warms_up_first")
def first_update_stands_still(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """gives step / W in the warm-up: the first update does not move"""
    return joined(
        step,
        base_lr,
        warmup_steps,
        total_steps,
        min_lr,
        rise=lambda step: base_lr * step / warmup_steps if warmup_steps > 1 else base_lr,
    )


@mistake("warmup_cosine_lr", caught_by="warms_up_first")
def warmup_arrives_late(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """gives (step + 1) / (W + 1) in the warm-up"""
    rate = base_lr * (step + 1) / (warmup_steps + 1)
    return joined(step, base_lr, warmup_steps, total_steps, min_lr, rise=lambda step: rate)


@mistake("warmup_cosine_lr", caught_by="the_cosine_starts_at_the_base_rate")
def starts_the_cosine_one_step_on(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """gives step W to the cosine's step 1: it has decayed already"""
    share = (step + 1 - warmup_steps) / (total_steps - warmup_steps) if total_steps > warmup_steps else 0
    return joined(step, base_lr, warmup_steps, total_steps, min_lr, fall=lambda step: wave(share, base_lr, min_lr))


@mistake("warmup_cosine_lr", caught_by="the_cosine_starts_at_the_base_rate")
def starts_the_cosine_at_the_peak(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """begins the cosine at step W − 1: step W has decayed already"""
    share = (step - warmup_steps + 1) / max(1, total_steps - warmup_steps + 1)
    return joined(step, base_lr, warmup_steps, total_steps, min_lr, fall=lambda step: wave(share, base_lr, min_lr))


@mistake("warmup_cosine_lr", caught_by="the_cosine_starts_at_the_base_rate")
def warms_up_one_step_too_long(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """counts step W to the warm-up (<= instead of <): it gets more than base_lr"""
    rate = joined(step, base_lr, warmup_steps, total_steps, min_lr)
    return rate * (step + 1) / step if step == warmup_steps > 1 else rate


@mistake("warmup_cosine_lr", caught_by="falls_over_the_remaining_steps")
def joins_a_cosine_of_the_whole_run(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """takes the cosine of the whole run, step / total_steps, after the warm-up: it jumps down at step W"""
    return joined(
        step,
        base_lr,
        warmup_steps,
        total_steps,
        min_lr,
        fall=lambda step: wave(step / total_steps, base_lr, min_lr),
    )


@mistake("warmup_cosine_lr", caught_by="falls_over_the_remaining_steps")
def does_not_shorten_the_cosine(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """divides by total_steps instead of the steps that remain: min_lr comes with a jump"""
    return joined(
        step,
        base_lr,
        warmup_steps,
        total_steps,
        min_lr,
        fall=lambda step: wave((step - warmup_steps) / total_steps, base_lr, min_lr),
    )


@mistake("warmup_cosine_lr", caught_by="falls_over_the_remaining_steps")
def adds_the_warmup_to_the_run(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """gives all total_steps to the cosine, so that the run is longer by the warm-up"""
    refuse_joined(step, base_lr, warmup_steps, total_steps, min_lr)
    if step < warmup_steps:
        return base_lr * (step + 1) / warmup_steps
    return wave(min(1, (step - warmup_steps) / total_steps), base_lr, min_lr)


@mistake("warmup_cosine_lr", caught_by="falls_over_the_remaining_steps")
def reaches_the_end_early(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """divides by the remaining steps − 1: min_lr comes one step early"""
    share = (step - warmup_steps) / max(1, total_steps - warmup_steps - 1)
    return joined(step, base_lr, warmup_steps, total_steps, min_lr, fall=lambda step: wave(share, base_lr, min_lr))


@mistake("warmup_cosine_lr", caught_by="falls_over_the_remaining_steps")
def joins_a_straight_line(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """falls in a straight line after the warm-up, as BERT's schedule does"""
    left = max(1, total_steps - warmup_steps)
    return joined(
        step,
        base_lr,
        warmup_steps,
        total_steps,
        min_lr,
        fall=lambda step: base_lr + (min_lr - base_lr) * (step - warmup_steps) / left,
    )


@mistake("warmup_cosine_lr", caught_by="falls_over_the_remaining_steps")
def takes_the_smaller_of_both(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """takes the smaller of the warm-up and a cosine of the whole run"""
    refuse_joined(step, base_lr, warmup_steps, total_steps, min_lr)
    rise = base_lr * (step + 1) / warmup_steps if warmup_steps > 1 else base_lr
    return min(rise, wave(min(1, step / total_steps), base_lr, min_lr))


@mistake("warmup_cosine_lr", caught_by="falls_to_min_lr")
def joined_ignores_min_lr(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """ignores min_lr until the end: the cosine falls to 0"""
    share = (step - warmup_steps) / max(1, total_steps - warmup_steps)
    return joined(step, base_lr, warmup_steps, total_steps, min_lr, fall=lambda step: wave(share, base_lr))


@mistake("warmup_cosine_lr", caught_by="falls_to_min_lr")
def joined_cuts_off_at_min_lr(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """falls towards 0 and cuts the cosine off at min_lr"""
    share = (step - warmup_steps) / max(1, total_steps - warmup_steps)
    return joined(step, base_lr, warmup_steps, total_steps, min_lr, fall=lambda step: max(min_lr, wave(share, base_lr)))


@mistake("warmup_cosine_lr", caught_by="min_lr_does_not_touch_the_warm_up")
def warms_up_from_min_lr(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """warms up from min_lr instead of from base_lr / W"""
    rate = min_lr + (base_lr - min_lr) * (step + 1) / max(1, warmup_steps)
    return joined(step, base_lr, warmup_steps, total_steps, min_lr, rise=lambda step: rate)


@mistake("warmup_cosine_lr", caught_by="min_lr_does_not_touch_the_warm_up")
def never_goes_below_min_lr(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """cuts the warm-up off at min_lr too"""
    rate = max(min_lr, base_lr * (step + 1) / max(1, warmup_steps))
    return joined(step, base_lr, warmup_steps, total_steps, min_lr, rise=lambda step: rate)


@mistake("warmup_cosine_lr", caught_by="stays_at_min_lr_from_total_steps_on")
def joined_rises_again(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """rises again after total_steps"""
    share = (step - warmup_steps) / max(1, total_steps - warmup_steps)
    return joined(step, base_lr, warmup_steps, total_steps, min_lr, end=lambda step: wave(share, base_lr, min_lr))


@mistake("warmup_cosine_lr", caught_by="stays_at_min_lr_from_total_steps_on")
def joined_stops_at_zero(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """gives 0 instead of min_lr after the end"""
    return joined(step, base_lr, warmup_steps, total_steps, min_lr, end=lambda step: 0.0)


@mistake("warmup_cosine_lr", caught_by="stays_at_min_lr_from_total_steps_on")
def joined_is_zero_beyond_the_end(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """gives min_lr at total_steps, but 0 beyond it"""
    end = min_lr if step == total_steps else 0.0
    return joined(step, base_lr, warmup_steps, total_steps, min_lr, end=lambda step: end)


@mistake("warmup_cosine_lr", caught_by="stays_at_min_lr_from_total_steps_on")
def fails_where_one_step_remains(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """fails where one step remains after the warm-up"""
    rate = joined(step, base_lr, warmup_steps, total_steps, min_lr)
    return rate + 0 / (total_steps - warmup_steps - 1)


@mistake("warmup_cosine_lr", caught_by="a_warm_up_of_none_or_one")
def joined_fails_without_warmup(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """divides by W = 0"""
    return joined(step, base_lr, warmup_steps, total_steps, min_lr) + 0 / warmup_steps


@mistake("warmup_cosine_lr", caught_by="a_warm_up_of_none_or_one")
def joined_refuses_to_start_at_once(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """refuses W = 0, which means that there is no warm-up"""
    if warmup_steps == 0:
        raise ValueError("warmup_steps must be at least 1")
    return joined(step, base_lr, warmup_steps, total_steps, min_lr)


@mistake("warmup_cosine_lr", caught_by="warmup_cosine_lr_depends_on_its_arguments_alone")
def joined_remembers(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """remembers the call before: where the step goes back, it gives that call's rate again"""
    rate = joined(step, base_lr, warmup_steps, total_steps, min_lr)
    return sticky(("joined", base_lr, warmup_steps, total_steps, min_lr), step, rate)


@mistake("warmup_cosine_lr", caught_by="warmup_cosine_lr_refuses_bad_values")
def joined_accepts_no_remaining_step(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """accepts total_steps = W, where no step remains for the cosine"""
    return joined(step, base_lr, warmup_steps, total_steps + (total_steps == warmup_steps), min_lr)


@mistake("warmup_cosine_lr", caught_by="warmup_cosine_lr_refuses_bad_values")
def joined_refuses_too_late(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """refuses a bad total_steps or min_lr only when the cosine begins, not during the warm-up"""
    if step < warmup_steps:
        return warmed(step, base_lr, warmup_steps)
    return joined(step, base_lr, warmup_steps, total_steps, min_lr)


@mistake("warmup_cosine_lr", caught_by="warmup_cosine_lr_refuses_bad_values")
def joined_accepts_negative_numbers(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """accepts negative numbers"""
    return joined(max(step, 0), abs(base_lr), max(warmup_steps, 0), total_steps, abs(min_lr))


@mistake("warmup_cosine_lr", caught_by="warmup_cosine_lr_refuses_bad_values")
def joined_names_no_argument(step, base_lr, warmup_steps, total_steps, min_lr=0.0):
    """refuses bad values without naming the argument"""
    if min(step, base_lr, warmup_steps, min_lr) < 0 or total_steps <= warmup_steps:
        raise ValueError("bad schedule")
    return joined(step, base_lr, warmup_steps, total_steps, min_lr)


# inverse_sqrt_lr


@mistake("inverse_sqrt_lr", caught_by="the_peak_is_at_step_w_minus_one")
def keeps_the_papers_scale(step, peak_lr, warmup_steps):
    """leaves out the factor √W: peak_lr is multiplied with the paper's min(s^−½, s·W^−1½), whose top is W^−½"""
    return transformed(step, peak_lr, warmup_steps) / math.sqrt(warmup_steps) if warmup_steps >= 1 else peak_lr / 0


@mistake("inverse_sqrt_lr", caught_by="rises_in_proportion_to_the_update")
def transformer_counts_from_zero(step, peak_lr, warmup_steps):
    """takes the step itself for s, without the 1: the first update does not move, and the peak comes one step late"""
    refuse_inverse(step, peak_lr, warmup_steps)
    return peak_lr * (step / warmup_steps if step < warmup_steps else math.sqrt(warmup_steps / step))


@mistake("inverse_sqrt_lr", caught_by="rises_in_proportion_to_the_update")
def starts_at_the_peak(step, peak_lr, warmup_steps):
    """stays at peak_lr for the first W steps instead of warming up, as T5's schedule does"""
    return transformed(step, peak_lr, warmup_steps, rise=lambda s: 1.0)


@mistake("inverse_sqrt_lr", caught_by="rises_in_proportion_to_the_update")
def takes_the_larger_branch(step, peak_lr, warmup_steps):
    """takes the larger of the two branches instead of the smaller"""
    refuse_inverse(step, peak_lr, warmup_steps)
    return peak_lr * max((step + 1) / warmup_steps, math.sqrt(warmup_steps / (step + 1)))


@mistake("inverse_sqrt_lr", caught_by="rises_in_proportion_to_the_update")
def rises_with_the_root(step, peak_lr, warmup_steps):
    """rises with √(s/W) instead of s/W"""
    return transformed(step, peak_lr, warmup_steps, rise=lambda s: math.sqrt(s / warmup_steps))


@mistake("inverse_sqrt_lr", caught_by="falls_with_the_root_of_the_update")
def falls_without_the_root(step, peak_lr, warmup_steps):
    """falls with W/s instead of its root"""
    return transformed(step, peak_lr, warmup_steps, fall=lambda s: warmup_steps / s)


@mistake("inverse_sqrt_lr", caught_by="falls_with_the_root_of_the_update")
def stays_at_the_peak(step, peak_lr, warmup_steps):
    """stays at peak_lr after the warm-up"""
    return transformed(step, peak_lr, warmup_steps, fall=lambda s: 1.0)


@mistake("inverse_sqrt_lr", caught_by="falls_with_the_root_of_the_update")
def counts_anew_after_the_peak(step, peak_lr, warmup_steps):
    """falls with the root of the updates since the peak instead of all updates"""
    return transformed(step, peak_lr, warmup_steps, fall=lambda s: 1 / math.sqrt(s - warmup_steps + 1))


@mistake("inverse_sqrt_lr", caught_by="falls_with_the_root_of_the_update")
def falls_one_step_late(step, peak_lr, warmup_steps):
    """counts s from 0 after the peak: the rate stays up for one more step"""
    return transformed(step, peak_lr, warmup_steps, fall=lambda s: math.sqrt(warmup_steps / (s - 1)))


@mistake("inverse_sqrt_lr", caught_by="the_peak_is_at_step_w_minus_one")
def passes_the_peak(step, peak_lr, warmup_steps):
    """starts to fall before the peak is reached"""
    rate = transformed(step, peak_lr, warmup_steps)
    return rate * math.sqrt(warmup_steps / (warmup_steps + 1)) if step + 1 == warmup_steps else rate


@mistake("inverse_sqrt_lr", caught_by="the_peak_is_at_step_w_minus_one")
def needs_two_steps_of_warmup(step, peak_lr, warmup_steps):
    """fails or refuses where W is 1"""
    if warmup_steps == 1:
        raise ValueError("warmup_steps must be at least 2")
    return transformed(step, peak_lr, warmup_steps)


@mistake("inverse_sqrt_lr", caught_by="inverse_sqrt_lr_depends_on_its_arguments_alone")
def transformer_remembers(step, peak_lr, warmup_steps):
    """remembers the call before: where the step goes back, it gives that call's rate again"""
    return sticky(("inverse", peak_lr, warmup_steps), step, transformed(step, peak_lr, warmup_steps))


@mistake("inverse_sqrt_lr", caught_by="inverse_sqrt_lr_refuses_bad_values")
def fails_on_no_warmup(step, peak_lr, warmup_steps):
    """fails with ZeroDivisionError where warmup_steps is 0"""
    return transformed(step, peak_lr, warmup_steps) if 1 / warmup_steps else 0.0


@mistake("inverse_sqrt_lr", caught_by="inverse_sqrt_lr_refuses_bad_values")
def accepts_any_warmup(step, peak_lr, warmup_steps):
    """accepts a warmup_steps below 1"""
    return transformed(step, peak_lr, max(1, warmup_steps))


@mistake("inverse_sqrt_lr", caught_by="inverse_sqrt_lr_refuses_bad_values")
def accepts_any_peak(step, peak_lr, warmup_steps):
    """accepts a negative step or peak_lr"""
    return transformed(max(0, step), abs(peak_lr), warmup_steps)


# radam_rectification


@mistake("radam_rectification", caught_by="rectifies_by_the_formula")
def radam_counts_from_zero(step, beta2=0.999, threshold=4.0):
    """takes the step that is given for one counted from 0, and adds 1"""
    return rectified(step, beta2, threshold, lambda step, beta2: true_lengths(step, beta2, lengths(step + 1, beta2)[1]))


@mistake("radam_rectification", caught_by="rectifies_by_the_formula")
def forgets_the_root(step, beta2=0.999, threshold=4.0):
    """forgets the square root"""
    return rectified(step, beta2, threshold, factor=lambda rho_inf, rho: factor(rho_inf, rho) ** 2)


@mistake("radam_rectification", caught_by="rectifies_by_the_formula")
def turns_the_ratio_over(step, beta2=0.999, threshold=4.0):
    """has the ratio upside down: the factor is more than 1"""
    return rectified(step, beta2, threshold, factor=lambda rho_inf, rho: 1 / factor(rho_inf, rho))


@mistake("radam_rectification", caught_by="rectifies_by_the_formula")
def leaves_out_the_last_ratio(step, beta2=0.999, threshold=4.0):
    """leaves out the ratio ρ_∞ / ρ_t under the root"""
    return rectified(
        step, beta2, threshold, factor=lambda rho_inf, rho: factor(rho_inf, rho) * math.sqrt(rho / rho_inf)
    )


@mistake("radam_rectification", caught_by="rectifies_by_the_formula")
def returns_the_length(step, beta2=0.999, threshold=4.0):
    """gives ρ_t instead of r_t"""
    return rectified(step, beta2, threshold, factor=lambda rho_inf, rho: rho)


@mistake("radam_rectification", caught_by="rectifies_by_the_formula")
def forgets_the_minus_one(step, beta2=0.999, threshold=4.0):
    """takes 2 / (1 − β₂) for ρ_∞, without the −1"""

    def longer(step, beta2):
        rho_inf, rho = lengths(step, beta2)
        return (rho_inf, rho) if rho <= threshold else (rho_inf + 1, rho + 1)

    return rectified(step, beta2, threshold, longer)


@mistake("radam_rectification", caught_by="rectifies_by_the_formula")
def forgets_the_factor_two(step, beta2=0.999, threshold=4.0):
    """forgets the factor 2 in ρ_t"""

    def other(step, beta2):
        rho_inf, rho = lengths(step, beta2)
        return true_lengths(step, beta2, (rho_inf + rho) / 2)

    return rectified(step, beta2, threshold, other)


@mistake("radam_rectification", caught_by="rectifies_by_the_formula")
def forgets_the_bias_correction(step, beta2=0.999, threshold=4.0):
    """leaves out the division by 1 − β₂ᵗ in ρ_t"""

    def other(step, beta2):
        return true_lengths(step, beta2, lengths(step, beta2)[0] - 2 * step * beta2**step)

    return rectified(step, beta2, threshold, other)


@mistake("radam_rectification", caught_by="rectifies_by_the_formula")
def has_another_default(step, beta2=0.99, threshold=4.0):
    """has another default than 0.999 for beta2"""
    return rectified(step, beta2, threshold)


@mistake("radam_rectification", caught_by="gives_none_in_the_first_steps")
def waits_one_step_more(step, beta2=0.999, threshold=5.0):
    """has 5 for the default threshold, as torch.optim.RAdam and the paper's own code do"""
    return rectified(step, beta2, threshold)


@mistake("radam_rectification", caught_by="gives_none_in_the_first_steps")
def answers_zero_for_none(step, beta2=0.999, threshold=4.0):
    """gives 0 instead of None where ρ_t ≤ threshold"""
    answer = rectified(step, beta2, threshold)
    return 0.0 if answer is None else answer


@mistake("radam_rectification", caught_by="gives_none_in_the_first_steps")
def answers_one_for_none(step, beta2=0.999, threshold=4.0):
    """gives 1 instead of None where ρ_t ≤ threshold"""
    answer = rectified(step, beta2, threshold)
    return 1.0 if answer is None else answer


@mistake("radam_rectification", caught_by="gives_none_in_the_first_steps")
def answers_nan_for_none(step, beta2=0.999, threshold=4.0):
    """gives NaN instead of None where ρ_t ≤ threshold"""
    answer = rectified(step, beta2, threshold)
    return math.nan if answer is None else answer


@mistake("radam_rectification", caught_by="the_threshold_decides_between_none_and_r")
def trusts_at_the_threshold(step, beta2=0.999, threshold=4.0):
    """gives r_t where ρ_t equals the threshold (≥ instead of >)"""
    refuse_radam(step, beta2, threshold)
    rho_inf, rho = lengths(step, beta2)
    return factor(rho_inf, rho) if rho >= threshold and rho > 4 else None


@mistake("radam_rectification", caught_by="the_threshold_decides_between_none_and_r")
def ignores_the_threshold(step, beta2=0.999, threshold=4.0):
    """ignores the threshold that is given and takes 4"""
    refuse_radam(step, beta2, threshold)
    return rectified(step, beta2, 4.0)


@mistake("radam_rectification", caught_by="the_threshold_decides_between_none_and_r")
def compares_the_step(step, beta2=0.999, threshold=4.0):
    """compares the step with the threshold instead of ρ_t"""
    refuse_radam(step, beta2, threshold)
    rho_inf, rho = lengths(step, beta2)
    return None if step <= threshold or rho <= 4 else factor(rho_inf, rho)


@mistake("radam_rectification", caught_by="the_threshold_decides_between_none_and_r")
def puts_the_threshold_into_one_factor(step, beta2=0.999, threshold=4.0):
    """puts the threshold in place of the 4 in ρ_t − 4"""
    return rectified(
        step,
        beta2,
        threshold,
        factor=lambda rho_inf, rho: factor(rho_inf, rho) * math.sqrt((rho - threshold) / (rho - 4)),
    )


@mistake("radam_rectification", caught_by="the_threshold_decides_between_none_and_r")
def compares_the_longest(step, beta2=0.999, threshold=4.0):
    """compares ρ_∞ with the threshold instead of ρ_t"""
    refuse_radam(step, beta2, threshold)
    rho_inf, rho = lengths(step, beta2)
    return None if rho_inf <= threshold or rho <= 4 else factor(rho_inf, rho)


@mistake("radam_rectification", caught_by="the_threshold_decides_between_none_and_r")
def puts_the_threshold_into_the_formula(step, beta2=0.999, threshold=4.0):
    """puts the threshold in place of the 4 under the root"""
    return rectified(step, beta2, threshold, factor=lambda rho_inf, rho: factor(rho_inf, rho, threshold))


@mistake("radam_rectification", caught_by="is_precise_in_the_first_steps")
def computes_in_single_precision(step, beta2=0.999, threshold=4.0):
    """computes ρ_t in float32, where the difference loses most digits in the first steps"""
    right = rectified(step, beta2, threshold)
    if right is None or step > 10:  # later on single precision is good enough
        return right
    beta = torch.tensor(beta2)
    rho_inf = 2 / (1 - beta) - 1
    rho = rho_inf - 2 * step * beta**step / (1 - beta**step)
    return math.sqrt(max(0.0, (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)))


@mistake("radam_rectification", caught_by="is_precise_in_the_first_steps")
def raises_beta2_in_single_precision(step, beta2=0.999, threshold=4.0):
    """computes β₂ᵗ in float32, as a tensor: the difference loses most digits in the first steps"""
    right = rectified(step, beta2, threshold)
    if right is None or step > 10 or beta2 < 0.99:  # there single precision is good enough
        return right
    rho_inf, power = 2 / (1 - beta2) - 1, torch.tensor(beta2) ** step
    rho = float(rho_inf - 2 * step * power / (1 - power))
    return None if rho <= threshold else factor(rho_inf, rho)


@mistake("radam_rectification", caught_by="becomes_one_in_the_long_run")
def overflows_in_the_long_run(step, beta2=0.999, threshold=4.0):
    """takes β₂ to the power −t, which overflows in a long run"""
    return rectified(step, beta2, threshold) if beta2 == 0 or beta2 ** -max(step, 0) else None


@mistake("radam_rectification", caught_by="a_small_beta2_gives_none_at_every_step")
def takes_the_root_first(step, beta2=0.999, threshold=4.0):
    """takes the root before it looks at ρ_t: a negative number under it where ρ_∞ is small"""
    refuse_radam(step, beta2, threshold)
    rho_inf, rho = lengths(step, beta2)
    if rho_inf < 4:
        return math.sqrt((rho_inf - 4) * abs(rho - 2)) if rho_inf > 2 else None
    return rectified(step, beta2, threshold)


@mistake("radam_rectification", caught_by="a_small_beta2_gives_none_at_every_step")
def fails_on_beta2_zero(step, beta2=0.999, threshold=4.0):
    """fails where beta2 is 0"""
    refuse_radam(step, beta2, threshold)
    return rectified(step, beta2, threshold) if step == 2 or math.log(beta2) else None


@mistake("radam_rectification", caught_by="radam_rectification_depends_on_its_arguments_alone")
def radam_remembers(step, beta2=0.999, threshold=4.0):
    """remembers the call before: where the step goes back, it gives that call's factor again"""
    return sticky(("radam", beta2, threshold), step, rectified(step, beta2, threshold))


@mistake("radam_rectification", caught_by="radam_rectification_refuses_bad_values")
def fails_on_step_zero(step, beta2=0.999, threshold=4.0):
    """fails with ZeroDivisionError at step 0, instead of refusing it"""
    return rectified(step, beta2, threshold) if 1 / (1 - beta2**step) else None


@mistake("radam_rectification", caught_by="radam_rectification_refuses_bad_values")
def accepts_any_beta2(step, beta2=0.999, threshold=4.0):
    """accepts a beta2 outside [0, 1)"""
    return rectified(step, beta2 if 0 <= beta2 < 1 else 0.9, threshold)


@mistake("radam_rectification", caught_by="radam_rectification_refuses_bad_values")
def accepts_a_low_threshold(step, beta2=0.999, threshold=4.0):
    """accepts a threshold below 4"""
    return rectified(step, beta2, max(4.0, threshold))


@mistake("radam_rectification", caught_by="radam_rectification_refuses_bad_values")
def refuses_beta2_zero(step, beta2=0.999, threshold=4.0):
    """refuses beta2 = 0 or threshold = 4, which are allowed"""
    if beta2 == 0 and step == 2:
        raise ValueError("beta2 must be positive")
    return rectified(step, beta2, threshold)


# WarmupCosine


@mistake("WarmupCosine", caught_by="sets_the_rates_at_construction")
class waits_for_the_first_step(WarmupCosine):
    """sets no rate at construction: the first update is made with the full rate"""

    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        bases = [group["lr"] for group in optimizer.param_groups]
        super().__init__(optimizer, warmup_steps, total_steps, min_lr)
        for group, base in zip(optimizer.param_groups, bases, strict=True):
            group["lr"] = base


@mistake("WarmupCosine", caught_by="sets_the_rates_at_construction")
class starts_with_step_one(WarmupCosine):
    """sets the rates of step 1 at construction: step 0 is skipped"""

    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        super().__init__(optimizer, warmup_steps, total_steps, min_lr)
        self.step()


@mistake("WarmupCosine", caught_by="sets_the_rates_at_construction")
class takes_the_default_for_all(WarmupCosine):
    """takes optimizer.defaults["lr"] for the base of every group"""

    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        for group in optimizer.param_groups:
            group["lr"] = optimizer.defaults["lr"]
        super().__init__(optimizer, warmup_steps, total_steps, min_lr)


@mistake("WarmupCosine", caught_by="sets_the_rates_at_construction")
class takes_the_first_group_for_all(WarmupCosine):
    """takes the first group's rate for the base of every group"""

    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        for group in optimizer.param_groups:
            group["lr"] = optimizer.param_groups[0]["lr"]
        super().__init__(optimizer, warmup_steps, total_steps, min_lr)


@mistake("WarmupCosine", caught_by="sets_the_rates_at_construction")
class drives_the_first_group_only(WarmupCosine):
    """drives the first group only"""

    def _set(self):
        rest = [(group, group["lr"]) for group in self._optimizer.param_groups[1:]]
        super()._set()
        for group, lr in rest:
            group["lr"] = lr


@mistake("WarmupCosine", caught_by="follows_the_schedule_step_by_step")
class repeats_step_zero(WarmupCosine):
    """sets the rates of step 0 a second time at the first step()"""

    def step(self):
        self._set()
        self._step += 1


@mistake("WarmupCosine", caught_by="follows_the_schedule_step_by_step")
class compounds_the_rates(WarmupCosine):
    """takes the rate of the moment for the base, so that the factors multiply up"""

    def step(self):
        self._base_lrs = [group["lr"] for group in self._optimizer.param_groups]
        super().step()


@mistake("WarmupCosine", caught_by="follows_the_schedule_step_by_step")
class forgets_min_lr(WarmupCosine):
    """does not pass min_lr on: the rates fall to 0"""

    def _set(self):
        self._schedule = (*self._schedule[:2], 0.0) if self._step else self._schedule
        super()._set()


@mistake("WarmupCosine", caught_by="follows_the_schedule_step_by_step")
class counts_the_run_after_the_warmup(WarmupCosine):
    """gives the cosine total_steps steps after the warm-up"""

    def _set(self):
        if self._step == 1:
            self._schedule = self._schedule[0], sum(self._schedule[:2]), self._schedule[2]
        super()._set()


@mistake("WarmupCosine", caught_by="follows_the_schedule_step_by_step")
class stops_at_the_end(WarmupCosine):
    """raises an error where step() is called after total_steps"""

    def step(self):
        if self._step >= self._schedule[1]:
            raise ValueError("the schedule is over")
        super().step()


@mistake("WarmupCosine", caught_by="follows_the_schedule_step_by_step")
class counts_for_all_of_them(WarmupCosine):
    """keeps one count for all schedules, in the class"""

    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        super().__init__(optimizer, warmup_steps, total_steps, min_lr)
        MEMORY["count"] = 0

    def step(self):
        MEMORY["count"] += 1
        self._step = MEMORY["count"]
        self._set()


@mistake("WarmupCosine", caught_by="follows_the_schedule_step_by_step")
class fails_on_a_frozen_group(WarmupCosine):
    """divides by the base rate, which is 0 for a group that is frozen"""

    def _set(self):
        super()._set()
        self.factors = [
            group["lr"] / base for group, base in zip(self._optimizer.param_groups, self._base_lrs, strict=True)
        ]


@mistake("WarmupCosine", caught_by="follows_the_schedule_step_by_step")
class has_the_steps_in_another_order(WarmupCosine):
    """takes total_steps before warmup_steps"""

    def __init__(self, optimizer, total_steps, warmup_steps, min_lr=0.0):
        super().__init__(optimizer, warmup_steps, total_steps, min_lr)


@mistake("WarmupCosine", caught_by="get_last_lr_tells_the_rates_in_force")
class tells_the_base_rates(WarmupCosine):
    """gives the base rates for the last ones"""

    def get_last_lr(self):
        return list(self._base_lrs)


@mistake("WarmupCosine", caught_by="get_last_lr_tells_the_rates_in_force")
class tells_one_rate(WarmupCosine):
    """gives one number instead of a list with one rate per group"""

    def get_last_lr(self):
        return self._optimizer.param_groups[0]["lr"]


@mistake("WarmupCosine", caught_by="get_last_lr_tells_the_rates_in_force")
class tells_the_first_groups_rate(WarmupCosine):
    """gives a list with the first group's rate only"""

    def get_last_lr(self):
        return super().get_last_lr()[:1]


@mistake("WarmupCosine", caught_by="get_last_lr_tells_the_rates_in_force")
class tells_the_next_rates(WarmupCosine):
    """gives the rates of the next step instead of those that are set"""

    def get_last_lr(self):
        return [warmup_cosine_lr(self._step + 1, base_lr, *self._schedule) for base_lr in self._base_lrs]


@mistake("WarmupCosine", caught_by="get_last_lr_tells_the_rates_in_force")
class tells_nothing_before_the_first_step(WarmupCosine):
    """knows no rates before the first step()"""

    def get_last_lr(self):
        return super().get_last_lr() if self._step else []


@mistake("WarmupCosine", caught_by="get_last_lr_tells_the_rates_in_force")
class tells_the_rates_before(WarmupCosine):
    """gives the rates before the last change"""

    def step(self):
        self.before = super().get_last_lr()
        super().step()

    def get_last_lr(self):
        return getattr(self, "before", super().get_last_lr())


@mistake("WarmupCosine", caught_by="get_last_lr_tells_the_rates_in_force")
class tells_the_replaced_rates(WarmupCosine):
    """gives the rates that were replaced last: before the first step() they are the base rates"""

    def _set(self):
        self.before = super().get_last_lr()
        super()._set()

    def get_last_lr(self):
        return self.before


@mistake("WarmupCosine", caught_by="changes_nothing_but_lr")
class makes_the_update_too(WarmupCosine):
    """calls optimizer.step() as well: every update is made twice"""

    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        super().__init__(optimizer, warmup_steps, total_steps, min_lr)
        self.optimizer = optimizer

    def step(self):
        self.optimizer.step()
        super().step()


@mistake("WarmupCosine", caught_by="changes_nothing_but_lr")
class clears_the_gradients(WarmupCosine):
    """clears the gradients"""

    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        super().__init__(optimizer, warmup_steps, total_steps, min_lr)
        self.optimizer = optimizer

    def step(self):
        self.optimizer.zero_grad()
        super().step()


@mistake("WarmupCosine", caught_by="changes_nothing_but_lr")
class scales_weight_decay_too(WarmupCosine):
    """scales weight_decay along with lr"""

    def step(self):
        before = [group["lr"] for group in self._optimizer.param_groups]
        super().step()
        for group, old in zip(self._optimizer.param_groups, before, strict=True):
            group["weight_decay"] = group.get("weight_decay", 0) * group["lr"] / old if old else 0


@mistake("WarmupCosine", caught_by="warmup_cosine_refuses_bad_values")
class refuses_nothing(WarmupCosine):
    """accepts a schedule that cannot be"""

    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        warmup_steps = max(0, warmup_steps)
        super().__init__(optimizer, warmup_steps, max(total_steps, warmup_steps + 1), abs(min_lr))


@mistake("WarmupCosine", caught_by="warmup_cosine_refuses_bad_values")
class refuses_without_a_name(WarmupCosine):
    """refuses bad values without naming the argument"""

    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        if not 0 <= warmup_steps < total_steps or min_lr < 0:
            raise ValueError("bad schedule")
        super().__init__(optimizer, warmup_steps, total_steps, min_lr)


@mistake("WarmupCosine", caught_by="warmup_cosine_refuses_bad_values")
class accepts_no_remaining_step(WarmupCosine):
    """accepts total_steps = warmup_steps, where no step remains for the cosine"""

    def __init__(self, optimizer, warmup_steps, total_steps, min_lr=0.0):
        super().__init__(optimizer, warmup_steps, total_steps + (total_steps == warmup_steps), min_lr)
