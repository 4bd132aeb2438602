"""The test suite; ``tests/x/test_y.py`` tests ``seglab/x/y.py``."""

import os

# Before torch is imported, and for the processes that tests start: on tensors this small
# threads only get in each other's way.
os.environ["OMP_NUM_THREADS"] = "1"
