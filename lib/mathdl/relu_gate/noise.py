"""Noise for Algorithm 3: laws that know their moments, tails and truncation, and which hypotheses they break."""

from mathdl.relu_gate.continuous_noise import BallNoise, GaussianNoise, SphereNoise
from mathdl.relu_gate.finite_noise import FiniteNoise, NoNoise
from mathdl.relu_gate.noise_law import NoiseLaw

__all__ = ["BallNoise", "FiniteNoise", "GaussianNoise", "NoNoise", "NoiseLaw", "SphereNoise"]
