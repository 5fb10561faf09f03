"""What every exact method returns: a net, its value, and a lower bound on the value of every net."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mathdl.exact_erm.problem import ERMProblem
from mathdl.nets.relu_net import ReLUNet


@dataclass(frozen=True, eq=False)
class ERMResult:
    """The best net found, with the proof that no net of this width is below `lower`.

    `theta` (width, n_inputs + 1) holds the gates (a_i, b_i), `signs` (width,) the top weights, `value` the weighted sum
    of losses of this net, `n_subproblems` how many convex subproblems the method had to deal with, `n_solved` how many
    of them a solver really saw.
    """

    problem: ERMProblem
    theta: NDArray[np.float64]
    signs: NDArray[np.float64]
    bias: float
    value: float
    lower: float
    method: str
    status: Literal["optimal", "stopped"] = "optimal"
    n_subproblems: int = 0
    n_solved: int = 0
    seconds: float = 0.0
    proof: Any = field(default=None, repr=False)

    @property
    def net(self) -> ReLUNet:
        """The best net as a `ReLUNet`."""
        return self.problem.net(self.theta, self.signs, self.bias)

    @property
    def gap(self) -> float:
        """How far the value can be from the optimum."""
        return self.value - self.lower

    @property
    def patterns(self) -> NDArray[np.bool_]:
        """Which samples each gate is active on, shape (width, n_samples)."""
        return self.theta @ self.problem.lifted.T > 0

    def __repr__(self) -> str:
        return (f"{self.method}: value {self.value:.10g}, lower bound {self.lower:.10g}, {self.status}; "
                f"{self.n_solved:,} of {self.n_subproblems:,} subproblems solved")
