"""Exact piecewise linear objects that several chapters share."""

from pathlib import Path

from mathdl.core.kernels import forget_stale

forget_stale(Path(__file__).parent)
