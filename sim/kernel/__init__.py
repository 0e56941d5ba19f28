"""The optional compiled kernel: the innermost loops of the model in C, bit for bit the same as the plain ones.

It is built once, by ``probsim kernel build``, with the system's C compiler, into the user's cache folder; no Python
headers and no package are needed. A run uses it when it is there and the model's C source has not changed since;
``PROBSIM_KERNEL=off`` does without it. Nothing here knows the model: arrays in, arrays out.
"""

from __future__ import annotations

from sim.kernel.functions import Kernel, KernelError
from sim.kernel.library import find

__all__ = ["Kernel", "KernelError", "find"]
