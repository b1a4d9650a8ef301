"""Hidden checks of a2_mini_batches. Each docstring is the sentence that the student reads; the reference's docstrings promise it.

Experiments run beside the student's code: they name only torch, builtins and their arguments. How an order is drawn is the
student's choice, so no check compares an order with the reference's: each asks for a property that every right way of
drawing has. Two of these are statistical; a right answer fails them with a probability below 1e-9, whatever its seeds.
Where one formula could fail several checks, all but one compare the student's answers with each other (a ratio, a difference),
so that one mistake costs one check.
"""

import re

import pytest
import torch

from autograder.checking import agree

# A call that must not be refused; whether its value is right is asked elsewhere.
ACCEPTED = {"same_dtype": False, "type_only": True}
ANY_DTYPE = {"same_dtype": False}


def single(rng, *shape, std=1.0):
    """Normal numbers in float32."""
    return rng.normal(*shape, dtype=torch.float32, std=std)


def number(value):
    """One number as a 0-dimensional tensor; whether it came as one is asked in one check."""
    return torch.as_tensor(value).reshape(())


def either(call, name, other):
    """A call whose refusal may name `other` for `name`: where two arguments disagree, nobody says which is to blame."""

    def asked(m):
        try:
            return call(m)
        except ValueError as error:
            if re.search(rf"(?<!\w){other}(?!\w)", str(error)):
                raise ValueError(name) from None
            raise

    return asked


def leftovers(m, name, inputs, settings, required):
    """What a call leaves behind on its inputs (the first requires grad where `required`) and on the global generator."""
    inputs = [tensor.clone() for tensor in inputs]
    inputs[0].requires_grad_(required)
    generator = torch.get_rng_state()
    result = getattr(m, name)(*inputs, **settings)
    return {
        "answers": result is not None,  # doing nothing earns nothing
        "values": [tensor.detach() for tensor in inputs],
        "requires_grad": [tensor.requires_grad for tensor in inputs],
        "grad": [tensor.grad for tensor in inputs],
        "generator untouched": torch.equal(generator, torch.get_rng_state()),
    }


# num_batches: 3 points. Whether the number is an int is asked in one check; the others take any number.


@pytest.mark.exercise("num_batches", points=1.25, hint="Is the last batch full? If not, it is a batch all the same.")
def test_counts_the_last_short_batch_too(student, reference, rng):
    """Where the batches do not come out even, what is left makes one more batch."""
    for batch_size in (7, 32, 128):
        n = batch_size * rng.integer(3, 40) + rng.integer(1, batch_size - 1)
        agree(student, reference, lambda m, n=n, batch_size=batch_size: float(m.num_batches(n, batch_size)))


@pytest.mark.exercise("num_batches", points=0.5, hint="12 examples in batches of 4: is there a fourth batch?")
def test_makes_no_empty_batch(student, reference, rng):
    """Where the batches come out even, there is no further one; batches of 1 are as many as the examples."""
    for batch_size in (1, 8, 50):
        n = batch_size * rng.integer(3, 40)
        agree(student, reference, lambda m, n=n, batch_size=batch_size: float(m.num_batches(n, batch_size)))
        agree(student, reference, lambda m, n=n, batch_size=batch_size: float(m.num_batches(n, batch_size, True)))


@pytest.mark.exercise("num_batches", points=0.5, hint="Only batches that are full count then.")
def test_drop_last_counts_full_batches_only(student, reference, rng):
    """With drop_last only full batches count."""
    for batch_size in (7, 32, 128):
        n = batch_size * rng.integer(3, 40) + rng.integer(1, batch_size - 1)
        agree(
            student,
            reference,
            lambda m, n=n, batch_size=batch_size: float(m.num_batches(n, batch_size, drop_last=True)),
        )


@pytest.mark.exercise("num_batches", points=0.25, hint="3 examples, batch_size 10: is there a batch? Is it full?")
def test_a_batch_may_be_larger_than_the_data(student, reference, rng):
    """A batch_size above n gives one batch, and none with drop_last."""
    n = rng.integer(1, 9)
    agree(student, reference, lambda m: float(m.num_batches(n, 10)))
    agree(student, reference, lambda m: float(m.num_batches(n, 10, drop_last=True)))


@pytest.mark.exercise("num_batches", points=0.25, hint="`/` gives a float. Which operator divides whole numbers?")
def test_the_count_is_an_int(student, reference, rng):
    """The count is an int: range() takes it."""
    n = rng.integer(50, 60)
    agree(student, reference, lambda m: m.num_batches(n, 8), type_only=True)
    agree(student, reference, lambda m: m.num_batches(n, 8, drop_last=True), type_only=True)


@pytest.mark.exercise("num_batches", points=0.25, hint="ValueError below 1, TypeError for a float.")
def test_num_batches_refuses_bad_arguments(student, reference, rng):
    """n or batch_size below 1 raises ValueError, a float TypeError, and the message names the argument; 1 is allowed."""
    n = rng.integer(5, 9)
    for bad in (0, -3):
        agree(student, reference, lambda m, bad=bad: m.num_batches(bad, 4), names="n")
        agree(student, reference, lambda m, bad=bad: m.num_batches(n, bad), names="batch_size")
    agree(student, reference, lambda m: m.num_batches(10.5, 4), names="n")
    agree(student, reference, lambda m: m.num_batches(n, 2.5), names="batch_size")
    agree(student, reference, lambda m: float(m.num_batches(1, 1)), **ACCEPTED)


# minibatch_indices: 6 points


def epoch(m, seed, n, batch_size, settings):
    """One epoch as lists of indices, drawn with a fresh generator."""
    source = torch.Generator().manual_seed(seed)
    batches = m.minibatch_indices(n, batch_size, generator=source, **settings)
    return [torch.as_tensor(batch).reshape(-1).tolist() for batch in batches]


@pytest.mark.exercise("minibatch_indices", points=1.25, hint="Where does each batch begin, and where the next?")
def test_visits_every_example_once(student, reference, rng):
    """In an epoch every example is in exactly one batch, shuffled or not, also where a batch is larger than the data."""

    def visited(m, epoch, cases):
        return [sorted(index for batch in epoch(m, *case) for index in batch) for case in cases]

    sizes = ((23, 5), (24, 6), (9, 1), (1, 1), (5, 8))
    for settings in ({}, {"shuffle": False}):
        cases = [(rng.integer(0, 2**31), n, batch_size, settings) for n, batch_size in sizes]
        agree(student, reference, lambda m, cases=cases: m.run(visited, epoch, cases))


def sizes_of_batches(m, epoch, cases):
    return [[len(batch) for batch in epoch(m, *case)] for case in cases]


@pytest.mark.exercise("minibatch_indices", points=0.75, hint="Full batches first. They are not made even.")
def test_fills_the_batches_from_the_front(student, reference, rng):
    """All batches are full but the last, which holds what is left; a batch_size above n gives one batch of n."""
    for settings in ({"shuffle": False}, {}):
        # The last: nine in batches of four make 4, 4, 1, and not three times 3.
        cases = [(rng.integer(0, 2**31), *sizes, settings) for sizes in ((23, 5), (24, 6), (10, 9), (5, 8), (9, 4))]
        agree(student, reference, lambda m, cases=cases: m.run(sizes_of_batches, epoch, cases))


@pytest.mark.exercise("minibatch_indices", points=0.5, hint="Which numbers follow one another without shuffling?")
def test_keeps_the_order_without_shuffle(student, reference, rng):
    """Without shuffle the batches hold 0, 1, 2, ... in order."""
    n, seed = rng.integer(21, 24), rng.integer(0, 2**31)
    agree(student, reference, lambda m: m.run(epoch, seed, n, 5, {"shuffle": False}))


@pytest.mark.exercise("minibatch_indices", points=0.5, hint="What is left out is the last batch, and only if not full.")
def test_drop_last_leaves_out_the_short_batch(student, reference, rng):
    """With drop_last there are full batches only; where they come out even, nothing is left out."""

    cases = [(rng.integer(0, 2**31), *sizes, {"drop_last": True}) for sizes in ((23, 5), (24, 6), (5, 8))]
    agree(student, reference, lambda m: m.run(sizes_of_batches, epoch, cases))


@pytest.mark.exercise("minibatch_indices", points=0.25, hint="Cut first and shuffle then, or the other way round?")
def test_drop_last_leaves_out_others_each_epoch(student, reference, rng):
    """With drop_last other examples miss each epoch: none of them is left out for good."""

    def seen(m, epoch, seeds):
        epochs = [epoch(m, seed, 11, 4, {"drop_last": True}) for seed in seeds]
        return sorted({index for batches in epochs for batch in batches for index in batch})

    # Of 11 examples 3 miss: one is absent from all 30 epochs with probability (3/11)^30 = 1e-17.
    seeds = [rng.integer(0, 2**31) for _ in range(30)]
    agree(student, reference, lambda m: m.run(seen, epoch, seeds))


@pytest.mark.exercise("minibatch_indices", points=1, hint="All orders of all examples: torch has a function for that.")
def test_all_orders_are_equally_likely(student, reference, rng):
    """Shuffled, each example is equally likely to stand anywhere in the epoch, whichever stands before it."""

    def spread(m, epoch, seeds):
        orders = torch.tensor([[index for batch in epoch(m, seed, 8, 2, {}) for index in batch][:8] for seed in seeds])
        place = torch.arange(8)
        in_batch, at_place = (
            torch.bincount((orders * parts + part).reshape(-1), minlength=8 * parts).double()
            for parts, part in ((4, place // 2), (2, place % 2))
        )
        uneven_batches, uneven_places = (
            float((counts / counts.mean() - 1).square().sum() * counts.mean()) for counts in (in_batch, at_place)
        )
        apart = (orders[:, 1:] - orders[:, :-1]).abs()
        neighbours, at_home = int(((apart == 1) | (apart == 7)).sum()), int((orders == place).sum())
        long = torch.tensor(
            [[index for batch in epoch(m, seed, 200, 200, {}) for index in batch] for seed in seeds[:100]]
        )
        moved = long - torch.arange(200)
        drift = int(moved.sign()[moved.abs() <= 100].sum())
        return (
            uneven_batches < 110,
            uneven_places < 80,
            neighbours < 3 * len(seeds),
            at_home > 0.4 * len(seeds),
            abs(drift) < 700,
        )

    # 160 epochs of 4 batches of 2. Unevenness is chi-squared with 21 and 7 degrees of freedom: above these bounds with
    # probability 1e-13; an order that is fixed, or kept inside or between the batches, gives 600 and more. Neighbours come
    # together twice an epoch (standard deviation below 1.5: three times are eight deviations off); always, where the order
    # is only turned. An epoch leaves one example in its place (standard deviation 1: 0.4 are seven deviations off); none,
    # where each must move. In a hundred epochs of 200 as many examples move forwards as backwards, by half the epoch at
    # most (standard deviation 108: 700 are 6.5 deviations off); 1,380 more where each place is swapped with any other.
    seeds = [rng.integer(0, 2**31) for _ in range(160)]
    agree(student, reference, lambda m: m.run(spread, epoch, seeds))


@pytest.mark.exercise("minibatch_indices", points=0.5, hint="Who seeds a generator again gets the same numbers again.")
def test_shuffles_anew_each_epoch(student, reference, rng):
    """The generator moves on: the next epoch drawn from it has another order."""

    def repeats(m, seed, n):
        source = torch.Generator().manual_seed(seed)
        orders = []
        for _ in range(4):
            batches = m.minibatch_indices(n, 7, shuffle=True, generator=source)
            orders.append([int(index) for batch in batches for index in batch])
        return [orders[one] == orders[other] for one in range(4) for other in range(one)]

    seed = rng.integer(0, 2**31)
    agree(student, reference, lambda m: m.run(repeats, seed, 40))


@pytest.mark.exercise("minibatch_indices", points=0.25, hint="Is everything that you draw drawn from `generator`?")
def test_equal_seeds_give_equal_batches(student, reference, rng):
    """Two generators seeded alike give the same batches; seeded otherwise, others."""

    def equal(m, epoch, seed, other):
        first, second, third = (epoch(m, one, 40, 7, {}) for one in (seed, seed, other))
        return first == second, first == third

    seed = rng.integer(0, 2**30)
    agree(student, reference, lambda m: m.run(equal, epoch, seed, seed + 1))


@pytest.mark.exercise("minibatch_indices", points=0.25, hint="torch.manual_seed seeds the default generator.")
def test_leaves_the_default_generator_alone(student, reference, rng):
    """Where a generator is given, torch's default generator is neither drawn from nor seeded."""

    def untouched(m, epoch, seed):
        state = torch.get_rng_state()
        answers = len(epoch(m, seed, 40, 7, {})) > 0
        return answers, torch.equal(state, torch.get_rng_state())

    seed = rng.integer(0, 2**31)
    agree(student, reference, lambda m: m.run(untouched, epoch, seed))


@pytest.mark.exercise("minibatch_indices", points=0.25, hint="None has a meaning in torch: the default generator.")
def test_draws_from_the_default_generator_where_none_is_given(student, reference, rng):
    """Without a generator torch's default one serves: after the same torch.manual_seed the same epochs follow, no two alike."""

    def epochs(m, seed):
        def order():
            return [int(index) for batch in m.minibatch_indices(40, 7) for index in batch]

        torch.default_generator.manual_seed(seed)
        first, second = order(), order()
        torch.default_generator.manual_seed(seed)
        again = order()
        torch.default_generator.manual_seed(seed + 1)
        other = order()
        return first == second, first == again, first == other

    seed = rng.integer(0, 2**30)
    agree(student, reference, lambda m: m.run(epochs, seed))


@pytest.mark.exercise("minibatch_indices", points=0.25, hint="Batches are used as x[batch]: which dtype indexes?")
def test_batches_are_int64_tensors(student, reference, rng):
    """The batches are a list of 1-dimensional int64 tensors; without shuffle nothing is drawn to make it."""

    def kinds(m, n, batch_size, settings):
        state = torch.get_rng_state()
        batches = m.minibatch_indices(n, batch_size, **settings)
        kind = isinstance(batches, (list, tuple))
        forms = [(isinstance(batch, torch.Tensor), str(batch.dtype), batch.dim()) for batch in batches]
        return kind, forms[0], len(set(forms)), settings == {} or torch.equal(state, torch.get_rng_state())

    n = rng.integer(21, 24)
    for settings in ({}, {"shuffle": False}):
        agree(student, reference, lambda m, settings=settings: m.run(kinds, n, 5, settings))


@pytest.mark.exercise("minibatch_indices", points=0.25, hint="ValueError below 1, TypeError for a float.")
def test_minibatch_indices_refuses_bad_arguments(student, reference, rng):
    """n or batch_size below 1 raises ValueError, a float TypeError, and the message names the argument; 1 is allowed."""

    def accepted(m):
        return len(m.minibatch_indices(1, 1)) > 0

    n = rng.integer(5, 9)
    for bad in (0, -3):
        agree(student, reference, lambda m, bad=bad: m.minibatch_indices(bad, 4), names="n")
        agree(student, reference, lambda m, bad=bad: m.minibatch_indices(n, bad), names="batch_size")
    agree(student, reference, lambda m: m.minibatch_indices(10.5, 4), names="n")
    agree(student, reference, lambda m: m.minibatch_indices(n, 2.5), names="batch_size")
    agree(student, reference, lambda m: m.run(accepted))


# epoch_mean: 3 points


@pytest.mark.exercise("epoch_mean", points=1.25, hint="A batch of 3 speaks for 3 examples, one of 50 for 50.")
def test_weights_each_batch_by_its_size(student, reference, rng):
    """The short last batch counts as little as it is: every example weighs the same."""
    means = single(rng, 5)
    means[-1] += 5.0
    sizes = torch.tensor([50, 50, 50, 50, rng.integer(2, 9)])
    agree(student, reference, lambda m: number(m.epoch_mean(means, sizes)), **ANY_DTYPE)


@pytest.mark.exercise("epoch_mean", points=0.25, hint="Each size belongs to its own batch.")
def test_the_sizes_may_be_any(student, reference, rng):
    """The batches may have any sizes in any order, and one batch alone gives its own mean."""
    means, sizes = single(rng, 6), torch.tensor([3, 700, 1, 40, 200, 90])[rng.permutation(6)]
    agree(student, reference, lambda m: number(m.epoch_mean(means, sizes)), **ANY_DTYPE)
    agree(student, reference, lambda m: number(m.epoch_mean(means[:1], sizes[:1])), **ANY_DTYPE)


@pytest.mark.exercise(
    "epoch_mean", points=0.5, hint="A size (K,) beside a mean (K, K): which dimension would torch pair?"
)
def test_weights_gradients_along_the_first_dimension(student, reference, rng):
    """A mean may be a tensor, such as a gradient: the sizes weigh the first dimension, whatever the others are."""
    sizes = torch.tensor([64, 5, 30, 1])[rng.permutation(4)]

    def beside_single_entries(m, several, sizes):
        """1 where a tensor of means gives what each of its entries gives alone."""
        answers = []
        for means in several:
            columns = means.reshape(4, -1).T
            alone = [torch.as_tensor(m.epoch_mean(column.clone(), sizes)).reshape(()) for column in columns]
            alone = torch.stack(alone).reshape(means.shape[1:])
            answers.append(1 + (m.epoch_mean(means, sizes) - alone) / alone.abs().max())
        return answers

    several = [single(rng, 4, 3), single(rng, 4, 4), single(rng, 4, 2, 2), single(rng, 4, 4).T]
    agree(student, reference, lambda m: m.run(beside_single_entries, several, sizes), **ANY_DTYPE)


@pytest.mark.exercise("epoch_mean", points=0.5, hint="In torch, int64 divided by int64 is float32.")
def test_epoch_mean_keeps_the_dtype(student, reference, rng):
    """float32 gives float32, and float64 gives float64 to full precision."""
    means, sizes = rng.uniform(1.0, 2.0, 3), torch.tensor([7, 7, 7])  # 7 / 21 is no float32 number
    agree(student, reference, lambda m: m.epoch_mean(means, sizes))
    agree(student, reference, lambda m: str(m.epoch_mean(means.float(), sizes).dtype))


@pytest.mark.exercise("epoch_mean", points=0.25, hint="`*=`, `/=` and methods that end in `_` write into their tensor.")
def test_epoch_mean_leaves_its_inputs_alone(student, reference, rng):
    """No input changes, its requires_grad flag included; no .grad is left behind; the global generator is untouched."""
    inputs = [rng.normal(3, 4), torch.tensor([5, 9, 2])]
    for required in (False, True):
        agree(student, reference, lambda m, required=required: m.run(leftovers, "epoch_mean", inputs, {}, required))


@pytest.mark.exercise("epoch_mean", points=0.25, hint="One size per mean, each at least 1; then the types.")
def test_epoch_mean_refuses_bad_arguments(student, reference, rng):
    """Lengths that differ, a size below 1, no batch at all, or a wrong type are refused, and the message names the argument."""
    means, sizes = rng.normal(3), torch.tensor([4, 4, 2])
    for few in (sizes[:2], sizes[:1]):  # the second would be broadcast
        asked = either(lambda m, few=few: m.epoch_mean(means, few), "batch_sizes", "batch_means")
        agree(student, reference, asked, names="batch_sizes")
    for bad in (0, -4):
        agree(
            student, reference, lambda m, bad=bad: m.epoch_mean(means, torch.tensor([4, bad, 2])), names="batch_sizes"
        )
    asked = either(lambda m: m.epoch_mean(means[:0], sizes[:0]), "batch_means", "batch_sizes")
    agree(student, reference, asked, names="batch_means")
    agree(student, reference, lambda m: m.epoch_mean(torch.tensor([1, 2, 3]), sizes), names="batch_means")
    agree(student, reference, lambda m: m.epoch_mean([0.5, 0.2, 0.1], sizes), names="batch_means")
    agree(student, reference, lambda m: m.epoch_mean(means, [4, 4, 2]), names="batch_sizes")
    agree(student, reference, lambda m: m.epoch_mean(means, torch.tensor([1, 1, 1])), **ACCEPTED)


# gradient_noise: 5 points


@pytest.mark.exercise("gradient_noise", points=1.25, hint="A batch of 1 is one example: how far is it from the mean?")
def test_a_batch_of_one_is_as_noisy_as_an_example(student, reference, rng):
    """With batch_size 1 the noise is tr S: the mean squared distance of one example's gradient from the mean."""
    for n, p in ((4, 3), (9, 5)):
        grads = single(rng, n, p) + single(rng, p)
        agree(student, reference, lambda m, grads=grads: number(m.gradient_noise(grads, 1)), **ANY_DTYPE)


@pytest.mark.exercise("gradient_noise", points=1.25, hint="A batch never holds an example twice: how does that help?")
def test_falls_with_the_batch_size(student, reference, rng):
    """From batch_size 1 on the noise falls as 1/B, times the correction for drawing without replacement."""
    for n, p in ((5, 3), (12, 4)):
        grads = single(rng, n, p) + single(rng, p)
        for batch_size in (2, n // 2 + 1, n - 1):
            agree(
                student,
                reference,
                lambda m, grads=grads, size=batch_size: (
                    number(m.gradient_noise(grads, size)) / number(m.gradient_noise(grads, 1))
                ),
                **ANY_DTYPE,
            )


@pytest.mark.exercise("gradient_noise", points=0.5, hint="What is the gradient of a batch that holds all examples?")
def test_the_full_batch_has_no_noise(student, reference, rng):
    """With batch_size N the batch is the data set, and the noise is 0."""
    for n in (2, 7):
        grads = single(rng, n, 3)
        agree(student, reference, lambda m, grads=grads: number(m.gradient_noise(grads, len(grads))), **ANY_DTYPE)


@pytest.mark.exercise("gradient_noise", points=0.5, hint="N − 1 is a denominator.")
def test_a_single_example_has_no_noise(student, reference, rng):
    """A data set of one example has noise 0, not NaN."""
    grads = single(rng, 1, 4)
    agree(student, reference, lambda m: number(m.gradient_noise(grads, 1)), **ANY_DTYPE)


@pytest.mark.exercise(
    "gradient_noise", points=0.5, hint="Two large numbers lie close together. What is their difference?"
)
def test_a_large_common_gradient_does_no_harm(student, reference, rng):
    """Added to all gradients, a large vector changes nothing, in float32 too."""
    steps = rng.integer(-8, 8) + torch.arange(8.0)  # whole numbers, so that float32 holds them beside the large vector
    grads = torch.stack([steps, -2 * steps, 3 * steps[rng.permutation(8)]], dim=1)
    common = torch.tensor([100003.0, -200003.0, 150001.0])
    agree(
        student,
        reference,
        lambda m: number(m.gradient_noise(grads + common, 3)) / number(m.gradient_noise(grads, 3)),
        **ANY_DTYPE,
    )


@pytest.mark.exercise("gradient_noise", points=0.5, hint="Which dtype has each tensor that you make?")
def test_gradient_noise_keeps_the_dtype(student, reference, rng):
    """The result is 0-dimensional and keeps the dtype: float32, and float64 to full precision; non-contiguous input works."""
    for grads in (rng.normal(6, 3), rng.normal(3, 6).T):
        # Nine times the noise for three times the gradients, to the last digit of float64.
        agree(
            student,
            reference,
            lambda m, grads=grads: m.gradient_noise(3 * grads, 4) / torch.as_tensor(m.gradient_noise(grads, 4)),
        )
        agree(student, reference, lambda m, grads=grads: str(m.gradient_noise(grads.float(), 4).dtype))


@pytest.mark.exercise("gradient_noise", points=0.25, hint="`-=` and methods that end in `_` write into their tensor.")
def test_gradient_noise_leaves_its_input_alone(student, reference, rng):
    """The gradients do not change, their requires_grad flag included; no .grad is left; the global generator is untouched."""
    inputs, settings = [rng.normal(6, 3)], {"batch_size": 4}
    for required in (False, True):
        agree(
            student,
            reference,
            lambda m, required=required: m.run(leftovers, "gradient_noise", inputs, settings, required),
        )


@pytest.mark.exercise("gradient_noise", points=0.25, hint="1 ≤ batch_size ≤ N; one gradient per row.")
def test_gradient_noise_refuses_bad_arguments(student, reference, rng):
    """A batch_size below 1 or above N, gradients not (N, P) or a wrong type are refused, and the message names the argument."""
    grads = rng.normal(5, 3)
    for bad in (0, -2, 6, 2.5):
        agree(student, reference, lambda m, bad=bad: m.gradient_noise(grads, bad), names="batch_size")
    agree(student, reference, lambda m: m.gradient_noise(grads[0], 2), names="per_example_grads")
    agree(student, reference, lambda m: m.gradient_noise(grads[:, :, None], 2), names="per_example_grads")
    agree(student, reference, lambda m: m.gradient_noise(torch.ones(5, 3).long(), 2), names="per_example_grads")
    agree(student, reference, lambda m: m.gradient_noise([[1.0, 2.0], [0.0, 1.0]], 2), names="per_example_grads")
    agree(student, reference, lambda m: m.gradient_noise(grads, 2), **ACCEPTED)


# top_curvature: 3 points. Spectra are given, their eigenvectors random.


def turned(rng, eigenvalues):
    """A symmetric matrix with these eigenvalues, in float32."""
    basis = torch.linalg.qr(rng.normal(len(eigenvalues), len(eigenvalues)))[0]
    return (basis * torch.tensor(eigenvalues, dtype=torch.float64) @ basis.T).float()


def quadratic(h):
    """A function with the Hessian h."""

    def f(theta):
        return theta @ h @ theta / 2 + theta.sum()

    return f


@pytest.mark.exercise("top_curvature", points=0.75, hint="The Hessian is symmetric; of its eigenvalues, which one?")
def test_is_the_largest_eigenvalue_of_the_hessian(student, reference, rng):
    """At a minimum it is the largest eigenvalue of the Hessian, in whatever direction that lies."""
    for eigenvalues in ([5.0, 1.5, 0.0], [0.7]):
        h, theta = turned(rng, eigenvalues), single(rng, len(eigenvalues))
        agree(student, reference, lambda m, h=h, theta=theta: m.top_curvature(quadratic(h), theta))


@pytest.mark.exercise("top_curvature", points=0.75, hint="Is −3 larger than −1? And than 2?")
def test_is_the_largest_by_sign(student, reference, rng):
    """Largest means by sign: a large negative eigenvalue does not count, and where all are negative the answer is negative."""
    axes_apart = torch.tensor(
        [[0.0, -2.0], [-2.0, 0.0]]
    )  # λ = ±2 along (1, ∓1): no iteration that starts at (1, 1) sees 2
    for h in (turned(rng, [2.0, 0.5, -7.0]), turned(rng, [-1.0, -3.0]), axes_apart):
        theta = single(rng, len(h))
        agree(student, reference, lambda m, h=h, theta=theta: m.top_curvature(quadratic(h), theta))


@pytest.mark.exercise(
    "top_curvature", points=0.5, hint="The second derivatives are taken at theta, and seldom constant."
)
def test_depends_on_the_point(student, reference, rng):
    """The curvature is that at theta, where the function is no quadratic."""
    theta = rng.uniform(0.5, 1.5, 1, dtype=torch.float32)

    def f(point):
        return (point**4 + (2 * point).exp()).sum()

    for share in (0.25, 0.75):
        agree(
            student,
            reference,
            lambda m, share=share: torch.tensor(
                float(m.top_curvature(f, theta)) / float(m.top_curvature(f, share * theta)), dtype=torch.float32
            ),
        )


@pytest.mark.exercise("top_curvature", points=0.25, hint="Autograd finds nothing to differentiate twice: that is 0.")
def test_a_linear_function_has_no_curvature(student, reference, rng):
    """A linear or a constant function has curvature 0."""
    slope, theta = single(rng, 3), single(rng, 3)
    agree(student, reference, lambda m: m.top_curvature(lambda point: slope @ point, theta))
    agree(student, reference, lambda m: m.top_curvature(lambda point: slope.sum(), theta))


@pytest.mark.exercise("top_curvature", points=0.25, hint="f may hold tensors of theta's dtype: which one does it get?")
def test_top_curvature_works_for_every_dtype(student, reference, rng):
    """theta may be float32 or float64, contiguous or not, and f is called with a tensor of its shape and dtype."""
    for dtype in (torch.float32, torch.float64):
        h, theta = turned(rng, [3.0, 1.0, -1.0]).to(dtype), rng.normal(6, dtype=dtype)[::2]
        agree(student, reference, lambda m, h=h, theta=theta: m.top_curvature(quadratic(h), theta), **ACCEPTED)


@pytest.mark.exercise("top_curvature", points=0.25, hint="backward() fills .grad; torch.autograd.grad does not.")
def test_top_curvature_leaves_everything_alone(student, reference, rng):
    """theta does not change, its requires_grad flag included; no .grad is left, not on what f holds; the generator is untouched."""

    def experiment(m, theta, held, required):
        theta, held = theta.clone().requires_grad_(required), held.clone().requires_grad_(True)
        generator = torch.get_rng_state()
        answers = m.top_curvature(lambda point: (held * point**3).sum(), theta) is not None
        untouched = torch.equal(generator, torch.get_rng_state())
        return theta.detach(), theta.requires_grad, theta.grad, held.grad, untouched, answers

    theta, held = single(rng, 2), single(rng, 2)
    for required in (False, True):
        agree(student, reference, lambda m, required=required: m.run(experiment, theta, held, required))


@pytest.mark.exercise("top_curvature", points=0.25, hint="theta is (n,), f(theta) is one number.")
def test_top_curvature_refuses_bad_arguments(student, reference, rng):
    """A theta not (n,), an f whose result is not 0-dimensional, or a theta of a wrong type is refused, by the argument's name."""
    theta = rng.normal(3)
    agree(student, reference, lambda m: m.top_curvature(lambda point: point.sum() ** 2, theta[None]), names="theta")
    agree(student, reference, lambda m: m.top_curvature(lambda point: point.sum() ** 2, theta[0]), names="theta")
    agree(student, reference, lambda m: m.top_curvature(lambda point: point**2, theta), names="f")
    agree(student, reference, lambda m: m.top_curvature(lambda point: point.sum() ** 2, [1.0, 2.0]), names="theta")
    agree(
        student,
        reference,
        lambda m: m.top_curvature(lambda point: point.sum() ** 2, torch.ones(2).long()),
        names="theta",
    )
    agree(student, reference, lambda m: m.top_curvature(lambda point: point.sum() ** 2, theta), **ACCEPTED)
