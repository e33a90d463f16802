//! Whether a GPU computes what it should: some drivers do not, and say nothing.

use crate::gpu::GpuExecutor;
use crate::rng::{Purpose, Stream};
use crate::{CpuExecutor, Error, Result};

/// Largest distance between the two results, relative to their size. Far above rounding, far below any error.
const TOLERANCE: f64 = 1e-2;

/// A net that moves its output by more than a quarter of the tolerance when its input moves by about its rounding is not
/// compared: two executors that are both right may then differ as much (spec §9.3, an untrained net at full depth).
const CALM: f64 = TOLERANCE / 4.0;
/// By how much, relative, the input is moved to find that out.
const NUDGE: f32 = 2.5e-7;

/// Euclidean distance of `a` from `b`, relative to the size of `b`.
fn distance(a: &[f32], b: &[f32]) -> f64 {
    let square = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>();
    let difference = square(&mut a.iter().zip(b).map(|(&a, &b)| f64::from(a) - f64::from(b)));
    let size = square(&mut b.iter().map(|&b| f64::from(b)));
    (difference / size.max(1.0)).sqrt()
}

/// Runs an image of noise both ways on both executors.
///
/// # Errors
/// [`Error::Gpu`] when the results differ, or the GPU fails.
pub(crate) async fn agrees(gpu: &mut GpuExecutor, cpu: &CpuExecutor<f32>) -> Result<()> {
    let mut stream = Stream::new(0, Purpose::SelfCheck, 0);
    let x: Vec<f32> = (0..cpu.spec().dims()).map(|_| stream.range(-1.0, 1.0) as f32).collect();
    let (on_cpu, on_gpu) = (cpu.encode(&x)?, gpu.encode(&x).await?);
    let nudged: Vec<f32> =
        x.iter().zip([NUDGE, -NUDGE].iter().cycle()).map(|(x, nudge)| x * (1.0 + nudge)).collect();
    let nudged = cpu.encode(&nudged)?;
    let calm = |a: &[f32], b: &[f32]| distance(a, b) < CALM;
    if !(calm(&nudged.z, &on_cpu.z) && calm(&nudged.log_det, &on_cpu.log_det)) {
        return Ok(());
    }
    let same = |what: &str, a: &[f32], b: &[f32]| match distance(a, b) {
        // Not finite numbers fail the comparison, too.
        distance if distance < TOLERANCE => Ok(()),
        distance => {
            Err(Error::Gpu(format!("its {what} are off by {distance:.1e}, so the driver computes wrongly")))
        }
    };
    same("latents", &on_gpu.z, &on_cpu.z)?;
    same("log-dets", &on_gpu.log_det, &on_cpu.log_det)?;
    let back = cpu.decode(&on_cpu.z)?;
    let decoded = gpu.decode(&on_cpu.z).await?;
    // The way back may lose more than the way there.
    if distance(&back, &x) < TOLERANCE { same("images", &decoded, &back) } else { Ok(()) }
}
