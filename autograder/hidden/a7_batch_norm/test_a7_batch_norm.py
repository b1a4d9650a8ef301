"""Hidden checks of a7_batch_norm: `fit_standardizer` 1.5 points, `standardize` 1.5, `BatchNorm1d` 17.

Where one behaviour is asked, the others are kept out of the comparison: who normalizes by the unbiased variance loses
the checks on the output and on its gradient, not those on weight, positions, running statistics, eval mode or devices.
Modules and inputs are float32 unless the dtype is the question.
"""

import math

import pytest
import torch

from autograder.checking import agree

STATISTICS = ["running_mean", "running_var", "num_batches_tracked"]
STATE = ["weight", "bias", *STATISTICS]


def likeness(got, expected):
    """1 where two tensors are the same, less by their relative distance; float32, so that it is not taken for exact."""
    got, expected = got.detach().double(), expected.detach().double()
    return (1 - (got - expected).norm() / expected.norm()).float()


def column(out, index):
    """One column, and whether there is any 0 in the others."""
    others = torch.cat([out[:, :index], out[:, index + 1 :]], 1)
    return out.shape, out[:, index], bool((others == 0).any())


def channels(rng, *shape, low=1.0, high=10.0, offset=2.0):
    """A float32 batch whose channels differ in scale and in offset, the latter counted in scales."""
    across = (1, -1, 1)[: len(shape)]
    scale = rng.uniform(low, high, shape[1]).view(across)
    return (scale * (rng.normal(*shape) + rng.uniform(offset / 2, offset, shape[1]).view(across))).float()


# What runs beside the student's code; `build` is lent with the functions that have it as a default.


def build(m, features, weight=1.0, bias=0.0, **options):
    """A BatchNorm1d whose weight and bias are set, however it started."""
    bn = m.BatchNorm1d(features, **options)
    with torch.no_grad():
        bn.weight.copy_(torch.as_tensor(weight))
        bn.bias.copy_(torch.as_tensor(bias))
    return bn


def train_output(m, x, eps=None, build=build):
    """The output of one forward in train mode; with an eps of None, that of the default."""
    return (build(m, x.shape[1]) if eps is None else build(m, x.shape[1], eps=eps))(x)


def trained_state(m, batches, momentum, build=build):
    """The running statistics after these batches in train mode; with a momentum of None, that of the default."""
    options = {} if momentum is None else {"momentum": momentum}
    bn = build(m, batches[0].shape[1], **options)
    bn.running_mean.fill_(1.5)
    bn.running_var.fill_(2.5)
    for x in batches:
        bn(x)
    return {"mean": bn.running_mean, "var": bn.running_var, "batches": bn.num_batches_tracked}


def eval_output(m, x, mean, var, weight=1.0, bias=0.0, eps=1e-5, build=build):
    """The output of one forward in eval mode with these running statistics."""
    bn = build(m, x.shape[1], weight, bias, eps=eps).eval()
    bn.running_mean.copy_(mean)
    bn.running_var.copy_(var)
    return bn(x)


def gradients(m, x, cotangent, weight=1.0, training=True, build=build):
    """Output and gradients of Σ cotangent · output with respect to input, weight and bias."""
    bn = build(m, x.shape[1], weight).train(training)
    bn.running_mean.fill_(3.0)
    bn.running_var.fill_(400.0)
    x = x.clone().requires_grad_()
    out = bn(x)
    (out * cotangent).sum().backward()
    return {"out": out, "x": x.grad, "weight": bn.weight.grad, "bias": bn.bias.grad}


def left_behind(m, name, arguments):
    """What a call makes of its arguments."""
    getattr(m, name)(*arguments)
    return arguments, [(tensor.requires_grad, tensor.grad is None) for tensor in arguments]


def flattened(x):
    """(N, C, L) as (N·L, C): every position an example."""
    return x.transpose(1, 2).reshape(-1, x.shape[1])


# The standardizer


@pytest.mark.exercise("fit_standardizer", points=0.25, hint="One number per column: which dimension is averaged away?")
def test_mean_is_that_of_each_feature(student, reference, rng):
    """The mean is taken over the rows, be they many or one: one value per feature, of shape (D,)."""
    x = (rng.normal(6, 4) + 3) * torch.tensor([1.0, 20.0, 0.1, 5.0])
    for rows in (x, x[:1]):
        agree(student, reference, lambda m, x=rows: m.fit_standardizer(x)[0], elementwise=True, same_dtype=False)


@pytest.mark.exercise("fit_standardizer", points=0.25, hint="torch.std divides by N − 1 unless told otherwise.")
def test_std_is_the_biased_one(student, reference, rng):
    """The std divides the sum of squares by N and adds nothing, for features of any scale."""
    x = rng.normal(3, 4) * torch.tensor([1.0, 100.0, 1e-6, 5.0], dtype=torch.float64)
    agree(student, reference, lambda m: m.fit_standardizer(x)[1], elementwise=True, same_dtype=False)


@pytest.mark.exercise("fit_standardizer", points=0.25, hint="Subtract the mean before you square.")
def test_std_survives_a_large_offset(student, reference, rng):
    """In float32, adding 1000 to a feature of std 1 does not change its std."""
    x = (rng.normal(32, 3) * 256).round() / 256  # representable, and so is the sum
    near, far = x.float(), (x + 1000).float()
    agree(student, reference, lambda m: likeness(m.fit_standardizer(far)[1], m.fit_standardizer(near)[1]))


@pytest.mark.exercise("fit_standardizer", points=0.25, hint="Return what the data say; standardize treats the zero.")
def test_std_of_a_constant_feature_is_zero(student, reference, rng):
    """A feature that never changes has std 0."""
    x = rng.normal(5, 3)
    x[:, 1] = rng.integer(2, 9)
    agree(student, reference, lambda m: m.fit_standardizer(x)[1][1], same_dtype=False)


@pytest.mark.exercise("fit_standardizer", points=0.25, hint="Beware of -=; and float32 in, float32 out.")
def test_fitting_keeps_input_and_dtype(student, reference, rng):
    """A non-contiguous float32 input is read, not modified, and answered in float32."""
    x = rng.normal(3, 5, dtype=torch.float32, mean=2.0).T
    agree(student, reference, lambda m: m.fit_standardizer(x), type_only=True)
    agree(student, reference, lambda m: m.run(left_behind, "fit_standardizer", [x]))


@pytest.mark.exercise("fit_standardizer", points=0.25, hint="Raise with a sentence that names x.")
def test_fitting_refuses_what_is_no_table(student, reference, rng):
    """A non-tensor or integer tensor is a TypeError, another ndim or no rows a ValueError; both name x."""
    agree(student, reference, lambda m: m.fit_standardizer([[1.0, 2.0], [3.0, 5.0]]), names="x")
    agree(student, reference, lambda m: m.fit_standardizer(torch.arange(6).view(3, 2)), names="x")
    for shape in ((4,), (2, 3, 4), (0, 3)):
        x = rng.normal(*shape)
        agree(student, reference, lambda m, x=x: m.fit_standardizer(x), names="x")


@pytest.mark.exercise("standardize", points=0.25, hint="Test data are standardized by what the training data were.")
def test_uses_the_given_statistics(student, reference, rng):
    """(x − mean) / std with the statistics it is given, not with those of x, however many rows x has."""
    mean, std = rng.normal(3), rng.uniform(0.2, 3.0, 3)
    for rows in (4, 64):
        x = rng.normal(rows, 3)
        agree(student, reference, lambda m, x=x: m.standardize(x, mean, std), same_dtype=False)


@pytest.mark.exercise("standardize", points=0.25, hint="0 / 0 is NaN. Which columns are they?")
def test_a_constant_feature_gives_zero(student, reference, rng):
    """A feature with std 0 gives 0 on the value at which it was constant, be it 0; the others are not touched."""
    x, mean = rng.normal(4, 3), rng.normal(3)
    std = torch.tensor([0.7, 0.0, 2.0], dtype=torch.float64)
    for value in (float(rng.integer(1, 9)), 0.0):
        mean[1] = x[:, 1] = value
        agree(student, reference, lambda m: column(m.standardize(x, mean, std), 1), same_dtype=False)


@pytest.mark.exercise(
    "standardize", points=0.25, hint="The mean of many 0.1 is off by one rounding: compare std with |mean|."
)
def test_a_feature_constant_up_to_rounding_gives_zero(student, reference, rng):
    """0.1 or −0.1 in every row is constant although its std is 7e-9 in float32, and 1e-17 in float64."""
    for dtype, rounding in ((torch.float32, 7.450581e-09), (torch.float64, 1.3877788e-17)):
        x, std = rng.normal(10, 3).to(dtype), torch.tensor([0.7, 2.0, rounding], dtype=dtype)
        x[:, 2] = 0.1
        mean = torch.tensor([0.5, -0.2, 0.1], dtype=dtype)
        mean[2] += rounding  # the number beside 0.1, as sums of it give
        for sign in (1, -1):
            given = sign * x, sign * mean, std
            agree(student, reference, lambda m, given=given: column(m.standardize(*given), 2), same_dtype=False)


@pytest.mark.exercise(
    "standardize", points=0.25, hint="Add nothing to std, and let its size be judged beside the mean's."
)
def test_a_feature_of_tiny_numbers_is_not_constant(student, reference, rng):
    """A feature of scale 1e-9 around 0 is standardized like the same feature at scale 1."""
    x, mean, std = rng.normal(4, 3), rng.normal(3), rng.uniform(0.5, 2.0, 3)

    def call(m):
        got = m.standardize(1e-9 * x, 1e-9 * mean, 1e-9 * std)
        return got.shape, likeness(got, m.standardize(x, mean, std))

    agree(student, reference, call)


@pytest.mark.exercise("standardize", points=0.25, hint="Make a new tensor; beware of -= and /=.")
def test_standardizing_keeps_arguments_and_dtype(student, reference, rng):
    """A non-contiguous float32 input is read, no argument is modified, the answer is float32."""
    x = rng.normal(3, 5, dtype=torch.float32).T
    mean, std = rng.normal(3, dtype=torch.float32), rng.uniform(0.5, 2.0, 3, dtype=torch.float32)
    std[1] = 0
    agree(student, reference, lambda m: m.standardize(x, mean, std), type_only=True)
    agree(student, reference, lambda m: m.run(left_behind, "standardize", [x, mean, std]))


@pytest.mark.exercise("standardize", points=0.25, hint="A mean of shape (1,) would broadcast: say no.")
def test_standardizing_refuses_what_does_not_fit(student, reference, rng):
    """Wrong types are TypeErrors, wrong shapes ValueErrors, and the message names x, mean or std."""
    x, mean, std = rng.normal(4, 3), rng.normal(3), rng.uniform(0.5, 2.0, 3)
    agree(student, reference, lambda m: m.standardize(x.tolist(), mean, std), names="x")
    agree(student, reference, lambda m: m.standardize(x, mean, 2.0), names="std")
    agree(student, reference, lambda m: m.standardize(x.long(), mean, std), names="x")
    agree(student, reference, lambda m: m.standardize(x[0], mean, std), names="x")
    agree(student, reference, lambda m: m.standardize(x, mean[:1], std), names="mean")
    agree(student, reference, lambda m: m.standardize(x, mean, std[:2]), names="std")


# BatchNorm1d: what train mode returns (4 points)


@pytest.mark.exercise("BatchNorm1d", points=1, hint="Each channel by itself, over the batch; divide the squares by N.")
def test_train_mode_normalizes_by_mean_and_biased_variance(student, reference, rng):
    """In train mode every channel loses the batch's mean and is divided by the root of its biased variance."""
    three = channels(rng, 3, 4, low=20.0, high=200.0, offset=0.5)
    two = rng.uniform(20.0, 200.0, 2, 4, dtype=torch.float32) * torch.tensor([[1.0], [-1.0]])  # never alike
    for x in (three, two):
        agree(student, reference, lambda m, x=x: m.run(train_output, x, 1e-12))


@pytest.mark.exercise("BatchNorm1d", points=0.5, hint="sqrt(var + eps), not sqrt(var) + eps.")
def test_eps_stands_inside_the_root(student, reference, rng):
    """eps is added to the variance before the root: with an eps of 10⁸ the output is (x − mean) / 10⁴.

    Left to its default of 1e-5, eps rules a batch of scale 1e-5 in the same way.
    """
    x = channels(rng, 4, 3)
    agree(student, reference, lambda m: m.run(train_output, x, 1e8))
    agree(student, reference, lambda m: m.run(train_output, 1e-5 * x / x.abs().max()))


@pytest.mark.exercise("BatchNorm1d", points=0.75, hint="Normalize first, then multiply, then add.")
def test_weight_scales_and_bias_shifts_the_normalized_value(student, reference, rng):
    """Taking weight · normalized value from the output leaves the bias."""
    x, weight, bias = channels(rng, 4, 3), rng.uniform(1.5, 3.0, 3), rng.uniform(0.5, 2.0, 3)

    def output_less_scaled(m, x, weight, bias, build=build):
        return build(m, x.shape[1], weight, bias)(x) - weight.float() * build(m, x.shape[1])(x)

    agree(student, reference, lambda m: m.run(output_less_scaled, x, weight, bias))


@pytest.mark.exercise("BatchNorm1d", points=0.75, hint="A channel's statistics run over dimensions 0 and 2.")
def test_positions_count_as_examples(student, reference, rng):
    """(N, C, L) is normalized as N · L examples of C channels would be."""
    x = channels(rng, 3, 4, 5)

    def call(m):
        out = m.run(train_output, x)
        centred = bool(out.mean((0, 2)).abs().max() < 1e-3)
        return centred, likeness(flattened(out), m.run(train_output, flattened(x)))

    agree(student, reference, call)


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="Count values per channel: N, or N times L.")
def test_one_example_with_several_positions_is_enough(student, reference, rng):
    """(1, C, L) with L of 2 or more has L values per channel, and is normalized."""
    x = channels(rng, 1, 3, 4)
    agree(student, reference, lambda m: bool(m.run(train_output, x).mean((0, 2)).abs().max() < 1e-3))


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="Subtract the mean before you square.")
def test_output_survives_a_large_offset(student, reference, rng):
    """Adding a number as large as 1000 in float32, 10⁷ in float64, to a channel changes nothing in the output."""
    x = (rng.normal(32, 3) * 256).round() / 256  # representable, and so are the sums
    offset = torch.tensor([1000.0, -2000.0, 500.0], dtype=torch.float64)
    near, far = x.float(), (x + offset).float()
    agree(student, reference, lambda m: likeness(m.run(train_output, far), m.run(train_output, near)))

    def in_double(m, x, build=build):
        return build(m, x.shape[1], dtype=torch.float64)(x)

    agree(student, reference, lambda m: likeness(m.run(in_double, x + 1e4 * offset), m.run(in_double, x)))


@pytest.mark.exercise("BatchNorm1d", points=0.5, hint="One number has no variance.")
def test_train_mode_refuses_one_value_per_channel(student, reference, rng):
    """(1, C) and (1, C, 1) are ValueErrors in train mode."""
    for shape in ((1, 3), (1, 3, 1)):
        x = rng.normal(*shape, dtype=torch.float32)
        agree(student, reference, lambda m, x=x: m.run(train_output, x), names="x")


# BatchNorm1d: running statistics (4 points)


@pytest.mark.exercise("BatchNorm1d", points=1, hint="running = (1 − momentum) · running + momentum · batch.")
def test_momentum_weights_the_new_batch(student, reference, rng):
    """running_mean keeps 1 − momentum of the old value and takes momentum of the new: 0.3, 1 or the default of 0.1."""
    batches = [channels(rng, 4, 3) for _ in range(3)]
    for momentum in (0.3, 1.0, None):
        agree(student, reference, lambda m, momentum=momentum: m.run(trained_state, batches, momentum)["mean"])


@pytest.mark.exercise("BatchNorm1d", points=1, hint="PyTorch stores the unbiased variance: M / (M − 1).")
def test_running_var_takes_the_unbiased_variance(student, reference, rng):
    """running_var moves towards the batch's unbiased variance, that of two examples included."""
    batches = [channels(rng, examples, 4, high=3.0) for examples in (3, 2)]
    # With a momentum of one half it does not matter which value momentum weights.
    agree(student, reference, lambda m: m.run(trained_state, batches, 0.5)["var"])


@pytest.mark.exercise("BatchNorm1d", points=0.5, hint="M is N · L: every position is a value of its channel.")
def test_running_statistics_count_positions(student, reference, rng):
    """(N, C, L) moves the running statistics as N · L examples would."""
    x = channels(rng, 2, 3, 4)

    def call(m):
        got, expected = m.run(trained_state, [x], 0.5), m.run(trained_state, [flattened(x)], 0.5)
        return [likeness(got[name], expected[name]) for name in ("mean", "var")]

    agree(student, reference, call)


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="Add 1 to num_batches_tracked in every forward of train mode.")
def test_counts_the_batches(student, reference, rng):
    """num_batches_tracked grows by 1 with every forward in train mode, whatever the batch's size."""
    batches = [channels(rng, n, 2) for n in (3, 2, 5, 2)]
    agree(student, reference, lambda m: int(m.run(trained_state, batches, 0.1)["batches"]))


@pytest.mark.exercise(
    "BatchNorm1d", points=0.5, hint="Change the buffer (copy_, mul_, add_, lerp_), do not replace it."
)
def test_buffers_change_in_place(student, reference, rng):
    """A reference to a buffer, taken before training, sees the new values."""
    x = channels(rng, 4, 3)

    def references_follow(m, x, names, build=build):
        bn = build(m, x.shape[1])
        taken = {name: getattr(bn, name) for name in names}
        before = bn.running_mean.clone()
        bn(x)
        moved = not torch.equal(bn.running_mean, before)
        return moved, {name: torch.equal(taken[name], getattr(bn, name)) for name in names}

    agree(student, reference, lambda m: m.run(references_follow, x, STATISTICS))


@pytest.mark.exercise("BatchNorm1d", points=0.5, hint="torch.no_grad() or .detach(): a buffer must not hold the graph.")
def test_buffers_stay_outside_autograd(student, reference, rng):
    """The buffers move whether or not gradients are recorded, and none requires grad or holds on to a graph."""
    x = channels(rng, 4, 3)

    def graphs_held(m, x, names, recording, weight_trained, build=build):
        bn = build(m, x.shape[1])
        bn.weight.requires_grad_(weight_trained)
        before = bn.running_mean.clone()
        with torch.set_grad_enabled(recording):
            bn(x.clone().requires_grad_())
        buffers = [getattr(bn, name) for name in names]
        return not torch.equal(before, bn.running_mean), [(b.requires_grad, b.grad_fn is None) for b in buffers]

    for case in ((True, True), (False, True), (True, False)):
        agree(student, reference, lambda m, case=case: m.run(graphs_held, x, STATISTICS, *case))


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="Refuse before you update.")
def test_a_refused_batch_updates_nothing(student, reference, rng):
    """The ValueError for one value per channel comes before any buffer changes."""
    x = rng.normal(1, 3, dtype=torch.float32, mean=2.0)

    def state_after_refusal(m, x, names, build=build):
        bn = build(m, x.shape[1])
        before = [getattr(bn, name).clone() for name in names]
        try:
            bn(x)
        except ValueError:
            return [torch.equal(old, getattr(bn, name)) for old, name in zip(before, names)]  # noqa: B905
        return "the batch was accepted"

    agree(student, reference, lambda m: m.run(state_after_refusal, x, STATISTICS))


# BatchNorm1d: eval mode (3 points)


@pytest.mark.exercise("BatchNorm1d", points=1, hint="self.training says which statistics to use.")
def test_eval_mode_uses_the_running_statistics(student, reference, rng):
    """In eval mode mean and variance are the running ones, not the batch's."""
    x, mean, var = channels(rng, 3, 4), rng.normal(4), rng.uniform(2.0, 9.0, 4)
    agree(student, reference, lambda m: m.run(eval_output, x, mean, var, 1.0, 0.0, 1e-12))


@pytest.mark.exercise(
    "BatchNorm1d", points=0.25, hint="The formula of eval mode is that of train mode: eps, weight, bias."
)
def test_eval_mode_keeps_eps_weight_and_bias(student, reference, rng):
    """In eval mode too, eps stands inside the root, weight scales and bias shifts."""
    x, mean, var = channels(rng, 3, 4, low=0.3, high=2.0), rng.normal(4), rng.uniform(0.1, 0.4, 4)
    weight, bias = rng.uniform(1.5, 3.0, 4), rng.uniform(0.5, 2.0, 4)
    agree(student, reference, lambda m: m.run(eval_output, x, mean, var, weight, bias, 0.25))


@pytest.mark.exercise("BatchNorm1d", points=0.75, hint="Updates belong under `if self.training`.")
def test_eval_mode_updates_nothing(student, reference, rng):
    """Train mode moves the running mean; eval mode changes no buffer, nor does the way back to train mode."""
    x, other = channels(rng, 4, 3), channels(rng, 5, 3)

    def changes(m, x, other, names, build=build):
        bn = build(m, x.shape[1])
        fresh = bn.running_mean.clone()
        bn(x)
        before = {name: getattr(bn, name).clone() for name in names}
        bn.eval()
        bn(other)
        bn.train()
        kept = {name: torch.equal(before[name], getattr(bn, name)) for name in names}
        return not torch.equal(fresh, before["running_mean"]), kept

    agree(student, reference, lambda m: m.run(changes, x, other, STATISTICS))


@pytest.mark.exercise(
    "BatchNorm1d", points=0.5, hint="Eval mode needs no batch: nothing to refuse, nothing to average."
)
def test_eval_mode_takes_a_batch_of_one(student, reference, rng):
    """In eval mode one example alone gives what it gives among others, and it is normalized."""
    x, mean, var = channels(rng, 4, 3), rng.uniform(100.0, 200.0, 3), rng.uniform(2.0, 9.0, 3)

    def call(m):
        alone = m.run(eval_output, x[:1], mean, var)
        return bool(alone.max() < 0), likeness(alone, m.run(eval_output, x, mean, var)[:1])

    agree(student, reference, call)


@pytest.mark.exercise("BatchNorm1d", points=0.5, hint="A (C,) vector broadcasts along the last dimension.")
def test_eval_mode_treats_positions_alike(student, reference, rng):
    """In eval mode (N, C, L) is normalized as N · L examples would be, also where L = C."""
    mean, var = rng.uniform(100.0, 200.0, 4), rng.uniform(0.5, 9.0, 4)
    weight, bias = rng.uniform(1.5, 3.0, 4), rng.uniform(3.0, 8.0, 4)
    for length in (4, 3):
        x = channels(rng, 2, 4, length)

        def call(m, x=x):
            out, expected = (m.run(eval_output, batch, mean, var, weight, bias) for batch in (x, flattened(x)))
            return bool(out.max() < 0), likeness(flattened(out), expected)

        agree(student, reference, call)


# BatchNorm1d: backward (3 points)


@pytest.mark.exercise("BatchNorm1d", points=1.5, hint="Mean and variance depend on x: keep them in the graph.")
def test_gradient_flows_through_mean_and_variance(student, reference, rng):
    """The gradient with respect to x counts that every example moves the batch's mean and variance."""
    x, cotangent = channels(rng, 5, 3, low=30.0, high=90.0, offset=0.5), rng.normal(5, 3, dtype=torch.float32)
    agree(student, reference, lambda m: m.run(gradients, x, cotangent)["x"])


@pytest.mark.exercise("BatchNorm1d", points=0.5, hint="weight and bias must be in the graph of the output.")
def test_weight_and_bias_receive_gradients(student, reference, rng):
    """The gradient of weight is Σ cotangent · normalized value, that of bias Σ cotangent, over batch and positions."""
    x, cotangent = channels(rng, 2, 3, 4), rng.normal(2, 3, 4, dtype=torch.float32, mean=1.0)
    weight = rng.uniform(1.5, 3.0, 3, dtype=torch.float32)

    def call(m):
        got = m.run(gradients, x, cotangent, weight)
        return likeness(got["weight"], (cotangent * got["out"] / weight.view(-1, 1)).sum((0, 2))), got["bias"]

    agree(student, reference, call)


@pytest.mark.exercise("BatchNorm1d", points=0.5, hint="Mean and variance depend on every position.")
def test_gradients_of_positions_are_those_of_examples(student, reference, rng):
    """(N, C, L) receives the gradient that N · L examples receive."""
    x, cotangent = channels(rng, 2, 3, 4), rng.normal(2, 3, 4, dtype=torch.float32)

    def call(m):
        got = m.run(gradients, x, cotangent)["x"]
        return likeness(flattened(got), m.run(gradients, flattened(x), flattened(cotangent))["x"])

    agree(student, reference, call)


@pytest.mark.exercise(
    "BatchNorm1d", points=0.5, hint="In eval mode the statistics are constants, the rest is as before."
)
def test_gradient_flows_in_eval_mode(student, reference, rng):
    """In eval mode x, weight and bias receive their gradients, and the statistics are constants."""
    x, cotangent = channels(rng, 4, 3, low=10.0, high=30.0), rng.normal(4, 3, dtype=torch.float32)

    def call(m):
        got = m.run(gradients, x, cotangent, 1.0, False)
        return {name: got[name] for name in ("x", "weight", "bias")}

    agree(student, reference, call)


# BatchNorm1d: module, devices, state_dict (3 points)


@pytest.mark.exercise(
    "BatchNorm1d", points=0.25, hint="nn.Parameter(torch.ones(...)) and nn.Parameter(torch.zeros(...))."
)
def test_weight_and_bias_start_as_parameters_one_and_zero(student, reference, rng):
    """weight is a parameter of ones, bias one of zeros; there is no other, and nothing is drawn at random."""

    def parameters(m, features):
        before = torch.random.get_rng_state()
        bn = m.BatchNorm1d(features)
        kept = torch.equal(before, torch.random.get_rng_state())
        return isinstance(bn, torch.nn.Module), kept, dict(bn.named_parameters())

    features = rng.integer(2, 6)
    agree(student, reference, lambda m: m.run(parameters, features))


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="register_buffer; the counter is torch.int64 and 0-dimensional.")
def test_buffers_start_at_zero_one_and_zero(student, reference, rng):
    """The buffers are running_mean (zeros), running_var (ones) and num_batches_tracked (int64 0), and no others."""

    def buffers(m, features):
        return dict(m.BatchNorm1d(features).named_buffers())

    features = rng.integer(2, 6)
    agree(student, reference, lambda m: m.run(buffers, features))


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="Whatever training changes must be a parameter or a buffer.")
def test_state_dict_carries_what_was_learnt(student, reference, rng):
    """state_dict has the five names, and a fresh module that loads it answers and counts on like the trained one."""
    x, weight = channels(rng, 4, 3), rng.uniform(1.5, 3.0, 3)

    def reloaded(m, x, weight, build=build):
        trained, fresh = build(m, x.shape[1], weight, 0.5), m.BatchNorm1d(x.shape[1])
        for _ in range(3):
            trained(x)
        state = trained.state_dict()
        fresh.load_state_dict(state)
        names, outputs = sorted(state), (trained.eval()(x), fresh.eval()(x))
        for bn in (trained, fresh):
            bn.train()(x)
        return names, *outputs, torch.equal(trained.num_batches_tracked, fresh.num_batches_tracked)

    def call(m):
        names, trained, fresh, counts_on = m.run(reloaded, x, weight)
        return names, likeness(fresh, trained), counts_on

    agree(student, reference, call)


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="Hand dtype on to every tensor you make, the counter apart.")
def test_dtype_is_that_of_the_argument(student, reference, rng):
    """dtype=torch.float64 makes parameters, running statistics and output float64, and so does that default dtype."""
    x = rng.normal(4, 3)

    def made(m, x, names, by_default):
        before = torch.get_default_dtype()
        if by_default:
            torch.set_default_dtype(torch.float64)
        try:
            bn = m.BatchNorm1d(x.shape[1]) if by_default else m.BatchNorm1d(x.shape[1], dtype=torch.float64)
            return bn(x), [getattr(bn, name) for name in names]
        finally:
            torch.set_default_dtype(before)

    for by_default in (False, True):
        agree(student, reference, lambda m, d=by_default: m.run(made, x, STATE, d), type_only=True)


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="Beware of x -= mean and of .view on what is not contiguous.")
def test_forward_leaves_its_input_alone_and_takes_any_layout(student, reference, rng):
    """In either mode a non-contiguous x gives what its copy gives; x is not modified and no .grad is set."""
    flat, deep = channels(rng, 4, 3), channels(rng, 4, 3, 5)

    def forwards(m, x, training, build=build):
        bn = build(m, x.shape[1]).train(training)
        bn.running_mean.fill_(1.5)
        expected = bn(x.clone())
        turned = x.transpose(0, 1).contiguous().transpose(0, 1)
        got = bn(turned)
        return torch.equal(turned, x), turned.requires_grad, turned.grad is None, bn.weight.grad is None, got, expected

    def call(m, x, training):
        *facts, got, expected = m.run(forwards, x, training)
        return facts, likeness(got, expected)

    for x in (flat, deep):
        for training in (True, False):
            agree(student, reference, lambda m, x=x, t=training: call(m, x, t))


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="Check in __init__; 1 is a momentum, 0 is none.")
def test_refuses_impossible_settings(student, reference):
    """num_features < 1, eps ≤ 0, momentum outside (0, 1] are ValueErrors that name the argument; momentum 1 is fine."""

    def made(m, features, options):
        m.BatchNorm1d(features, **options)
        return "made"

    for features in (0, -2):
        agree(student, reference, lambda m, f=features: m.run(made, f, {}), names="num_features")
    for name, values in (("eps", (0.0, -1e-5)), ("momentum", (0.0, -0.1, 1.5, 1.0))):
        for value in values:
            agree(student, reference, lambda m, o={name: value}: m.run(made, 3, o), names=name)


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="(N, 1) would broadcast: compare x.shape[1] with num_features.")
def test_refuses_what_is_no_batch_of_c_channels(student, reference, rng):
    """A non-tensor or integer x is a TypeError, another ndim or C a ValueError, in either mode; both name x."""

    def forward(m, x, training, features=3):
        return m.BatchNorm1d(features).train(training)(x)

    shapes = ((3,), (2, 3, 4, 5), (4, 1), (4, 2), (4, 5, 3))
    inputs = [rng.normal(*shape, dtype=torch.float32) for shape in shapes]
    for x in (*inputs, [[1.0, 2.0, 3.0], [2.0, 4.0, 8.0]], torch.arange(12).view(4, 3)):
        for training in (True, False):
            agree(student, reference, lambda m, x=x, t=training: m.run(forward, x, t), names="x")
    several = rng.normal(4, 3, dtype=torch.float32)
    for training in (True, False):
        agree(student, reference, lambda m, t=training: m.run(forward, several, t, 1), names="x")


# Here only the way matters, not the values: the inputs are fixed, so that the reference need not be run for every student.


def ramp(*shape):
    """Evenly spaced numbers, for want of better ones."""
    return torch.linspace(-1.0, 3.0, math.prod(shape)).square().view(shape)


def train_on_device(m, device, batches, build=build):
    """Two forwards and backwards; which results are where they should be and roughly what they should be."""
    bn = build(m, batches[0].shape[1], device=device).to(device)
    facts = []
    for x in batches:
        x = x.to(device).requires_grad_()
        out = bn(x)
        (out**3).sum().backward()
        centred = out.detach().cpu().transpose(0, 1).flatten(1).mean(1)
        facts.append((out.device == x.device, bool(centred.abs().max() < 0.01), x.grad.device == x.device))
    return facts, bool(bn.running_mean.cpu().abs().max() > 0)


def eval_on_device(m, device, x, mean, build=build):
    """The output of eval mode: whether it is on the device, and whether the running mean was taken away."""
    bn = build(m, x.shape[1], device=device).to(device).eval()
    bn.running_mean.copy_(mean)
    x = x.to(device)
    out = bn(x)
    return out.device == x.device, bool(out.cpu().max() < 0)


def devices_of_state(m, device, x, names):
    """Whether the state lies on the device of x: of a module made there, and of one that moved there."""
    x = x.to(device)
    made, moved = m.BatchNorm1d(x.shape[1], device=device), m.BatchNorm1d(x.shape[1]).to(device)
    return {name: (getattr(made, name).device == x.device, getattr(moved, name).device == x.device) for name in names}


@pytest.mark.exercise("BatchNorm1d", points=0.75, hint="No .item(), .cpu(), .numpy(); new tensors on x.device.")
def test_training_neither_leaves_the_device_nor_waits(student, reference):
    """In train mode, forward stays on the device of x and asks it for no value, for (N, C) and for (N, C, L)."""
    batches = [ramp(5, 3), ramp(2, 3, 4)]
    for device in student.devices:
        agree(student, reference, lambda m, d=device: m.run(train_on_device, batches, device=d))


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="Eval mode runs on the device too.")
def test_eval_neither_leaves_the_device_nor_waits(student, reference):
    """In eval mode, forward stays on the device of x and asks it for no value."""
    x, mean = ramp(2, 3, 4), torch.full((3,), 100.0)
    for device in student.devices:
        agree(student, reference, lambda m, d=device: m.run(eval_on_device, x, mean, device=d))


@pytest.mark.exercise("BatchNorm1d", points=0.25, hint="Hand device on; register what .to(...) is to move.")
def test_state_lies_where_it_is_put(student, reference):
    """Parameters and buffers are made on the device of the argument, and follow .to(device)."""
    x = ramp(3, 2)
    for device in student.devices:
        agree(student, reference, lambda m, d=device: m.run(devices_of_state, x, STATE, device=d))
