"""Named wrong variants of a2_mini_batches: what students, forums and other codebases get wrong, and other conventions in use.

Read as text: each marked definition replaces the exercise of its mark in the reference, whose private functions are in
scope; the unmarked ones come along. Where two explain a failed check equally well, the first is named: a mistake that shows
in one check stands before those that show in many.
"""

import math

import torch

from autograder.checking import mistake
from solutions.a2_mini_batches import _check_counts, _check_float_tensor


def count(n, batch_size, drop_last):
    return n // batch_size if drop_last else -(-n // batch_size)


def drawn(n, shuffle, generator):
    return torch.randperm(n, generator=generator) if shuffle else torch.arange(n)


def cut(order, batch_size, drop_last):
    """The order cut from the front."""
    number = count(len(order), batch_size, drop_last)
    return [order[k * batch_size : (k + 1) * batch_size] for k in range(number)]


def check_epoch(batch_means, batch_sizes):
    check_epoch_types(batch_means, batch_sizes)
    check_epoch_lengths(batch_means, batch_sizes)
    check_epoch_sizes(batch_sizes)


def check_epoch_types(batch_means, batch_sizes):
    _check_float_tensor("batch_means", batch_means)
    if not isinstance(batch_sizes, torch.Tensor):
        raise TypeError("batch_sizes must be a torch.Tensor")


def check_epoch_lengths(batch_means, batch_sizes):
    if batch_means.dim() == 0 or len(batch_means) == 0:
        raise ValueError("batch_means must hold one mean per batch")
    if batch_sizes.shape != batch_means.shape[:1]:
        raise ValueError("batch_sizes must hold one size per mean")


def check_epoch_sizes(batch_sizes):
    if (batch_sizes < 1).any():
        raise ValueError("batch_sizes must be at least 1")


def weighted(batch_means, weights):
    """The sum over the first dimension, weighted."""
    return torch.tensordot(weights.to(batch_means), batch_means, dims=1)


def check_noise(per_example_grads, batch_size):
    check_grads(per_example_grads)
    _check_counts(batch_size=batch_size)
    if batch_size > len(per_example_grads):
        raise ValueError("batch_size must be at most N")


def check_grads(per_example_grads):
    _check_float_tensor("per_example_grads", per_example_grads)
    if per_example_grads.dim() != 2 or len(per_example_grads) == 0:
        raise ValueError("per_example_grads must be (N, P)")


def spread(grads):
    """tr S."""
    return (grads - grads.mean(0)).square().sum() / len(grads)


def correction(n, batch_size):
    return (n - batch_size) / (n - 1) if n > 1 else 0.0


def noise(grads, batch_size, trace=spread, correction=correction):
    """The reference's noise with another trace or another correction."""
    check_noise(grads, batch_size)
    if len(grads) == 1:
        return grads.new_zeros(())
    return trace(grads) / batch_size * correction(len(grads), batch_size)


def check_curvature(f, theta):
    check_theta(theta)
    check_f(f, theta)


def check_theta(theta):
    _check_float_tensor("theta", theta)
    if theta.dim() != 1:
        raise ValueError("theta must be 1-dimensional")


def check_f(f, theta):
    if f(theta.detach()).dim() != 0:
        raise ValueError("f must return a 0-dimensional tensor")


def hessian(f, theta):
    return torch.autograd.functional.hessian(f, theta.detach()).detach()


def spectrum(f, theta):
    """The eigenvalues of the Hessian, ascending."""
    check_curvature(f, theta)
    return torch.linalg.eigvalsh(hessian(f, theta))


# num_batches


@mistake("num_batches", caught_by="counts_the_last_short_batch_too")
def divides_down(n, batch_size, drop_last=False):
    """divides and rounds down, without drop_last too: the examples that are left over make no batch"""
    _check_counts(n=n, batch_size=batch_size)
    return n // batch_size


@mistake("num_batches", caught_by="counts_the_last_short_batch_too")
def rounds_to_nearest(n, batch_size, drop_last=False):
    """rounds to the nearest number of batches instead of up"""
    _check_counts(n=n, batch_size=batch_size)
    return n // batch_size if drop_last else max(1, math.floor(n / batch_size + 0.5))


@mistake("num_batches", caught_by="makes_no_empty_batch")
def always_adds_one(n, batch_size, drop_last=False):
    """adds a batch where the division comes out even, an empty one"""
    _check_counts(n=n, batch_size=batch_size)
    return n // batch_size + (not drop_last)


@mistake("num_batches", caught_by="makes_no_empty_batch")
def drops_a_full_batch(n, batch_size, drop_last=False):
    """drops the last batch with drop_last even where it is full"""
    _check_counts(n=n, batch_size=batch_size)
    return count(n, batch_size, False) - drop_last


@mistake("num_batches", caught_by="drop_last_counts_full_batches_only")
def ignores_drop_last_in_the_count(n, batch_size, drop_last=False):
    """ignores drop_last"""
    _check_counts(n=n, batch_size=batch_size)
    return -(-n // batch_size)


@mistake("num_batches", caught_by="counts_the_last_short_batch_too")
def reads_drop_last_the_other_way_in_the_count(n, batch_size, drop_last=False):
    """takes drop_last for its opposite"""
    _check_counts(n=n, batch_size=batch_size)
    return count(n, batch_size, not drop_last)


@mistake("num_batches", caught_by="a_batch_may_be_larger_than_the_data")
def keeps_one_batch_at_least(n, batch_size, drop_last=False):
    """keeps one batch with drop_last where batch_size is above n, though it is not full"""
    _check_counts(n=n, batch_size=batch_size)
    return max(1, count(n, batch_size, drop_last))


@mistake("num_batches", caught_by="a_batch_may_be_larger_than_the_data")
def refuses_a_large_batch(n, batch_size, drop_last=False):
    """refuses a batch_size above n"""
    _check_counts(n=n, batch_size=batch_size)
    if batch_size > n:
        raise ValueError("batch_size must be at most n")
    return count(n, batch_size, drop_last)


@mistake("num_batches", caught_by="a_batch_may_be_larger_than_the_data")
def finds_no_batch_in_few_examples(n, batch_size, drop_last=False):
    """gives no batch where batch_size is above n, although what is there makes one"""
    _check_counts(n=n, batch_size=batch_size)
    return 0 if batch_size > n else count(n, batch_size, drop_last)


@mistake("num_batches", caught_by="the_count_is_an_int")
def counts_with_floats(n, batch_size, drop_last=False):
    """returns a float or a tensor instead of an int"""
    _check_counts(n=n, batch_size=batch_size)
    return float(count(n, batch_size, drop_last))


@mistake("num_batches", caught_by="num_batches_refuses_bad_arguments")
def counts_batches_of_nothing(n, batch_size, drop_last=False):
    """accepts n = 0"""
    _check_counts(batch_size=batch_size)
    if n != 0:
        _check_counts(n=n)
    return count(n, batch_size, drop_last)


@mistake("num_batches", caught_by="num_batches_refuses_bad_arguments")
def leaves_zero_to_the_division(n, batch_size, drop_last=False):
    """leaves a batch_size of 0 to Python: ZeroDivisionError instead of ValueError"""
    _check_counts(n=n)
    if batch_size != 0:
        _check_counts(batch_size=batch_size)
    return count(n, batch_size, drop_last)


@mistake("num_batches", caught_by="num_batches_refuses_bad_arguments")
def counts_floats(n, batch_size, drop_last=False):
    """accepts a float"""
    _check_counts(n=math.floor(n), batch_size=math.floor(batch_size))
    return int(count(n, batch_size, drop_last))


@mistake("num_batches", caught_by="num_batches_refuses_bad_arguments")
def names_no_count(n, batch_size, drop_last=False):
    """refuses a bad argument without naming it"""
    if isinstance(n, float) or isinstance(batch_size, float):
        raise TypeError("must be whole")
    if n < 1 or batch_size < 1:
        raise ValueError("must be positive")
    return count(n, batch_size, drop_last)


# minibatch_indices


@mistake("minibatch_indices", caught_by="visits_every_example_once")
def draws_with_replacement(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """draws the examples with replacement: some come twice in an epoch, others never"""
    _check_counts(n=n, batch_size=batch_size)
    order = torch.randint(n, (n,), generator=generator) if shuffle else torch.arange(n)
    return cut(order, batch_size, drop_last)


@mistake("minibatch_indices", caught_by="visits_every_example_once")
def draws_each_batch_on_its_own(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """shuffles anew for each batch: an example may be in two batches and another in none"""
    _check_counts(n=n, batch_size=batch_size)
    batches = cut(torch.arange(n), batch_size, drop_last)
    if not shuffle:
        return batches
    return [torch.randperm(n, generator=generator)[: len(batch)] for batch in batches]


@mistake("minibatch_indices", caught_by="visits_every_example_once")
def counts_from_one(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """counts the examples from 1 to n"""
    _check_counts(n=n, batch_size=batch_size)
    return cut(drawn(n, shuffle, generator) + 1, batch_size, drop_last)


@mistake("minibatch_indices", caught_by="visits_every_example_once")
def loses_the_short_batch(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """leaves out the last batch where it is not full, without drop_last too"""
    _check_counts(n=n, batch_size=batch_size)
    return cut(drawn(n, shuffle, generator), batch_size, True)


@mistake("minibatch_indices", caught_by="visits_every_example_once")
def steps_back_by_one(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """lets each batch begin with the last example of the one before"""
    _check_counts(n=n, batch_size=batch_size)
    order, step = drawn(n, shuffle, generator), max(1, batch_size - 1)
    return [order[k * step : k * step + batch_size] for k in range(count(n, batch_size, drop_last))]


@mistake("minibatch_indices", caught_by="fills_the_batches_from_the_front")
def fills_up_the_last_batch(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """fills the last batch up with examples from the front"""
    _check_counts(n=n, batch_size=batch_size)
    order, number = drawn(n, shuffle, generator), count(n, batch_size, drop_last)
    return cut(order.repeat(2 + batch_size // n)[: number * batch_size], batch_size, drop_last)


@mistake("minibatch_indices", caught_by="fills_the_batches_from_the_front")
def evens_out_the_batches(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """spreads the examples evenly over the batches (as tensor_split does) instead of filling one after the other"""
    _check_counts(n=n, batch_size=batch_size)
    order, number = drawn(n, shuffle, generator), count(n, batch_size, False)
    if drop_last:
        return cut(order, batch_size, True)
    return list(torch.tensor_split(order, number))


@mistake("minibatch_indices", caught_by="fills_the_batches_from_the_front")
def chunks_evenly(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """cuts into equal chunks (as torch.chunk does): with nine in batches of four, three times three"""
    _check_counts(n=n, batch_size=batch_size)
    order = drawn(n, shuffle, generator)
    return cut(order, batch_size, True) if drop_last else list(order.chunk(-(-n // batch_size)))


@mistake("minibatch_indices", caught_by="fills_the_batches_from_the_front")
def ends_with_an_empty_batch(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """ends with an empty batch where the batches come out even"""
    _check_counts(n=n, batch_size=batch_size)
    order = drawn(n, shuffle, generator)
    batches = [order[k : k + batch_size] for k in range(0, n + 1, batch_size)]
    return batches[:-1] if drop_last and len(batches[-1]) < batch_size else batches


@mistake("minibatch_indices", caught_by="fills_the_batches_from_the_front")
def puts_the_short_batch_first(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """puts the short batch first, or anywhere: the batches were moved after the cut"""
    _check_counts(n=n, batch_size=batch_size)
    order, rest = drawn(n, shuffle, generator), n % batch_size
    if drop_last or not rest or not shuffle:
        return cut(order, batch_size, drop_last)
    return [order[:rest], *cut(order[rest:], batch_size, False)]


@mistake("minibatch_indices", caught_by="fills_the_batches_from_the_front")
def takes_batch_size_for_their_number(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """takes batch_size for the number of batches"""
    _check_counts(n=n, batch_size=batch_size)
    size = -(-n // batch_size)
    return cut(drawn(n, shuffle, generator), size, drop_last)


@mistake("minibatch_indices", caught_by="keeps_the_order_without_shuffle")
def always_shuffles(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """shuffles without shuffle too"""
    _check_counts(n=n, batch_size=batch_size)
    return cut(torch.randperm(n, generator=generator), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="drop_last_leaves_out_the_short_batch")
def ignores_drop_last(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """ignores drop_last"""
    _check_counts(n=n, batch_size=batch_size)
    return cut(drawn(n, shuffle, generator), batch_size, False)


@mistake("minibatch_indices", caught_by="drop_last_leaves_out_the_short_batch")
def keeps_the_only_batch(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """keeps the only batch with drop_last, though it is not full"""
    _check_counts(n=n, batch_size=batch_size)
    return cut(drawn(n, shuffle, generator), batch_size, drop_last and batch_size <= n)


@mistake("minibatch_indices", caught_by="drop_last_leaves_out_the_short_batch")
def drops_a_full_last_batch(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """drops the last batch with drop_last even where it is full"""
    _check_counts(n=n, batch_size=batch_size)
    batches = cut(drawn(n, shuffle, generator), batch_size, False)
    return batches[:-1] if drop_last else batches


@mistake("minibatch_indices", caught_by="drop_last_leaves_out_others_each_epoch")
def drops_before_shuffling(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """leaves out the last examples of the data before shuffling: they are never used"""
    _check_counts(n=n, batch_size=batch_size)
    kept = n - n % batch_size if drop_last else n
    return cut(drawn(kept, shuffle, generator), batch_size, drop_last) if kept else []


@mistake("minibatch_indices", caught_by="shuffles_anew_each_epoch")
def rewinds_the_generator(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """puts the generator back to its seed at each call, or draws from a copy of it: every epoch has the same order"""
    _check_counts(n=n, batch_size=batch_size)
    if shuffle and generator is not None:
        generator.manual_seed(generator.initial_seed())
    return cut(drawn(n, shuffle, generator), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="equal_seeds_give_equal_batches")
def draws_from_python(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """shuffles with Python's random (or NumPy's), which no torch generator seeds"""
    import random

    _check_counts(n=n, batch_size=batch_size)
    order = list(range(n))
    if shuffle:
        random.shuffle(order)
    return cut(torch.tensor(order), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="leaves_the_default_generator_alone")
def draws_from_both(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """seeds torch's default generator, or draws from it too, although another one is given"""
    _check_counts(n=n, batch_size=batch_size)
    if shuffle and generator is not None:
        torch.randperm(n)
    return cut(drawn(n, shuffle, generator), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="equal_seeds_give_equal_batches")
def ignores_the_generator(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """draws from the default generator, whatever generator is given"""
    _check_counts(n=n, batch_size=batch_size)
    return cut(drawn(n, shuffle, None), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="all_orders_are_equally_likely")
def seeds_with_a_constant(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """seeds with a fixed number at each call: every epoch has the same order"""
    _check_counts(n=n, batch_size=batch_size)
    return cut(drawn(n, shuffle, torch.Generator().manual_seed(0)), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="draws_from_the_default_generator_where_none_is_given")
def makes_a_fresh_generator(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """makes a generator of its own where none is given: the same order in every epoch, whatever torch.manual_seed says"""
    _check_counts(n=n, batch_size=batch_size)
    return cut(drawn(n, shuffle, generator or torch.Generator()), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="draws_from_the_default_generator_where_none_is_given")
def seeds_at_random(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """draws from elsewhere where no generator is given: torch.manual_seed does not repeat the batches"""
    _check_counts(n=n, batch_size=batch_size)
    if shuffle and generator is None:
        generator = torch.Generator()
        generator.seed()
    return cut(drawn(n, shuffle, generator), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="all_orders_are_equally_likely")
def never_shuffles(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """never shuffles: every epoch has the same batches"""
    _check_counts(n=n, batch_size=batch_size)
    return cut(torch.arange(n), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="all_orders_are_equally_likely")
def does_not_shuffle_by_default(n, batch_size, *, shuffle=False, drop_last=False, generator=None):
    """does not shuffle unless told to: the default of shuffle is True"""
    _check_counts(n=n, batch_size=batch_size)
    return cut(drawn(n, shuffle, generator), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="all_orders_are_equally_likely")
def shuffles_within_batches(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """shuffles inside each batch only: the batches hold the same examples in every epoch"""
    _check_counts(n=n, batch_size=batch_size)
    batches = cut(torch.arange(n), batch_size, drop_last)
    return [batch[drawn(len(batch), shuffle, generator)] for batch in batches]


@mistake("minibatch_indices", caught_by="all_orders_are_equally_likely")
def shuffles_batches_only(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """shuffles the full batches, not the examples: neighbours stay together in every epoch"""
    _check_counts(n=n, batch_size=batch_size)
    batches = cut(torch.arange(n), batch_size, drop_last)
    full = n // batch_size
    return [batches[k] for k in drawn(full, shuffle, generator)] + batches[full:]


@mistake("minibatch_indices", caught_by="all_orders_are_equally_likely")
def lets_each_move(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """never leaves an example in its place (Sattolo's shuffle, a Fisher–Yates with one number too few to draw from)"""
    _check_counts(n=n, batch_size=batch_size)
    order = list(range(n))
    for i in range(n - 1, 0, -1) if shuffle else ():
        j = int(torch.randint(i, (), generator=generator))
        order[i], order[j] = order[j], order[i]
    return cut(torch.tensor(order), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="all_orders_are_equally_likely")
def swaps_with_any_place(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """swaps each place with any other instead of one that is not settled yet, so that some orders are likelier"""
    _check_counts(n=n, batch_size=batch_size)
    order = list(range(n))
    for i, j in enumerate(torch.randint(n, (n,), generator=generator).tolist() if shuffle else ()):
        order[i], order[j] = order[j], order[i]
    return cut(torch.tensor(order), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="all_orders_are_equally_likely")
def turns_the_order(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """only begins at a random place: every example has the same neighbours in every epoch"""
    _check_counts(n=n, batch_size=batch_size)
    start = int(torch.randint(n, (), generator=generator)) if shuffle else 0
    return cut(torch.arange(n).roll(start), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="batches_are_int64_tensors")
def returns_lists(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """returns lists of numbers instead of tensors"""
    _check_counts(n=n, batch_size=batch_size)
    return [batch.tolist() for batch in cut(drawn(n, shuffle, generator), batch_size, drop_last)]


@mistake("minibatch_indices", caught_by="batches_are_int64_tensors")
def returns_int32(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """returns int32 instead of int64"""
    _check_counts(n=n, batch_size=batch_size)
    return [batch.int() for batch in cut(drawn(n, shuffle, generator), batch_size, drop_last)]


@mistake("minibatch_indices", caught_by="batches_are_int64_tensors")
def returns_columns(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """returns columns (B, 1) instead of 1-dimensional tensors"""
    _check_counts(n=n, batch_size=batch_size)
    return [batch[:, None] for batch in cut(drawn(n, shuffle, generator), batch_size, drop_last)]


@mistake("minibatch_indices", caught_by="batches_are_int64_tensors")
def yields_batches(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """returns a generator or an iterator instead of a list: it has no length and serves once"""
    _check_counts(n=n, batch_size=batch_size)
    return iter(cut(drawn(n, shuffle, generator), batch_size, drop_last))


@mistake("minibatch_indices", caught_by="batches_are_int64_tensors")
def draws_without_shuffle_too(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """draws random numbers without shuffle too, where none are needed"""
    _check_counts(n=n, batch_size=batch_size)
    order = torch.randperm(n, generator=generator)
    return cut(order if shuffle else order.sort().values, batch_size, drop_last)


@mistake("minibatch_indices", caught_by="minibatch_indices_refuses_bad_arguments")
def cuts_nothing(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """accepts n = 0"""
    _check_counts(batch_size=batch_size)
    if n != 0:
        _check_counts(n=n)
    return cut(drawn(n, shuffle, generator), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="minibatch_indices_refuses_bad_arguments")
def accepts_any_batch_size(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """accepts a batch_size below 1"""
    _check_counts(n=n)
    return cut(drawn(n, shuffle, generator), max(1, batch_size), drop_last)


@mistake("minibatch_indices", caught_by="minibatch_indices_refuses_bad_arguments")
def cuts_with_floats(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """accepts a float"""
    n, batch_size = math.floor(n), math.floor(batch_size)
    _check_counts(n=n, batch_size=batch_size)
    return cut(drawn(n, shuffle, generator), batch_size, drop_last)


@mistake("minibatch_indices", caught_by="minibatch_indices_refuses_bad_arguments")
def does_not_say_which_count(n, batch_size, *, shuffle=True, drop_last=False, generator=None):
    """refuses a bad argument without naming it"""
    if isinstance(n, float) or isinstance(batch_size, float):
        raise TypeError("must be whole")
    if n < 1 or batch_size < 1:
        raise ValueError("must be positive")
    return cut(drawn(n, shuffle, generator), batch_size, drop_last)


# epoch_mean


@mistake("epoch_mean", caught_by="the_sizes_may_be_any")
def trusts_the_first_size(batch_means, batch_sizes):
    """takes all batches but the last for as large as the first"""
    check_epoch(batch_means, batch_sizes)
    sizes = batch_sizes[:1].repeat(len(batch_sizes))
    sizes[-1] = batch_sizes[-1]
    return weighted(batch_means, sizes.to(batch_means) / sizes.sum())


@mistake("epoch_mean", caught_by="the_sizes_may_be_any")
def sorts_the_sizes(batch_means, batch_sizes):
    """pairs the largest size with the first mean: sizes in another order than the means"""
    check_epoch(batch_means, batch_sizes)
    sizes = batch_sizes.sort(descending=True).values.to(batch_means)
    return weighted(batch_means, sizes / sizes.sum())


@mistake("epoch_mean", caught_by="weights_each_batch_by_its_size")
def averages_the_means(batch_means, batch_sizes):
    """takes the plain mean of the means: a short batch counts as much as a full one"""
    check_epoch(batch_means, batch_sizes)
    return batch_means.mean(0)


@mistake("epoch_mean", caught_by="weights_each_batch_by_its_size")
def divides_by_the_number_of_batches(batch_means, batch_sizes):
    """divides the weighted sum by the number of batches instead of the number of examples"""
    check_epoch(batch_means, batch_sizes)
    return weighted(batch_means, batch_sizes) / len(batch_sizes)


@mistake("epoch_mean", caught_by="weights_each_batch_by_its_size")
def divides_by_full_batches(batch_means, batch_sizes):
    """divides by the number of batches times the largest size, as if all were full"""
    check_epoch(batch_means, batch_sizes)
    return weighted(batch_means, batch_sizes) / (len(batch_sizes) * batch_sizes.max())


@mistake("epoch_mean", caught_by="weights_each_batch_by_its_size")
def does_not_divide(batch_means, batch_sizes):
    """returns the sum over all examples, not the mean"""
    check_epoch(batch_means, batch_sizes)
    return weighted(batch_means, batch_sizes)


@mistake("epoch_mean", caught_by="weights_each_batch_by_its_size")
def divides_by_the_sizes(batch_means, batch_sizes):
    """divides by the sizes, so that a short batch counts most"""
    check_epoch(batch_means, batch_sizes)
    weights = 1 / batch_sizes.to(batch_means)
    return weighted(batch_means, weights / weights.sum())


@mistake("epoch_mean", caught_by="weights_each_batch_by_its_size")
def leaves_out_the_last_batch(batch_means, batch_sizes):
    """leaves out the last batch"""
    check_epoch(batch_means, batch_sizes)
    kept = max(1, len(batch_sizes) - 1)
    sizes = batch_sizes[:kept].to(batch_means)
    return weighted(batch_means[:kept], sizes / sizes.sum())


@mistake("epoch_mean", caught_by="weights_gradients_along_the_first_dimension")
def broadcasts_along_the_last_dimension(batch_means, batch_sizes):
    """lets the sizes be broadcast along the last dimension of the means"""
    check_epoch(batch_means, batch_sizes)
    sizes = batch_sizes.to(batch_means)
    return (batch_means * sizes).sum(0) / sizes.sum()


@mistake("epoch_mean", caught_by="weights_gradients_along_the_first_dimension")
def averages_over_everything(batch_means, batch_sizes):
    """averages over all dimensions of the means instead of the first only"""
    check_epoch(batch_means, batch_sizes)
    sizes = batch_sizes.to(batch_means)
    return weighted(batch_means, sizes / sizes.sum()).mean()


@mistake("epoch_mean", caught_by="epoch_mean_keeps_the_dtype")
def divides_integers_first(batch_means, batch_sizes):
    """divides the int64 sizes by their int64 sum, which gives float32: float64 loses half of its digits"""
    check_epoch(batch_means, batch_sizes)
    return weighted(batch_means, batch_sizes / batch_sizes.sum())


@mistake("epoch_mean", caught_by="epoch_mean_keeps_the_dtype")
def averages_in_single_precision(batch_means, batch_sizes):
    """returns float32 whatever comes in"""
    check_epoch(batch_means, batch_sizes)
    sizes = batch_sizes.float()
    return weighted(batch_means.float(), sizes / sizes.sum())


@mistake("epoch_mean", caught_by="epoch_mean_keeps_the_dtype")
def averages_in_double_precision(batch_means, batch_sizes):
    """returns float64 whatever comes in"""
    check_epoch(batch_means, batch_sizes)
    sizes = batch_sizes.double()
    return weighted(batch_means.double(), sizes / sizes.sum())


@mistake("epoch_mean", caught_by="epoch_mean_keeps_the_dtype")
def returns_a_number(batch_means, batch_sizes):
    """returns a Python float instead of a tensor"""
    check_epoch(batch_means, batch_sizes)
    sizes = batch_sizes.double()
    mean = weighted(batch_means.double(), sizes / sizes.sum())
    return mean.item() if mean.dim() == 0 else mean.to(batch_means)


@mistake("epoch_mean", caught_by="epoch_mean_leaves_its_inputs_alone")
def scales_the_means_in_place(batch_means, batch_sizes):
    """changes batch_means in place"""
    check_epoch(batch_means, batch_sizes)
    sizes = batch_sizes.to(batch_means)
    means = batch_means.detach()
    means *= (sizes / sizes.sum()).reshape(-1, *[1] * (means.dim() - 1))
    return means.sum(0)


@mistake("epoch_mean", caught_by="epoch_mean_leaves_its_inputs_alone")
def unmarks_the_means(batch_means, batch_sizes):
    """clears the requires_grad flag of batch_means"""
    check_epoch(batch_means, batch_sizes)
    sizes = batch_sizes.to(batch_means)
    return weighted(batch_means.requires_grad_(False), sizes / sizes.sum())


@mistake("epoch_mean", caught_by="epoch_mean_leaves_its_inputs_alone")
def draws_numbers_in_epoch_mean(batch_means, batch_sizes):
    """seeds or draws from the global random generator"""
    check_epoch(batch_means, batch_sizes)
    torch.manual_seed(0)
    sizes = batch_sizes.to(batch_means)
    return weighted(batch_means, sizes / sizes.sum())


@mistake("epoch_mean", caught_by="epoch_mean_refuses_bad_arguments")
def broadcasts_one_size(batch_means, batch_sizes):
    """lets a single size stand for all batches"""
    check_epoch_types(batch_means, batch_sizes)
    if len(batch_sizes) == 1 and len(batch_means) > 1:
        batch_sizes = batch_sizes.expand(len(batch_means))
    check_epoch(batch_means, batch_sizes)
    sizes = batch_sizes.to(batch_means)
    return weighted(batch_means, sizes / sizes.sum())


@mistake("epoch_mean", caught_by="epoch_mean_refuses_bad_arguments")
def accepts_empty_batches(batch_means, batch_sizes):
    """accepts sizes below 1"""
    check_epoch_types(batch_means, batch_sizes)
    check_epoch_lengths(batch_means, batch_sizes)
    sizes = batch_sizes.to(batch_means)
    return weighted(batch_means, sizes / sizes.sum())


@mistake("epoch_mean", caught_by="epoch_mean_refuses_bad_arguments")
def accepts_no_batches(batch_means, batch_sizes):
    """accepts an epoch without any batch, whose mean is NaN"""
    check_epoch_types(batch_means, batch_sizes)
    if batch_sizes.shape != batch_means.shape[:1]:
        raise ValueError("batch_sizes must hold one size per mean")
    check_epoch_sizes(batch_sizes)
    sizes = batch_sizes.to(batch_means)
    return weighted(batch_means, sizes / sizes.sum())


@mistake("epoch_mean", caught_by="epoch_mean_refuses_bad_arguments")
def accepts_lists(batch_means, batch_sizes):
    """accepts lists and tensors of integers"""
    batch_means, batch_sizes = torch.as_tensor(batch_means), torch.as_tensor(batch_sizes)
    if not batch_means.is_floating_point():
        batch_means = batch_means.float()
    check_epoch(batch_means, batch_sizes)
    sizes = batch_sizes.to(batch_means)
    return weighted(batch_means, sizes / sizes.sum())


# gradient_noise


@mistake("gradient_noise", caught_by="falls_with_the_batch_size")
def forgets_the_correction(per_example_grads, batch_size):
    """leaves out the finite-population correction: right for drawing with replacement only"""
    return noise(per_example_grads, batch_size, correction=lambda n, b: 1.0)


@mistake("gradient_noise", caught_by="a_batch_of_one_is_as_noisy_as_an_example")
def corrects_with_n(per_example_grads, batch_size):
    """divides the correction by N instead of N − 1: with the biased covariance that is too small"""
    return noise(per_example_grads, batch_size, correction=lambda n, b: (n - b) / n)


@mistake("gradient_noise", caught_by="falls_with_the_batch_size")
def corrects_with_a_root(per_example_grads, batch_size):
    """takes the root of the correction, which belongs to the standard error, not to its square"""
    return noise(per_example_grads, batch_size, correction=lambda n, b: math.sqrt((n - b) / (n - 1)))


@mistake("gradient_noise", caught_by="falls_with_the_batch_size")
def divides_by_the_root_of_the_size(per_example_grads, batch_size):
    """divides by the root of the batch size: the noise squared falls as 1/B"""
    return noise(per_example_grads, batch_size, correction=lambda n, b: math.sqrt(b) * (n - b) / (n - 1))


@mistake("gradient_noise", caught_by="falls_with_the_batch_size")
def divides_by_the_squared_size(per_example_grads, batch_size):
    """divides by the square of the batch size"""
    return noise(per_example_grads, batch_size, correction=lambda n, b: (n - b) / (n - 1) / b)


@mistake("gradient_noise", caught_by="falls_with_the_batch_size")
def sums_over_the_batch(per_example_grads, batch_size):
    """gives the noise of the summed gradient of a batch, not of the mean"""
    return noise(per_example_grads, batch_size, correction=lambda n, b: b * b * (n - b) / (n - 1))


@mistake("gradient_noise", caught_by="falls_with_the_batch_size")
def uses_the_first_batch(per_example_grads, batch_size):
    """measures the error of one batch, the first rows, instead of the expectation over all"""
    check_noise(per_example_grads, batch_size)
    return (per_example_grads[:batch_size].mean(0) - per_example_grads.mean(0)).square().sum()


@mistake("gradient_noise", caught_by="a_batch_of_one_is_as_noisy_as_an_example")
def takes_the_root(per_example_grads, batch_size):
    """returns the root: the standard error instead of its square"""
    return noise(per_example_grads, batch_size).sqrt()


@mistake("gradient_noise", caught_by="a_batch_of_one_is_as_noisy_as_an_example")
def uses_the_unbiased_covariance(per_example_grads, batch_size):
    """uses the covariance divided by N − 1, together with a correction that is made for the one divided by N"""
    return noise(per_example_grads, batch_size, trace=lambda g: g.var(0).sum())


@mistake("gradient_noise", caught_by="a_batch_of_one_is_as_noisy_as_an_example")
def averages_over_parameters(per_example_grads, batch_size):
    """averages over the parameters instead of adding them up"""
    return noise(per_example_grads, batch_size, trace=lambda g: g.var(0, correction=0).mean())


@mistake("gradient_noise", caught_by="a_batch_of_one_is_as_noisy_as_an_example")
def does_not_centre(per_example_grads, batch_size):
    """takes the mean squared gradient, without subtracting the mean gradient first"""
    return noise(per_example_grads, batch_size, trace=lambda g: g.square().sum() / len(g))


@mistake("gradient_noise", caught_by="a_batch_of_one_is_as_noisy_as_an_example")
def adds_over_examples(per_example_grads, batch_size):
    """adds the squared distances up over the examples instead of averaging them"""
    return noise(per_example_grads, batch_size, trace=lambda g: spread(g) * len(g))


@mistake("gradient_noise", caught_by="a_batch_of_one_is_as_noisy_as_an_example")
def mixes_rows_and_columns(per_example_grads, batch_size):
    """takes the mean over the parameters of each example instead of over the examples"""
    return noise(
        per_example_grads, batch_size, trace=lambda g: (g - g.mean(1, keepdim=True)).square().sum() / g.shape[1]
    )


@mistake("gradient_noise", caught_by="a_batch_of_one_is_as_noisy_as_an_example")
def adds_the_whole_covariance(per_example_grads, batch_size):
    """adds up the whole covariance matrix instead of its diagonal"""
    return noise(per_example_grads, batch_size, trace=lambda g: ((g - g.mean(0)).sum(1).square()).mean())


@mistake("gradient_noise", caught_by="a_batch_of_one_is_as_noisy_as_an_example")
def adds_standard_deviations(per_example_grads, batch_size):
    """adds up the standard deviations of the parameters and squares their sum; it is the variances that add up"""
    return noise(per_example_grads, batch_size, trace=lambda g: g.std(0, correction=0).sum().square())


@mistake("gradient_noise", caught_by="a_batch_of_one_is_as_noisy_as_an_example")
def takes_the_largest_variance(per_example_grads, batch_size):
    """takes the largest eigenvalue of the covariance, or its largest entry, instead of the trace"""
    return noise(per_example_grads, batch_size, trace=lambda g: g.var(0, correction=0).max())


@mistake("gradient_noise", caught_by="the_full_batch_has_no_noise")
def keeps_noise_in_the_full_batch(per_example_grads, batch_size):
    """leaves noise in the full batch: corrects with (N − B + 1) / N there"""
    return noise(per_example_grads, batch_size, correction=lambda n, b: 1 / n if b == n else (n - b) / (n - 1))


@mistake("gradient_noise", caught_by="the_full_batch_has_no_noise")
def refuses_the_full_batch(per_example_grads, batch_size):
    """refuses batch_size = N, which is allowed"""
    if len(per_example_grads) > 1 and batch_size == len(per_example_grads):
        raise ValueError("batch_size must be less than N")
    return noise(per_example_grads, batch_size)


@mistake("gradient_noise", caught_by="a_single_example_has_no_noise")
def gives_nan_for_one_example(per_example_grads, batch_size):
    """gives NaN for a single example"""
    result = noise(per_example_grads, batch_size)
    return result if len(per_example_grads) > 1 else result * math.nan


@mistake("gradient_noise", caught_by="a_single_example_has_no_noise")
def divides_by_zero(per_example_grads, batch_size):
    """fails on a single example: N − 1 is 0"""
    check_noise(per_example_grads, batch_size)
    n = len(per_example_grads)
    return spread(per_example_grads) / batch_size * ((n - batch_size) / (n - 1))


@mistake("gradient_noise", caught_by="a_single_example_has_no_noise")
def refuses_one_example(per_example_grads, batch_size):
    """refuses a single example, which is allowed"""
    check_noise(per_example_grads, batch_size)
    if len(per_example_grads) == 1:
        raise ValueError("per_example_grads must have at least two rows")
    return noise(per_example_grads, batch_size)


@mistake("gradient_noise", caught_by="a_large_common_gradient_does_no_harm")
def subtracts_large_squares(per_example_grads, batch_size):
    """takes the variance as mean square minus squared mean, where large numbers cancel and the digits are lost"""
    return noise(per_example_grads, batch_size, trace=lambda g: (g.square().mean(0) - g.mean(0).square()).sum())


@mistake("gradient_noise", caught_by="gradient_noise_keeps_the_dtype")
def measures_in_single_precision(per_example_grads, batch_size):
    """returns float32 whatever comes in"""
    check_noise(per_example_grads, batch_size)
    return noise(per_example_grads.float(), batch_size)


@mistake("gradient_noise", caught_by="gradient_noise_keeps_the_dtype")
def rounds_to_single_precision(per_example_grads, batch_size):
    """computes in float32 and converts back: float64 loses half of its digits"""
    check_noise(per_example_grads, batch_size)
    return noise(per_example_grads.float(), batch_size).to(per_example_grads.dtype)


@mistake("gradient_noise", caught_by="gradient_noise_keeps_the_dtype")
def measures_in_double_precision(per_example_grads, batch_size):
    """returns float64 whatever comes in"""
    check_noise(per_example_grads, batch_size)
    return noise(per_example_grads.double(), batch_size)


@mistake("gradient_noise", caught_by="gradient_noise_keeps_the_dtype")
def gives_a_number(per_example_grads, batch_size):
    """returns a Python float instead of a tensor"""
    return noise(per_example_grads, batch_size).item()


@mistake("gradient_noise", caught_by="gradient_noise_keeps_the_dtype")
def gives_one_row(per_example_grads, batch_size):
    """returns shape (1,) instead of a 0-dimensional tensor"""
    return noise(per_example_grads, batch_size)[None]


@mistake("gradient_noise", caught_by="gradient_noise_leaves_its_input_alone")
def centres_in_place(per_example_grads, batch_size):
    """changes the gradients in place"""
    check_noise(per_example_grads, batch_size)
    grads = per_example_grads.detach()
    grads -= grads.mean(0)
    return noise(grads, batch_size)


@mistake("gradient_noise", caught_by="gradient_noise_leaves_its_input_alone")
def samples_the_noise(per_example_grads, batch_size):
    """draws from the global random generator"""
    check_noise(per_example_grads, batch_size)
    torch.randperm(len(per_example_grads))
    return noise(per_example_grads, batch_size)


@mistake("gradient_noise", caught_by="gradient_noise_refuses_bad_arguments")
def accepts_a_batch_of_none(per_example_grads, batch_size):
    """accepts a batch_size below 1"""
    return noise(per_example_grads, max(1, batch_size))


@mistake("gradient_noise", caught_by="gradient_noise_refuses_bad_arguments")
def accepts_a_batch_above_n(per_example_grads, batch_size):
    """accepts a batch_size above N, where the formula goes negative or stops at 0"""
    check_grads(per_example_grads)
    _check_counts(batch_size=batch_size)
    return noise(per_example_grads, min(batch_size, len(per_example_grads)))


@mistake("gradient_noise", caught_by="gradient_noise_refuses_bad_arguments")
def accepts_any_shape(per_example_grads, batch_size):
    """accepts gradients that are not (N, P)"""
    _check_float_tensor("per_example_grads", per_example_grads)
    return noise(per_example_grads.reshape(len(per_example_grads), -1), batch_size)


@mistake("gradient_noise", caught_by="gradient_noise_refuses_bad_arguments")
def converts_the_gradients(per_example_grads, batch_size):
    """accepts lists and tensors of integers"""
    grads = torch.as_tensor(per_example_grads)
    return noise(grads if grads.is_floating_point() else grads.float(), batch_size)


# top_curvature


@mistake("top_curvature", caught_by="is_the_largest_by_sign")
def never_goes_below_zero(f, theta):
    """never returns less than 0"""
    return spectrum(f, theta)[-1].clamp(min=0).item()


@mistake("top_curvature", caught_by="is_the_largest_by_sign")
def takes_the_largest_in_size(f, theta):
    """takes the eigenvalue of the largest size, its sign removed (the spectral norm of the Hessian)"""
    return spectrum(f, theta).abs().max().item()


@mistake("top_curvature", caught_by="is_the_largest_by_sign")
def takes_the_dominant_one(f, theta):
    """takes the eigenvalue of the largest size, as power iteration does, instead of the largest by sign"""
    values = spectrum(f, theta)
    return values[values.abs().argmax()].item()


@mistake("top_curvature", caught_by="is_the_largest_eigenvalue_of_the_hessian")
def takes_the_smallest(f, theta):
    """takes the smallest eigenvalue"""
    return spectrum(f, theta)[0].item()


@mistake("top_curvature", caught_by="is_the_largest_eigenvalue_of_the_hessian")
def takes_the_trace(f, theta):
    """adds the eigenvalues up (the trace)"""
    return spectrum(f, theta).sum().item()


@mistake("top_curvature", caught_by="is_the_largest_by_sign")
def starts_the_iteration_at_ones(f, theta):
    """iterates from (1, ..., 1), which never finds a direction at right angles to it"""
    check_curvature(f, theta)
    H = hessian(f, theta)
    shifted = H + (H.abs().sum(1).max() + 1e-12) * torch.eye(len(H), dtype=H.dtype)
    v = torch.ones(len(H), dtype=H.dtype)
    for _ in range(300):
        v = shifted @ v
        v = v / v.norm()
    return (v @ H @ v).item()


@mistake("top_curvature", caught_by="is_the_largest_eigenvalue_of_the_hessian")
def takes_the_largest_entry(f, theta):
    """takes the largest entry on the diagonal of the Hessian: the steepest axis, not the steepest direction"""
    check_curvature(f, theta)
    return hessian(f, theta).diagonal().max().item()


@mistake("top_curvature", caught_by="is_the_largest_eigenvalue_of_the_hessian")
def takes_the_frobenius_norm(f, theta):
    """takes the Frobenius norm of the Hessian"""
    return spectrum(f, theta).square().sum().sqrt().item()


@mistake("top_curvature", caught_by="is_the_largest_eigenvalue_of_the_hessian")
def takes_half(f, theta):
    """takes half of the eigenvalue: the ½ of Taylor's formula is no part of the Hessian"""
    return 0.5 * spectrum(f, theta)[-1].item()


@mistake("top_curvature", caught_by="is_the_largest_eigenvalue_of_the_hessian")
def doubles_it(f, theta):
    """takes twice the eigenvalue: the Hessian and its transpose were added up"""
    return 2 * spectrum(f, theta)[-1].item()


@mistake("top_curvature", caught_by="is_the_largest_eigenvalue_of_the_hessian")
def squares_the_gradient(f, theta):
    """takes the largest eigenvalue of g gᵀ (the squared gradient) for that of the Hessian"""
    check_curvature(f, theta)
    return torch.autograd.functional.jacobian(f, theta.detach()).detach().square().sum().item()


@mistake("top_curvature", caught_by="is_the_largest_eigenvalue_of_the_hessian")
def looks_along_the_gradient(f, theta):
    """takes the curvature along the gradient instead of the steepest direction"""
    check_curvature(f, theta)
    slope = torch.autograd.functional.jacobian(f, theta.detach()).detach()
    return (slope @ hessian(f, theta) @ slope / slope.square().sum().clamp(min=1e-30)).item()


@mistake("top_curvature", caught_by="depends_on_the_point")
def looks_at_the_origin(f, theta):
    """takes the Hessian at 0, or at some other fixed point, instead of theta"""
    return spectrum(f, torch.zeros_like(theta))[-1].item()


@mistake("top_curvature", caught_by="is_the_largest_eigenvalue_of_the_hessian")
def divides_differences(f, theta):
    """takes differences of f over small steps, which in float32 leave no digit"""
    check_curvature(f, theta)
    eye, step, theta = torch.eye(len(theta), dtype=theta.dtype), 1e-4, theta.detach()
    rows = [
        [f(theta + step * (a + b)) - f(theta + step * a) - f(theta + step * b) + f(theta) for b in eye] for a in eye
    ]
    return torch.linalg.eigvalsh(torch.stack([torch.stack(row) for row in rows]).detach() / step**2)[-1].item()


@mistake("top_curvature", caught_by="a_linear_function_has_no_curvature")
def fails_without_second_derivative(f, theta):
    """fails where autograd finds no second derivative, as for a linear f"""
    check_curvature(f, theta)
    point = theta.detach().clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(f(point), point, create_graph=True)
    rows = [torch.autograd.grad(entry, point, retain_graph=True)[0] for entry in slope]
    return torch.linalg.eigvalsh(torch.stack(rows))[-1].item()


@mistake("top_curvature", caught_by="top_curvature_works_for_every_dtype")
def calls_f_in_single_precision(f, theta):
    """calls f with a float32 tensor whatever theta is"""
    check_theta(theta)
    return spectrum(f, theta.float())[-1].item()


@mistake("top_curvature", caught_by="top_curvature_leaves_everything_alone")
def calls_backward(f, theta):
    """calls backward, which fills the .grad of everything that f holds"""
    check_curvature(f, theta)
    point = theta.detach().clone().requires_grad_(True)
    value = f(point)
    if value.requires_grad:
        value.backward()
    return spectrum(f, theta)[-1].item()


@mistake("top_curvature", caught_by="top_curvature_leaves_everything_alone")
def calls_backward_on_theta(f, theta):
    """calls backward on theta itself, which fills its .grad"""
    top = spectrum(f, theta)[-1].item()
    if theta.requires_grad:
        f(theta).backward()
    return top


@mistake("top_curvature", caught_by="top_curvature_leaves_everything_alone")
def makes_theta_require_grad(f, theta):
    """sets requires_grad on theta"""
    check_curvature(f, theta)
    theta.requires_grad_(True)
    return spectrum(f, theta)[-1].item()


@mistake("top_curvature", caught_by="top_curvature_leaves_everything_alone")
def starts_at_random(f, theta):
    """draws from the global random generator"""
    torch.randn(3)
    return spectrum(f, theta)[-1].item()


@mistake("top_curvature", caught_by="top_curvature_refuses_bad_arguments")
def flattens_theta(f, theta):
    """accepts a theta that is not 1-dimensional"""
    _check_float_tensor("theta", theta)
    check_f(f, theta)
    shape = theta.shape
    return spectrum(lambda flat: f(flat.reshape(shape)), theta.reshape(-1))[-1].item()


@mistake("top_curvature", caught_by="top_curvature_refuses_bad_arguments")
def adds_up_the_values(f, theta):
    """accepts an f whose result is not one number"""
    check_theta(theta)
    return spectrum(lambda point: f(point).sum(), theta)[-1].item()


@mistake("top_curvature", caught_by="top_curvature_refuses_bad_arguments")
def converts_theta(f, theta):
    """accepts a list or a tensor of integers"""
    theta = torch.as_tensor(theta)
    return spectrum(f, theta if theta.is_floating_point() else theta.float())[-1].item()


@mistake("top_curvature", caught_by="top_curvature_refuses_bad_arguments")
def does_not_say_what_is_wrong(f, theta):
    """refuses a bad argument without naming it"""
    if not isinstance(theta, torch.Tensor) or not theta.is_floating_point():
        raise TypeError("need floats")
    if theta.dim() != 1 or f(theta.detach()).dim() != 0:
        raise ValueError("wrong shape")
    return spectrum(f, theta)[-1].item()
