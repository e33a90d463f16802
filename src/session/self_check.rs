//! Whether a GPU computes what it should: some drivers do not, and say nothing.

use crate::gpu::GpuExecutor;
use crate::math::random::{Purpose, Stream};
use crate::{CpuExecutor, Encoded, Error, Model, Result};

/// Largest distance between the two results, relative to their size. Far above rounding, far below any error.
const TOLERANCE: f64 = 1e-2;

/// A net that moves its output by more than a quarter of the tolerance when its input moves by about its rounding is not
/// compared: two executors that are both right may then differ as much (an untrained net at full depth, method §2.7).
const WELL_CONDITIONED: f64 = TOLERANCE / 4.0;
/// By how much, relative, the input is moved to find that out.
const NUDGE: f32 = 2.5e-7;

/// Euclidean distance of `a` from `b`, relative to the size of `b`.
fn distance(a: &[f32], b: &[f32]) -> f64 {
    let square = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>();
    let difference = square(&mut a.iter().zip(b).map(|(&a, &b)| f64::from(a) - f64::from(b)));
    let size = square(&mut b.iter().map(|&b| f64::from(b)));
    (difference / size.max(1.0)).sqrt()
}

/// What the CPU makes of an image of noise.
struct Reference {
    x: Vec<f32>,
    encoded: Encoded,
    decoded: Vec<f32>,
}

impl Reference {
    /// Runs the image both ways; none for a net that is not well conditioned.
    fn new(cpu: &CpuExecutor<f32>) -> Result<Option<Self>> {
        let mut stream = Stream::new(0, Purpose::SelfCheck, 0);
        let x: Vec<f32> = (0..cpu.spec().dims()).map(|_| stream.range(-1.0, 1.0) as f32).collect();
        let encoded = cpu.encode(&x)?;
        let nudged: Vec<f32> =
            x.iter().zip([NUDGE, -NUDGE].iter().cycle()).map(|(x, nudge)| x * (1.0 + nudge)).collect();
        let nudged = cpu.encode(&nudged)?;
        let close = |a: &[f32], b: &[f32]| distance(a, b) < WELL_CONDITIONED;
        if !(close(&nudged.z, &encoded.z) && close(&nudged.log_det, &encoded.log_det)) {
            return Ok(None);
        }
        let decoded = cpu.decode(&encoded.z)?;
        Ok(Some(Self { x, encoded, decoded }))
    }

    async fn agrees(&self, gpu: &mut GpuExecutor) -> Result<()> {
        let same = |what: &str, a: &[f32], b: &[f32]| match distance(a, b) {
            // Not finite numbers fail the comparison, too.
            distance if distance < TOLERANCE => Ok(()),
            distance => Err(Error::Gpu(format!(
                "its {what} are off by {distance:.1e}, so the driver computes wrongly"
            ))),
        };
        let on_gpu = gpu.encode(&self.x).await?;
        same("latents", &on_gpu.z, &self.encoded.z)?;
        same("log-dets", &on_gpu.log_det, &self.encoded.log_det)?;
        let decoded = gpu.decode(&self.encoded.z).await?;
        // The way back may lose more than the way there.
        if distance(&self.decoded, &self.x) < TOLERANCE {
            same("images", &decoded, &self.decoded)?;
        }
        Ok(())
    }
}

/// A GPU executor that agrees with the CPU on an image, and again after its device was replaced.
pub(crate) struct CheckedGpu {
    gpu: GpuExecutor,
    known: Option<Reference>,
    /// Whether a software adapter is welcome.
    software: bool,
    /// Which device has been checked: how many came before it.
    checked: Option<usize>,
}

impl CheckedGpu {
    /// Prepares `model`, and compares.
    ///
    /// # Errors
    /// As [`GpuExecutor::new_at`]; [`Error::Gpu`] when the results differ.
    pub(crate) async fn new(
        model: &Model,
        cpu: &CpuExecutor<f32>,
        place: Option<usize>,
        software: bool,
    ) -> Result<Self> {
        let gpu = GpuExecutor::new_at(model, place).await?;
        let mut new = Self { gpu, known: Reference::new(cpu)?, software, checked: None };
        new.check().await?;
        Ok(new)
    }

    pub(crate) fn gpu(&self) -> &GpuExecutor {
        &self.gpu
    }

    pub(crate) async fn encode(&mut self, x: &[f32]) -> Result<Encoded> {
        let encoded = self.gpu.encode(x).await?;
        self.check().await?;
        Ok(encoded)
    }

    pub(crate) async fn decode(&mut self, z: &[f32]) -> Result<Vec<f32>> {
        let x = self.gpu.decode(z).await?;
        self.check().await?;
        Ok(x)
    }

    /// Checks a device that has not been, as one that has taken the place of a lost one: it need not be of the same adapter.
    async fn check(&mut self) -> Result<()> {
        while self.checked != Some(self.gpu.replacements()) {
            if self.gpu.adapter().software && !self.software {
                let why = self.gpu.rebuilt().unwrap_or_default();
                return Err(Error::DeviceLost(format!("{why}, and only a software adapter is left")));
            }
            let replacements = self.gpu.replacements();
            if let Some(known) = &self.known {
                known.agrees(&mut self.gpu).await?;
            }
            self.checked = Some(replacements);
        }
        Ok(())
    }
}
