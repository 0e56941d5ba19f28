"""A fast stand-in for the model: one Gaussian process a target, fitted to the runs made so far (scikit-learn).

Each process sees points in the unit cube and the means over replications, with the variance of luck as known noise.
Its own uncertainty enters the implausibility, so that a region is ruled out only where the emulator is sure.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.gaussian_process import GaussianProcessRegressor

Floats = NDArray[np.float64]
LEAST_RUNS: Final = 12  # fewer points than this teach an emulator nothing
TUNED_ON: Final = 256  # points that length scales are fitted to: the work grows with their cube
CHUNK: Final = 4096  # points predicted at once: keeps memory flat


@dataclass(frozen=True, slots=True)
class Emulator:
    """The stand-in for one number.

    Attributes:
        centre, scale: of the values it was fitted to.
        held_out_share: share of held-out points whose value lay within three standard deviations; NaN if not checked.
        explained_share: share of the held-out variance that it explains; NaN if not checked.
        process: None where the runs did not vary; the value is then ``centre`` everywhere.
    """

    process: GaussianProcessRegressor | None
    centre: float
    scale: float
    held_out_share: float
    explained_share: float

    def predict(self, unit: Floats) -> tuple[Floats, Floats]:
        """Mean and variance at points of the unit cube, each of shape (points,)."""
        if self.process is None:
            return np.full(len(unit), self.centre), np.zeros(len(unit))
        means, sds = [], []
        for first in range(0, len(unit), CHUNK):
            mean, sd = self.process.predict(unit[first : first + CHUNK], return_std=True)
            means.append(mean)
            sds.append(sd)
        mean, sd = np.concatenate(means), np.concatenate(sds)
        return self.centre + self.scale * mean, (self.scale * sd) ** 2


def main_effects(emulator: Emulator, axes: int, *, seed: int, points: int = 4096, bins: int = 16) -> Floats:
    """The share of the emulated variance over the cube that each axis explains by itself, shape (axes,).

    First-order sensitivity from one sample: the variance of the means within equal slices of an axis, less what
    chance alone would leave between slices.
    """
    unit = np.random.default_rng(seed).random((points, axes))
    value, _ = emulator.predict(unit)
    total = float(value.var())
    if total <= 0.0:
        return np.zeros(axes)
    found = np.empty(axes)
    for j in range(axes):
        slices = np.minimum((unit[:, j] * bins).astype(int), bins - 1)
        counts = np.bincount(slices, minlength=bins)
        means = np.bincount(slices, weights=value, minlength=bins) / np.maximum(counts, 1)
        between = float((counts * (means - value.mean()) ** 2).sum() / points)
        found[j] = max(0.0, (between - (bins - 1) / points * total) / total)
    return found


def fit(unit: Floats, means: Floats, luck_variance: Floats, *, seed: int) -> Emulator:
    """Fit an emulator. A tenth of the points is held out to try it on, then taken in.

    Args:
        unit: shape (points, axes), in the unit cube.
        means: simulated means, shape (points,); points without a number are left out.
        luck_variance: variance of those means from luck, shape (points,).
        seed: of the choice of held-out points.
    """
    known = np.isfinite(means)
    unit, means, luck = unit[known], means[known], np.where(np.isfinite(luck_variance), luck_variance, 0.0)[known]
    centre = float(means.mean()) if len(means) else float("nan")
    scale = float(means.std()) if len(means) else 0.0
    if len(means) < LEAST_RUNS or scale <= 1e-12 * max(1.0, abs(centre)):
        return Emulator(None, centre, 1.0, float("nan"), float("nan"))
    noise = luck / scale**2 + 1e-6
    standard = (means - centre) / scale
    order = np.random.default_rng(seed).permutation(len(means))
    held = len(means) // 10 if len(means) >= 3 * LEAST_RUNS else 0
    out, kept = order[:held], order[held:]
    kernel = _tuned(unit[kept[:TUNED_ON]], standard[kept[:TUNED_ON]], noise[kept[:TUNED_ON]])
    held_share = explained = float("nan")
    if held:
        mean, sd = _process(kernel, unit[kept], standard[kept], noise[kept]).predict(unit[out], return_std=True)
        error = standard[out] - mean
        held_share = float((np.abs(error) <= 3 * np.sqrt(sd**2 + noise[out])).mean())
        around = standard[out] - standard[kept].mean()
        explained = float(1 - (error**2).sum() / max((around**2).sum(), 1e-12))
    return Emulator(_process(kernel, unit, standard, noise), centre, scale, held_share, explained)


def _tuned(unit: Floats, standard: Floats, noise: Floats) -> Any:
    """The kernel with its length scales fitted: an axis that does not matter gets a long one."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

    kernel: Any = (
        ConstantKernel(0.5, (1e-3, 10)) * RBF(np.full(unit.shape[1], 2.0), (0.3, 50.0))
        + ConstantKernel(0.5, (1e-3, 10)) * DotProduct(1.0, (1e-2, 10.0))
        + WhiteKernel(0.05, (1e-6, 1.0))
    )
    process = GaussianProcessRegressor(kernel, alpha=noise, n_restarts_optimizer=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a bound that is met is a parameter that does not matter
        process.fit(unit, standard)
    return process.kernel_


def _process(kernel: Any, unit: Floats, standard: Floats, noise: Floats) -> GaussianProcessRegressor:
    """The process of a tuned kernel given all points."""
    from sklearn.gaussian_process import GaussianProcessRegressor

    return GaussianProcessRegressor(kernel, alpha=noise, optimizer=None).fit(unit, standard)
