"""Tests run in plain Python whether the kernel has been built here or not; those of the kernel build it anew."""

from __future__ import annotations

import os

from sim.kernel.library import SWITCH

os.environ[SWITCH] = "off"
