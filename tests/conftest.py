"""Settings that all tests share: reproducible property tests, and one thread a process."""

import os

from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")
settings.register_profile("book", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("book")
