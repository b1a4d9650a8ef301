"""Hidden checks of a6_softmax_cross_entropy. Each docstring is the sentence that the student reads; the reference promises it.

Values are asked in float32, of any dtype, where dtype and precision are not the question. How a loss averages, how a
gradient flows and what a large batch changes is asked of the student's function against itself, so that a wrong value costs
one check: who divides by N · C loses the check on the value of one example, not those on batches and gradients.
Whether the cross-entropy of a batch is one number is asked once; elsewhere its mean is compared.
"""

import pytest
import torch

from autograder.checking import agree

ANY_DTYPE = {"same_dtype": False}
ACCEPTED = {"same_dtype": False, "type_only": True}  # must not be refused; its value is asked elsewhere


def spread_out(rng, rows, columns):
    """Logits in float32 whose rows are of very different scale, none so large that exp overflows."""
    scale = torch.tensor([1.0, 8.0, 0.2, 3.0, 15.0])[torch.arange(rows) % 5]
    return (scale[:, None] * rng.uniform(-2.0, 2.0, rows, columns)).float()


def sixty_fourths(rng, *shape):
    """Ordinary logits that float32 still holds exactly when 10⁴ is added."""
    return (64 * rng.normal(*shape)).round() / 64


def far_apart(rng, columns):
    """One row of logits from −10⁴ to 10⁴, thousands apart."""
    return torch.linspace(-1e4, 1e4, columns, dtype=torch.float64)[rng.permutation(columns)][None]


def in_units_of_itself(gradient):
    """A gradient over its length: what a factor too many cannot change."""
    return gradient / gradient.norm()


def transposed(rng):
    """Logits (2, 3, 4), the first class e⁻³⁰ as probable as the others, in a memory that no .view() flattens."""
    return (rng.normal(4, 3, 2) - torch.tensor([30.0, 0.0, 0.0, 0.0])[:, None, None]).permute(2, 1, 0)


# What runs beside the student's code.


def slopes(m, name, rest, logits, cotangent):
    """How like the gradient by autograd is to the difference quotients of the function's own values: 1, or less."""
    function = getattr(m, name)

    def at(x):
        return (function(x, *rest) * cotangent).sum()

    x = logits.clone().requires_grad_()
    at(x).backward()
    measured = torch.zeros_like(logits)
    for index in range(logits.numel()):
        h = torch.zeros_like(logits)
        h.view(-1)[index] = 0.01
        measured.view(-1)[index] = (at(logits + h) - at(logits - h)).detach() / 0.02
    likeness = 1 - (x.grad - measured).norm() / measured.norm()
    return (100 * likeness).round().float() / 100  # what the quotients are good for, in float32 too


def along_dim(m, name, cube, square, vector):
    """Whether a function does along each dimension what it does along the rows of a table."""
    function = getattr(m, name)

    def by_rows(x, dim):
        moved = x.movedim(dim, -1)
        return function(moved.reshape(-1, moved.shape[-1]), 1).reshape(moved.shape).movedim(-1, dim)

    pairs = [(function(cube, dim), by_rows(cube, dim)) for dim in (0, 1, 2, -2)]
    pairs += [(function(square, dim=0), by_rows(square, 0)), (function(cube), by_rows(cube, 2))]
    pairs += [(function(square), by_rows(square, 1)), (function(vector), by_rows(vector, 0))]
    return [got.shape == wanted.shape and bool(torch.allclose(got, wanted)) for got, wanted in pairs]


def at_every_level(m, name, logits, cotangent):
    """Rows at the levels 10⁴, −10⁴ and 0 in one batch, relative to the same rows at level 0; whether gradients are finite."""
    function = getattr(m, name)
    x = (logits + torch.tensor([[1e4], [-1e4], [0.0]])).requires_grad_()
    result = function(x, 1)
    (result * cotangent).sum().backward()
    level = function(logits, 1).detach()
    error = (result.detach() - level).norm(dim=1) / level.norm(dim=1)
    return {"likeness": (1 - error).float(), "finite": bool(torch.isfinite(x.grad).all())}


def finite_slopes(m, name, logits, cotangent):
    """Whether the gradients of a row whose logits lie far apart are finite."""
    x = logits.clone().requires_grad_()
    (getattr(m, name)(x, 1) * cotangent).sum().backward()
    return bool(torch.isfinite(x.grad).all())


def loss_at_every_level(m, name, logits, labels):
    """The loss of rows at the levels 10⁴ and −10⁴ relative to the same rows at level 0; whether a batch of all is finite."""
    function = getattr(m, name)
    pairs = [(logits[n : n + 1], labels[n : n + 1]) for n in range(len(logits))]
    ratios = [(function(x + by, y).mean() / function(x, y).mean()).float() for x, y in pairs for by in (1e4, -1e4)]
    x = (logits + torch.tensor([[1e4], [-1e4], [0.0]])).requires_grad_()
    loss = function(x, labels).mean()
    loss.backward()
    return {"ratios": ratios, "finite": [bool(torch.isfinite(item).all()) for item in (loss, x.grad)]}


def of_each_class(m, name, logits):
    """The loss of one row for each label, in units of the largest; whether the gradients are finite."""
    losses, finite = [], []
    for label in range(logits.shape[1]):
        x = logits.clone().requires_grad_()
        loss = getattr(m, name)(x, torch.tensor([label])).mean()
        loss.backward()
        losses.append(loss.detach())
        finite.append(bool(torch.isfinite(x.grad).all()))
    losses = torch.stack(losses)
    return {"losses": losses / losses.abs().max(), "finite": finite}


def leftovers(m, name, inputs, *rest):
    """Whether a call leaves its inputs as they are, where floats require grad and where not, and the global generator."""
    found = []
    for required in (False, True):
        given = [tensor.clone().requires_grad_(required and tensor.is_floating_point()) for tensor in inputs]
        flags, generator = [tensor.requires_grad for tensor in given], torch.get_rng_state()
        result = getattr(m, name)(*given, *rest)
        unchanged = [torch.equal(tensor.detach(), before) for tensor, before in zip(given, inputs, strict=True)]
        found.append(
            {
                "answers": isinstance(result, torch.Tensor),  # doing nothing earns nothing
                "values": all(unchanged),
                "requires_grad": [tensor.requires_grad for tensor in given] == flags,
                "no grad": all(tensor.grad is None for tensor in given),
                "generator untouched": torch.equal(generator, torch.get_rng_state()),
            }
        )
    return {key: all(one[key] for one in found) for key in found[0]}  # whichever way it is changed: one outcome


def dtypes(m, name, logits, labels):
    """The dtype of a result, under either default dtype."""
    usual, found = torch.get_default_dtype(), []
    try:
        for default in (torch.float32, torch.float64):
            torch.set_default_dtype(default)
            found.append(str(getattr(m, name)(logits, labels).dtype))
    finally:
        torch.set_default_dtype(usual)
    return found


def without_autograd(m, name, logits, labels):
    """Whether a gradient is the same, and not zero, outside and inside no_grad and inference_mode; what autograd kept."""
    function = getattr(m, name)
    kept = []
    with torch.no_grad(), torch.autograd.graph.saved_tensors_hooks(kept.append, lambda packed: packed):
        unrecorded = function(logits.clone(), labels.clone())
    x, y = logits.clone(), labels.clone()
    with torch.inference_mode(True):
        inferred = function(x, y).clone()
    outside = function(logits.clone(), labels.clone()).detach()
    same = [
        inside.shape == outside.shape and bool(torch.allclose(inside, outside)) for inside in (unrecorded, inferred)
    ]
    return {"same": same, "zero": bool((outside == 0).all()), "autograd at work": len(kept) > 0}


def batch_by_example(m, name, logits, labels):
    """A loss of a batch in units of the mean of its examples' losses."""
    function = getattr(m, name)
    alone = [function(logits[n : n + 1].clone(), labels[n : n + 1].clone()) for n in range(len(logits))]
    whole = function(logits.clone(), labels.clone())
    return whole.shape, (whole / torch.stack(alone).mean()).float()


def rows_by_example(m, name, logits, labels):
    """The rows of a batch's gradient, in units of the gradients of its examples alone: what is left is 1/N."""
    function = getattr(m, name)
    alone = [function(logits[n : n + 1].clone(), labels[n : n + 1].clone()) for n in range(len(logits))]
    alone, whole = torch.cat(alone), function(logits.clone(), labels.clone())
    return whole.shape, ((whole * alone).sum(1) / (alone * alone).sum(1)).float()


def leaves_alone(student, reference, name, *arguments):
    """No input of this call changes, with requires_grad and without."""
    agree(student, reference, lambda m: m.run(leftovers, name, *arguments))


# one_hot: 2 points


@pytest.mark.exercise("one_hot", points=0.5, hint="Row n has its 1 in column labels[n]; columns are counted from 0.")
def test_marks_the_class_of_each_row(student, reference, rng):
    """Each row is 0 but for a 1 in the column of its label, however the labels are ordered and repeated."""
    labels = torch.tensor([3, 0, 4, 4, 1, 2, 3])[rng.permutation(7)]
    agree(student, reference, lambda m: m.one_hot(labels, 5), **ANY_DTYPE)


@pytest.mark.exercise("one_hot", points=0.5, hint="num_classes decides, not the labels of this batch.")
def test_has_a_column_for_every_class(student, reference, rng):
    """There are num_classes columns, also for classes that no label of this batch names."""
    labels = torch.tensor([4, 2, 4, 1])[rng.permutation(4)]  # neither 0, nor 3, nor the last ones

    def call(m):
        got = m.one_hot(labels, 8)
        return got.shape, got.argmax(1), got[:, 5:].sum()

    agree(student, reference, call, **ANY_DTYPE)


@pytest.mark.exercise("one_hot", points=0.5, hint="torch.get_default_dtype(); and `dtype` decides where it is given.")
def test_is_of_the_default_dtype_unless_one_is_given(student, reference, rng):
    """The result has PyTorch's default dtype, whichever that is at the time, or the dtype that is asked for."""
    labels = rng.labels(4, 3)

    def dtypes(m, labels):
        usual = torch.get_default_dtype()
        found = [m.one_hot(labels.clone(), 3, *given) for given in ([], [torch.float64])]
        found.append(m.one_hot(labels.clone(), 3, dtype=torch.int32))
        try:
            torch.set_default_dtype(torch.float64)
            found += [m.one_hot(labels.clone(), 3), m.one_hot(labels.clone(), 3, dtype=torch.float32)]
        finally:
            torch.set_default_dtype(usual)
        return found

    agree(student, reference, lambda m: m.run(dtypes, labels), type_only=True)


@pytest.mark.exercise("one_hot", points=0.25, hint="Methods that end in `_` write into their tensor.")
def test_one_hot_leaves_labels_alone(student, reference, rng):
    """Labels are not changed and may be non-contiguous; the global generator is untouched."""
    labels = (torch.tensor([0, 3, 1, 2, 2, 0, 3, 1]) + rng.integer(0, 3)) % 4
    leaves_alone(student, reference, "one_hot", [labels], 4)

    def strided(m, labels):
        return torch.equal(m.one_hot(labels[::2], 4), m.one_hot(labels[::2].clone(), 4))

    agree(student, reference, lambda m: m.run(strided, labels))


@pytest.mark.exercise("one_hot", points=0.25, hint="Index −1 is the last column for torch; −1 is no class.")
def test_one_hot_refuses_what_is_no_class(student, reference, rng):
    """A label below 0 (−1, −100) or from num_classes on is a ValueError, floats and lists are a TypeError; both name labels."""
    for wrong in (-1, -100, 4):
        labels = torch.tensor([0, 1, wrong, 3])[rng.permutation(4)]
        agree(student, reference, lambda m, labels=labels: m.one_hot(labels, 4), names="labels")
    agree(student, reference, lambda m: m.one_hot(torch.tensor([0.0, 1.0, 2.0]), 4), names="labels")
    agree(student, reference, lambda m: m.one_hot([0, 1, 2], 4), names="labels")
    agree(student, reference, lambda m: m.one_hot(torch.tensor([0, 1, 3]), 4), **ACCEPTED)


# softmax: 4 points


@pytest.mark.exercise("softmax", points=1.25, hint="exp(y_i) over the sum of exp(y_j), j running over all classes.")
def test_is_the_exponential_over_the_sum_of_exponentials(student, reference, rng):
    """y'_i = exp(y_i) / Σ_j exp(y_j), for positive and negative logits, near together and far apart."""
    for logits in (spread_out(rng, 5, 4), spread_out(rng, 3, 3), torch.tensor([[3.0, 1.0, -3.0]])):
        agree(student, reference, lambda m, logits=logits: m.softmax(logits.clone()), **ANY_DTYPE)


@pytest.mark.exercise("softmax", points=0.75, hint="Reduce along `dim`, and keep it (keepdim=True) to divide.")
def test_softmax_runs_along_dim(student, reference, rng):
    """It works along `dim`, counted from the front or the back (default: the last), in tensors of one, two or three dimensions."""
    cube, square, vector = rng.normal(2, 3, 4), rng.normal(3, 3), rng.normal(5)
    agree(student, reference, lambda m: m.run(along_dim, "softmax", cube, square, vector))


@pytest.mark.exercise("softmax", points=0.75, hint="Which number may you subtract from all logits of a row?")
def test_softmax_survives_large_logits(student, reference, rng):
    """Logits of ±10⁴ give the right numbers and finite gradients, in one row and in rows of one batch."""
    logits, cotangent = sixty_fourths(rng, 3, 5), rng.normal(3, 5)
    agree(student, reference, lambda m: m.run(at_every_level, "softmax", logits, cotangent))
    apart = far_apart(rng, 5)
    for x in (apart, torch.cat([apart, -apart, 0.2 * apart]).float()):  # 0 and 1 exactly, however it is rounded
        agree(student, reference, lambda m, x=x: m.softmax(x.clone()), **ANY_DTYPE)
    agree(student, reference, lambda m: m.run(finite_slopes, "softmax", apart, cotangent[:1]))


@pytest.mark.exercise("softmax", points=0.5, hint="detach(), .data, no_grad and numpy cut a result off from autograd.")
def test_gradients_flow_through_softmax(student, reference, rng):
    """Autograd gives the slope that the function's own values have, along any dimension."""
    logits, cotangent = rng.normal(2, 3), rng.normal(2, 3)
    for dim in (1, 0):
        agree(student, reference, lambda m, dim=dim: m.run(slopes, "softmax", [dim], logits, cotangent))


@pytest.mark.exercise("softmax", points=0.25, hint="`-=`, `/=` and methods that end in `_` write into their tensor.")
def test_softmax_leaves_logits_alone(student, reference, rng):
    """Logits are not changed, requires_grad flag included; no .grad is left behind; the global generator is untouched."""
    leaves_alone(student, reference, "softmax", [rng.normal(3, 4)])


@pytest.mark.exercise("softmax", points=0.25, hint="Add nothing, cut nothing off, and let dtype follow the input.")
def test_softmax_keeps_the_dtype(student, reference, rng):
    """float32 gives float32, float64 gives float64 to full precision, small probabilities too, contiguous or not."""
    logits = transposed(rng)
    agree(student, reference, lambda m: m.softmax(logits), elementwise=True)
    agree(student, reference, lambda m: str(m.softmax(logits.float()).dtype))


@pytest.mark.exercise("softmax", points=0.25, hint="isinstance(…, torch.Tensor), then .is_floating_point().")
def test_softmax_refuses_wrong_types(student, reference, rng):
    """A list or an integer tensor raises TypeError, and the message names logits."""
    agree(student, reference, lambda m: m.softmax([3.0, 1.0, -3.0]), names="logits")
    agree(student, reference, lambda m: m.softmax(torch.tensor([3, 1, -3])), names="logits")
    agree(student, reference, lambda m: m.softmax(rng.normal(3)), **ACCEPTED)


# log_softmax: 3 points


@pytest.mark.exercise("log_softmax", points=1, hint="The logarithm of a quotient is a difference of logarithms.")
def test_is_the_logarithm_of_softmax(student, reference, rng):
    """ln y'_i = y_i − ln Σ_j exp(y_j), for positive and negative logits, near together and far apart."""
    for logits in (spread_out(rng, 4, 4), spread_out(rng, 3, 5)):
        agree(student, reference, lambda m, logits=logits: m.log_softmax(logits.clone()), **ANY_DTYPE)


@pytest.mark.exercise("log_softmax", points=0.5, hint="Reduce along `dim`, and keep it (keepdim=True) to subtract.")
def test_log_softmax_runs_along_dim(student, reference, rng):
    """It works along `dim`, counted from the front or the back (default: the last), in tensors of one, two or three dimensions."""
    cube, square, vector = rng.normal(2, 3, 4), rng.normal(3, 3), rng.normal(5)
    agree(student, reference, lambda m: m.run(along_dim, "log_softmax", cube, square, vector))


@pytest.mark.exercise("log_softmax", points=0.5, hint="ln 0 comes too late: simplify ln(exp(a) / b) on paper first.")
def test_log_softmax_survives_large_logits(student, reference, rng):
    """Logits of ±10⁴ give the right numbers (−20000, not −inf) and finite gradients, in one row and in rows of one batch."""
    logits, cotangent = sixty_fourths(rng, 3, 5), rng.normal(3, 5)
    agree(student, reference, lambda m: m.run(at_every_level, "log_softmax", logits, cotangent))
    apart = far_apart(rng, 5)

    def in_units_of_the_largest(m, x):
        got = m.log_softmax(x)
        return got / got.abs().max()  # whatever the base

    for x in (apart, apart.float()):
        agree(student, reference, lambda m, x=x: in_units_of_the_largest(m, x), **ANY_DTYPE)
    agree(student, reference, lambda m: m.run(finite_slopes, "log_softmax", apart, cotangent[:1]))


@pytest.mark.exercise(
    "log_softmax", points=0.5, hint="detach(), .data, no_grad and numpy cut a result off from autograd."
)
def test_gradients_flow_through_log_softmax(student, reference, rng):
    """Autograd gives the slope that the function's own values have, along any dimension."""
    logits, cotangent = rng.normal(2, 3), rng.normal(2, 3)
    for dim in (1, 0):
        agree(student, reference, lambda m, dim=dim: m.run(slopes, "log_softmax", [dim], logits, cotangent))


@pytest.mark.exercise("log_softmax", points=0.25, hint="Make new tensors, and let dtype follow the input.")
def test_log_softmax_keeps_logits_and_dtype(student, reference, rng):
    """Logits are not changed, contiguous or not; float32 gives float32, float64 gives float64 to full precision."""
    logits = transposed(rng)
    leaves_alone(student, reference, "log_softmax", [logits])
    agree(student, reference, lambda m: m.log_softmax(logits))
    agree(student, reference, lambda m: str(m.log_softmax(logits.float()).dtype))


@pytest.mark.exercise("log_softmax", points=0.25, hint="isinstance(…, torch.Tensor), then .is_floating_point().")
def test_log_softmax_refuses_wrong_types(student, reference, rng):
    """A list or an integer tensor raises TypeError, and the message names logits."""
    agree(student, reference, lambda m: m.log_softmax([3.0, 1.0, -3.0]), names="logits")
    agree(student, reference, lambda m: m.log_softmax(torch.tensor([3, 1, -3])), names="logits")
    agree(student, reference, lambda m: m.log_softmax(rng.normal(3)), **ACCEPTED)


# cross_entropy: 4 points


@pytest.mark.exercise("cross_entropy", points=1.25, hint="Minus the natural logarithm of the probability of the label.")
def test_is_minus_the_log_probability_of_the_label(student, reference, rng):
    """One example costs −ln y' of its label, whichever class that is."""
    for label in (0, 2, 4):
        logits = rng.uniform(-2.0, 2.0, 1, 5, dtype=torch.float32)  # no loss so small that it is rounding
        agree(
            student,
            reference,
            lambda m, logits=logits, label=label: m.cross_entropy(logits.clone(), torch.tensor([label])).mean(),
            **ANY_DTYPE,
        )


@pytest.mark.exercise("cross_entropy", points=0.75, hint="Row n is charged for labels[n] only; then the mean over N.")
def test_cross_entropy_is_the_mean_over_examples(student, reference, rng):
    """The loss of a batch is one number: the mean of its examples' losses, each counting once and by its own label."""
    logits, labels = spread_out(rng, 7, 4), torch.tensor([3, 1, 3, 3, 0, 3, 1])
    agree(student, reference, lambda m: m.run(batch_by_example, "cross_entropy", logits, labels))


@pytest.mark.exercise("cross_entropy", points=0.75, hint="Logits in: take the logarithm without the probability.")
def test_cross_entropy_survives_large_logits(student, reference, rng):
    """Logits of ±10⁴ give the right loss (20000 for one class, 0 for another) and finite gradients, in float32 too."""
    logits, labels, apart = sixty_fourths(rng, 3, 5), rng.labels(3, 5), far_apart(rng, 5)
    agree(student, reference, lambda m: m.run(loss_at_every_level, "cross_entropy", logits, labels))
    for x in (apart, apart.float()):
        agree(student, reference, lambda m, x=x: m.run(of_each_class, "cross_entropy", x), **ANY_DTYPE)


@pytest.mark.exercise(
    "cross_entropy", points=0.5, hint="detach(), .data, .item() and numpy cut a result off from autograd."
)
def test_gradients_flow_through_cross_entropy(student, reference, rng):
    """Autograd gives the slope that the loss's own values have."""
    logits, labels = rng.normal(3, 3), torch.tensor([2, 0, 2])
    agree(student, reference, lambda m: m.run(slopes, "cross_entropy", [labels], logits, 1.0))


@pytest.mark.exercise("cross_entropy", points=0.25, hint="Make new tensors, and let dtype follow the logits.")
def test_cross_entropy_keeps_inputs_and_dtype(student, reference, rng):
    """Inputs are not changed, contiguous or not; float32 gives float32, float64 gives float64 to full precision."""
    logits, labels = rng.normal(4, 3).T, torch.tensor([1, 0, 3, 0, 0, 2])[::2]
    leaves_alone(student, reference, "cross_entropy", [logits, labels])
    agree(
        student, reference, lambda m: (m.cross_entropy(logits, labels) / m.cross_entropy(logits.flip(0), labels)).mean()
    )
    agree(student, reference, lambda m: m.run(dtypes, "cross_entropy", logits.float(), labels))


@pytest.mark.exercise("cross_entropy", points=0.25, hint="−100 is torch's ignore_index, and −1 an index from the end.")
def test_cross_entropy_refuses_labels_that_are_no_class(student, reference, rng):
    """A label below 0 (−1 and −100 too) or from C on is a ValueError that names labels; 0 and C − 1 are welcome."""
    logits = rng.normal(3, 4)
    for wrong in (-1, -100, 4):
        labels = torch.tensor([0, wrong, 3])
        agree(student, reference, lambda m, labels=labels: m.cross_entropy(logits, labels), names="labels")
    agree(student, reference, lambda m: m.cross_entropy(logits, torch.tensor([0, 3, 3])).mean(), **ACCEPTED)


def refuse(student, reference, name, wrong):
    """Each of these (logits, labels, argument to be named) is refused."""
    for first, second, argument in wrong:
        agree(
            student,
            reference,
            lambda m, first=first, second=second: getattr(m, name)(first, second),
            names=argument,
        )


@pytest.mark.exercise("cross_entropy", points=0.25, hint="The docstring's Raises section has them all.")
def test_cross_entropy_refuses_what_is_no_batch(student, reference, rng):
    """Wrong types are TypeErrors, other shapes, lengths and empty batches ValueErrors, by the argument's name."""
    logits, labels = rng.normal(3, 4), torch.tensor([0, 3, 1])
    wrong = [
        (logits.tolist(), labels, "logits"),
        (logits.round().long(), labels, "logits"),
        (logits, [0, 3, 1], "labels"),
        (logits, labels.double(), "labels"),
        (logits[:2], labels, "labels"),
        *other_shapes(logits, labels),
    ]
    refuse(student, reference, "cross_entropy", wrong)
    agree(student, reference, lambda m: m.cross_entropy(logits, labels).mean(), **ACCEPTED)


def other_shapes(logits, labels):
    """Shapes that are no batch; the first label is 0. What torch would stretch, flatten or take for one example is among them."""
    return [
        (logits[0], labels[:1], "logits"),
        (logits[0], labels[0], None),  # torch's form without a batch: both are wrong, either may be named
        (logits[:1, None], labels[:1], "logits"),
        (logits[:0], labels[:0], "logits"),
        (logits, labels[:1], "labels"),
        (logits, labels[:, None], "labels"),
    ]


def no_batch(rng):
    """What the functions that follow cross_entropy refuse like it: a case of each kind."""
    logits, labels = rng.normal(3, 4), torch.tensor([0, 3, 1])
    return [
        (logits.round().long(), labels, "logits"),
        (logits, labels.double(), "labels"),
        (logits, labels - 1, "labels"),
        (logits, labels + 1, "labels"),
        *other_shapes(logits, labels),
    ]


# cross_entropy_grad: 3 points


@pytest.mark.exercise(
    "cross_entropy_grad", points=1, hint="For one example: the probabilities, less what they should be."
)
def test_is_softmax_minus_one_hot(student, reference, rng):
    """The gradient of one example is its softmax, minus 1 at its label."""
    for label in (0, 3):
        logits = rng.uniform(-3.0, 3.0, 1, 4, dtype=torch.float32)  # nowhere so sure that p − 1 is rounding
        agree(
            student,
            reference,
            lambda m, logits=logits, label=label: m.cross_entropy_grad(logits.clone(), torch.tensor([label])),
            **ANY_DTYPE,
        )


@pytest.mark.exercise(
    "cross_entropy_grad", points=0.75, hint="The loss is a mean: each example has its N-th part in it."
)
def test_gradient_of_a_batch_holds_the_nth_part_of_each_example(student, reference, rng):
    """Each row of a batch's gradient is 1/N of its example's own, by its own label."""
    logits, labels = rng.normal(5, 3, dtype=torch.float32), torch.tensor([2, 1, 2, 2, 0])
    agree(student, reference, lambda m: m.run(rows_by_example, "cross_entropy_grad", logits, labels))


@pytest.mark.exercise("cross_entropy_grad", points=0.25, hint="A row has its own largest logit.")
def test_cross_entropy_grad_survives_large_logits(student, reference, rng):
    """Logits of ±10⁴ give finite and right gradients, rows of any level in one batch, in float32 too."""
    logits = sixty_fourths(rng, 3, 5) + torch.tensor([[1e4], [-1e4], [0.0]])
    logits, labels = torch.cat([logits, far_apart(rng, 5)]), torch.tensor([0, 1, 2, 0])
    agree(student, reference, lambda m: in_units_of_itself(m.cross_entropy_grad(logits, labels)), **ANY_DTYPE)
    apart = logits[3:].float()
    agree(student, reference, lambda m: in_units_of_itself(m.cross_entropy_grad(apart, apart.argmin(1))), **ANY_DTYPE)


@pytest.mark.exercise("cross_entropy_grad", points=0.5, hint="No backward(): write down what the derivative is.")
def test_cross_entropy_grad_needs_no_autograd(student, reference, rng):
    """The gradient is the same under torch.no_grad() and torch.inference_mode(): it is a closed form."""
    logits, labels = rng.normal(3, 4), torch.tensor([3, 0, 1])
    agree(student, reference, lambda m: m.run(without_autograd, "cross_entropy_grad", logits, labels))


@pytest.mark.exercise("cross_entropy_grad", points=0.25, hint="Logits may require grad; make new tensors.")
def test_cross_entropy_grad_keeps_inputs_and_dtype(student, reference, rng):
    """Inputs are not changed, requires_grad or not; no .grad is left; float32 gives float32, float64 full precision."""
    logits, labels = rng.normal(4, 3).T, torch.tensor([1, 0, 3, 0, 0, 2])[::2]
    leaves_alone(student, reference, "cross_entropy_grad", [logits, labels])
    agree(student, reference, lambda m: in_units_of_itself(m.cross_entropy_grad(logits, labels)))
    agree(student, reference, lambda m: m.run(dtypes, "cross_entropy_grad", logits.float(), labels))


@pytest.mark.exercise("cross_entropy_grad", points=0.25, hint="What cross_entropy refuses, its gradient refuses too.")
def test_cross_entropy_grad_refuses_what_is_no_batch(student, reference, rng):
    """Types, shapes and labels that cross_entropy refuses are refused here too, by the argument's name."""
    refuse(student, reference, "cross_entropy_grad", no_batch(rng))


# softmax_mse: 1.25 points


@pytest.mark.exercise(
    "softmax_mse", points=0.5, hint="Squares are summed over the classes, averaged over the examples."
)
def test_is_the_squared_distance_to_one_hot(student, reference, rng):
    """The loss is the mean over examples of Σ_i (ŷ_i − y'_i)², y' being the softmax of the logits."""
    for labels in (torch.tensor([2, 0, 3, 2, 2]), torch.tensor([1])):
        logits = rng.uniform(-1.5, 1.5, len(labels), 4, dtype=torch.float32)
        agree(
            student,
            reference,
            lambda m, logits=logits, labels=labels: m.softmax_mse(logits.clone(), labels.clone()),
            **ANY_DTYPE,
        )


@pytest.mark.exercise("softmax_mse", points=0.25, hint="Is the softmax inside safe, and still tied to the logits?")
def test_gradients_flow_through_softmax_mse(student, reference, rng):
    """Autograd gives the slope that the loss's own values have; with logits of ±10⁴ loss and gradients are finite."""
    logits, labels = rng.normal(3, 3), torch.tensor([2, 0, 2])
    agree(student, reference, lambda m: m.run(slopes, "softmax_mse", [labels], logits, 1.0))

    def finite(m, logits, labels):
        x = logits.clone().requires_grad_()
        loss = m.softmax_mse(x, labels)
        loss.backward()
        return bool(torch.isfinite(loss)) and bool(torch.isfinite(x.grad).all())

    large = torch.cat([rng.normal(3, 3) + torch.tensor([[1e4], [-1e4], [0.0]]), far_apart(rng, 3)])
    labels = torch.tensor([2, 0, 1, 2])
    for x in (large, large.float()):
        agree(student, reference, lambda m, x=x: m.run(finite, x, labels))


@pytest.mark.exercise("softmax_mse", points=0.25, hint="Make new tensors, and let dtype follow the logits.")
def test_softmax_mse_keeps_inputs_and_dtype(student, reference, rng):
    """Inputs are not changed, contiguous or not; float32 gives float32, float64 gives float64 to full precision."""
    logits, labels = rng.normal(4, 3).T, torch.tensor([1, 0, 3, 0, 0, 2])[::2]
    leaves_alone(student, reference, "softmax_mse", [logits, labels])
    agree(student, reference, lambda m: m.softmax_mse(logits, labels) / m.softmax_mse(logits.flip(0), labels))
    agree(student, reference, lambda m: m.run(dtypes, "softmax_mse", logits.float(), labels))


@pytest.mark.exercise("softmax_mse", points=0.25, hint="What cross_entropy refuses, this loss refuses too.")
def test_softmax_mse_refuses_what_is_no_batch(student, reference, rng):
    """Types, shapes and labels that cross_entropy refuses are refused here too, by the argument's name."""
    refuse(student, reference, "softmax_mse", no_batch(rng))


# softmax_mse_grad: 1.75 points


@pytest.mark.exercise(
    "softmax_mse_grad", points=0.75, hint="Chain rule: every output of softmax depends on every logit."
)
def test_is_the_gradient_of_softmax_mse(student, reference, rng):
    """The gradient is that of softmax_mse with respect to the logits, through all outputs of softmax, for a batch too."""
    for labels in (torch.tensor([2]), torch.tensor([1, 0, 3, 1, 1])):
        logits = rng.normal(len(labels), 4, dtype=torch.float32)
        agree(
            student,
            reference,
            lambda m, logits=logits, labels=labels: m.softmax_mse_grad(logits.clone(), labels.clone()),
            **ANY_DTYPE,
        )


@pytest.mark.exercise("softmax_mse_grad", points=0.25, hint="A flat place has a tiny gradient, not NaN and not zero.")
def test_softmax_mse_grad_is_right_where_it_is_tiny(student, reference, rng):
    """Far from the label the gradient is tiny and right (1.2e-8 at (−10, 10, −1000)); with logits of ±10⁴ it is finite."""
    far = torch.tensor([[-10.0, 10.0, -1000.0]], dtype=torch.float64) + rng.uniform(-1.0, 1.0, 1, 3)
    agree(student, reference, lambda m: m.softmax_mse_grad(far, torch.tensor([0])), **ANY_DTYPE)
    large = rng.normal(3, 5) + torch.tensor([[1e4], [-1e4], [0.0]])
    logits, labels = torch.cat([large, far_apart(rng, 5)]), torch.tensor([0, 1, 2, 0])
    for large in (logits, logits.float()):
        agree(student, reference, lambda m, large=large: bool(m.softmax_mse_grad(large, labels).isfinite().all()))


@pytest.mark.exercise("softmax_mse_grad", points=0.25, hint="No backward(): write down what the derivative is.")
def test_softmax_mse_grad_needs_no_autograd(student, reference, rng):
    """The gradient is the same under torch.no_grad() and torch.inference_mode(): it is a closed form."""
    logits, labels = rng.normal(3, 4), torch.tensor([3, 0, 1])
    agree(student, reference, lambda m: m.run(without_autograd, "softmax_mse_grad", logits, labels))


@pytest.mark.exercise("softmax_mse_grad", points=0.25, hint="Logits may require grad; make new tensors.")
def test_softmax_mse_grad_keeps_inputs_and_dtype(student, reference, rng):
    """Inputs are not changed, requires_grad or not; no .grad is left; float32 gives float32, float64 full precision."""
    logits, labels = rng.normal(4, 3).T, torch.tensor([1, 0, 3, 0, 0, 2])[::2]
    leaves_alone(student, reference, "softmax_mse_grad", [logits, labels])
    agree(student, reference, lambda m: in_units_of_itself(m.softmax_mse_grad(logits, labels)))
    agree(student, reference, lambda m: m.run(dtypes, "softmax_mse_grad", logits.float(), labels))


@pytest.mark.exercise("softmax_mse_grad", points=0.25, hint="What the loss refuses, its gradient refuses too.")
def test_softmax_mse_grad_refuses_what_is_no_batch(student, reference, rng):
    """Types, shapes and labels that the loss refuses are refused here too, by the argument's name."""
    refuse(student, reference, "softmax_mse_grad", no_batch(rng))


# loss_landscape: 1 point. The losses are lent, so that no other exercise is asked.


def uneven(logits, labels):
    """A loss that tells the three logits and the label apart, and takes one example only, as (1, 3) and (1,)."""
    if logits.shape != (1, 3) or labels.shape != (1,) or labels.dtype != torch.int64:
        raise ValueError("logits must be (1, 3) and labels (1,) of int64")
    first, second, third = logits[0]
    return first + 7 * first * second - second**2 + third / 10 + 50 * labels[0]


@pytest.mark.exercise("loss_landscape", points=0.5, hint="Row i belongs to y1[i], column j to y2[j].")
def test_rows_are_y1_and_columns_y2(student, reference, rng):
    """Entry (i, j) is the loss of the one example (y1_i, y2_j, y3) with label 0."""
    y1, y2 = rng.normal(3, dtype=torch.float32), rng.normal(4, dtype=torch.float32)
    agree(student, reference, lambda m: m.loss_landscape(uneven, y1.clone(), y2.clone(), y3=-3.0), **ANY_DTYPE)


@pytest.mark.exercise("loss_landscape", points=0.25, hint="y3 is an argument, and has a default.")
def test_y3_is_minus_1000_unless_given(student, reference, rng):
    """The third logit is y3: −1000 where it is not given, else the value given, 0 included."""

    def third(logits, labels):
        return logits[0, 2] + 0.0

    y1, y2 = rng.normal(2, dtype=torch.float32), rng.normal(2, dtype=torch.float32)
    for given in ([], [0.0], [2.5]):
        agree(student, reference, lambda m, given=given: m.loss_landscape(third, y1, y2, *given), **ANY_DTYPE)


@pytest.mark.exercise("loss_landscape", points=0.25, hint="Of which dtype are the logits that you make?")
def test_loss_landscape_keeps_inputs_and_dtype(student, reference, rng):
    """y1 and y2 are not changed, contiguous or not; float32 gives float32, float64 gives float64 to full precision."""

    def smooth(logits, labels):
        return logits.sin().sum()

    y1, y2 = rng.normal(6)[::2], rng.normal(4)

    def left(m, loss, y1, y2):
        first, second, generator = y1.clone(), y2.clone(), torch.get_rng_state()
        answers = isinstance(m.loss_landscape(loss, first, second), torch.Tensor)
        untouched = torch.equal(generator, torch.get_rng_state())
        return [answers, untouched, first, second, first.requires_grad, second.requires_grad]

    agree(student, reference, lambda m: m.run(left, smooth, y1, y2))
    agree(student, reference, lambda m: m.loss_landscape(smooth, y1, y2, 0.5))
    agree(student, reference, lambda m: str(m.loss_landscape(smooth, y1.float(), y2.float(), 0.5).dtype))
