//! The loops of [`norm`](super::norm): over maps row by row, each number with those of its position in a row.

use crate::Real;
use crate::cpu::kernel::Loops;

/// sums += Σ rows.
pub(super) struct Sum<'a, F> {
    pub map: &'a [F],
    pub sums: &'a mut [F],
}

impl<F: Real> Loops for Sum<'_, F> {
    #[inline(always)]
    fn run(self) {
        for row in self.map.chunks_exact(self.sums.len()) {
            self.sums.iter_mut().zip(row).for_each(|(sum, v)| *sum += *v);
        }
    }
}

/// sums += Σ (rows − centre)².
pub(super) struct Deviations<'a, F> {
    pub map: &'a [F],
    pub centre: &'a [F],
    pub sums: &'a mut [F],
}

impl<F: Real> Loops for Deviations<'_, F> {
    #[inline(always)]
    fn run(self) {
        for row in self.map.chunks_exact(self.sums.len()) {
            for ((sum, v), centre) in self.sums.iter_mut().zip(row).zip(self.centre) {
                let apart = *v - *centre;
                *sum += apart * apart;
            }
        }
    }
}

/// out = max(map·scale + shift, 0)·mask, its rows `step` numbers apart; without a mask where that is empty.
pub(super) struct Activate<'a, F> {
    pub map: &'a [F],
    pub scale: &'a [F],
    pub shift: &'a [F],
    pub mask: &'a [F],
    pub step: usize,
    pub out: &'a mut [F],
}

impl<F: Real> Loops for Activate<'_, F> {
    #[inline(always)]
    fn run(self) {
        let Self { map, scale, shift, mask, step, out } = self;
        for (row, out) in map.chunks_exact(scale.len()).zip(out.chunks_mut(step)) {
            for (((to, v), scale), shift) in out.iter_mut().zip(row).zip(scale).zip(shift) {
                *to = (*v * *scale + *shift).relu();
            }
            out.iter_mut().zip(mask).for_each(|(value, factor)| *value = *value * *factor);
        }
    }
}

/// dz = dz·mask where map·scale + shift is positive, else 0; beta += Σ dz; gamma += Σ dz·(map − centre).
pub(super) struct Rectify<'a, F> {
    pub map: &'a [F],
    pub scale: &'a [F],
    pub shift: &'a [F],
    pub centre: &'a [F],
    pub mask: &'a [F],
    pub dz: &'a mut [F],
    pub beta: &'a mut [F],
    pub gamma: &'a mut [F],
}

impl<F: Real> Loops for Rectify<'_, F> {
    #[inline(always)]
    fn run(self) {
        let Self { map, scale, shift, centre, mask, dz, beta, gamma } = self;
        let row = scale.len();
        let (shift, centre, mask) = (&shift[..row], &centre[..row], &mask[..row]);
        let (beta, gamma) = (&mut beta[..row], &mut gamma[..row]);
        for (map, dz) in map.chunks_exact(row).zip(dz.chunks_exact_mut(row)) {
            for i in 0..row {
                let passes = map[i] * scale[i] + shift[i] > F::default();
                let d = if passes { dz[i] * mask[i] } else { F::default() };
                dz[i] = d;
                beta[i] += d;
                gamma[i] += d * (map[i] - centre[i]);
            }
        }
    }
}

/// out = scale·(dz − beta) − slope·(map − centre), its rows `step` numbers apart.
pub(super) struct Backward<'a, F> {
    pub map: &'a [F],
    pub dz: &'a [F],
    pub scale: &'a [F],
    pub centre: &'a [F],
    pub beta: &'a [F],
    pub slope: &'a [F],
    pub step: usize,
    pub out: &'a mut [F],
}

impl<F: Real> Loops for Backward<'_, F> {
    #[inline(always)]
    fn run(self) {
        let Self { map, dz, scale, centre, beta, slope, step, out } = self;
        let row = scale.len();
        let (centre, beta, slope) = (&centre[..row], &beta[..row], &slope[..row]);
        let rows = map.chunks_exact(row).zip(dz.chunks_exact(row));
        for ((map, dz), out) in rows.zip(out.chunks_mut(step)) {
            let out = &mut out[..row];
            for i in 0..row {
                out[i] = scale[i] * (dz[i] - beta[i]) - slope[i] * (map[i] - centre[i]);
            }
        }
    }
}
