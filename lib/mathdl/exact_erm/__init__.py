"""Chapter 2. Exact ERM: training a net with one hidden layer to certified global optimality."""

from pathlib import Path

from mathdl.core.kernels import forget_stale

forget_stale(Path(__file__).parent)
