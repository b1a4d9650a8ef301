"""Inputs of a check, drawn from a seed: the same for the student, the reference and a replay years later."""

from collections.abc import Sequence
from typing import Any, TypeVar

import torch

T = TypeVar("T")


class Inputs:
    """A seeded source of tensors and numbers. Draws depend on the seed and on the order of the calls, on nothing else."""

    def __init__(self, seed: int) -> None:
        self._generator = torch.Generator().manual_seed(seed)

    def normal(
        self, *shape: int, dtype: torch.dtype = torch.float64, mean: float = 0.0, std: float = 1.0
    ) -> torch.Tensor:
        """Normal numbers of this shape."""
        drawn = torch.randn(shape, dtype=torch.float64, generator=self._generator)
        if (mean, std) != (0.0, 1.0):
            drawn = mean + std * drawn
        return drawn.to(dtype)

    def uniform(self, low: float, high: float, *shape: int, dtype: torch.dtype = torch.float64) -> Any:
        """Uniform numbers of this shape; a Python float where no shape is given."""
        drawn = low + (high - low) * torch.rand(shape, dtype=torch.float64, generator=self._generator)
        return drawn.to(dtype) if shape else float(drawn)

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return int(torch.randint(low, high + 1, (), generator=self._generator))

    def choice(self, sequence: Sequence[T]) -> T:
        """One item of a sequence."""
        return sequence[self.integer(0, len(sequence) - 1)]

    def permutation(self, n: int) -> torch.Tensor:
        """0 to n − 1 in random order (int64)."""
        return torch.randperm(n, generator=self._generator)

    def labels(self, n: int, classes: int) -> torch.Tensor:
        """n class numbers (int64)."""
        return torch.randint(0, classes, (n,), generator=self._generator)

    def generator(self) -> torch.Generator:
        """A fresh generator, seeded from this source."""
        return torch.Generator().manual_seed(self.integer(0, 2**31 - 1))
