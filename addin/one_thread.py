"""Importing this before numpy has the commands compute on one thread.

Their matrices are small: more threads take longer to start than they save, and the last digits
of a sum depend on how many there are.
"""

from __future__ import annotations

import os

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")
