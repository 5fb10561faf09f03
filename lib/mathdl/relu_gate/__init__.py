"""Chapter 3. Provable training of one ReLU gate: three algorithms, three theorems, and where their constants break."""
from pathlib import Path

from mathdl.core.kernels import forget_stale

forget_stale(Path(__file__).parent)
