//! The GPU executor: the shaders of `ibinn-shaders` on wgpu, native or in a browser.
//!
//! A call is one encoder, one compute pass and one submit for each batch of images. Bind groups and buffers are made
//! once for each size of batch; weights stay in memory, so that a lost device can be replaced. Where an adapter may be fastest
//! in several ways, they are timed when a batch of a size is made for the first time, which takes milliseconds.

use super::adapter::Adapter;
use super::arrangement::{Arrangement, Place, Timed};
use super::batch::{Batch, Constants, Way, largest_capacity};
use super::device::{self, Device, Pipelines};
use super::plan::Plan;
use super::program::Program;
use super::tuning::Tuning;
use crate::{Encoded, Error, Model, Result};

/// Images that batches are made for: one or a few at a time while somebody plays, many when a data set is evaluated.
const CAPACITIES: [usize; 4] = [1, 8, 64, 256];

/// Whether the GPU executor can run such a model at all.
pub(crate) fn gpu_runs(model: &Model) -> Result<()> {
    let family = model.spec().family();
    if family.is_flow() {
        return Ok(());
    }
    Err(Error::Input(format!("a model of the kind {} runs on the CPU only", family.title())))
}

/// Runs a model on the GPU.
pub struct GpuExecutor {
    program: Program,
    asked: Asked,
    state: State,
    rebuilt: Option<String>,
    replacements: usize,
}

/// What a caller asks for; the machine decides on the rest.
#[derive(Clone, Copy, Default)]
struct Asked {
    /// The adapter's place among the machine's.
    place: Option<usize>,
    /// The kind of adapter that it is taken for.
    tuning: Option<Tuning>,
    /// Whether the first way is taken, and nothing is timed.
    unmeasured: bool,
}

/// What lives on the device.
struct State {
    device: Device,
    tuning: Tuning,
    unmeasured: bool,
    timed: [Vec<Timed>; CAPACITIES.len()],
    pipelines: Pipelines,
    constants: Constants,
    batches: [Option<Batch>; CAPACITIES.len()],
    largest: usize,
}

impl State {
    async fn new(program: &Program, asked: Asked) -> Result<Self> {
        let device = Device::request(asked.place).await?;
        let constants = Constants::new(&device, program)?;
        let largest = largest_capacity(&device, program)?;
        device.check()?;
        let (pipelines, batches, timed) = Default::default();
        let tuning = asked.tuning.unwrap_or(device.tuning);
        let unmeasured = asked.unmeasured;
        Ok(Self { device, tuning, unmeasured, timed, pipelines, constants, batches, largest })
    }

    /// A batch for `capacity` images, the size at `index`, arranged as is fastest.
    async fn prepare(&mut self, program: &Program, index: usize, capacity: usize) -> Result<Batch> {
        let candidates = Arrangement::candidates(self.tuning, capacity);
        let place = Place::new(&self.device.adapter, program, self.tuning, capacity);
        let known = if self.unmeasured { Some(candidates[0]) } else { place.remembered() };
        if let (Some(arrangement), _) | (None, &[arrangement]) = (known, candidates.as_slice()) {
            return Ok(self.batch(program, arrangement, capacity));
        }
        // If the device does not live through this, the one that replaces it is not asked again.
        place.remember(candidates[0]);
        let mut fastest: Option<(Timed, Batch)> = None;
        let mut all = Vec::new();
        for arrangement in candidates {
            let batch = self.batch(program, arrangement, capacity);
            let timed = Timed { arrangement, time: batch.time(&self.device, capacity).await? };
            all.push(timed);
            if fastest.as_ref().is_none_or(|(other, _)| timed.time < other.time) {
                fastest = Some((timed, batch));
            }
        }
        self.timed[index] = all;
        let Some((timed, batch)) = fastest else { unreachable!("there is a candidate for every adapter") };
        place.remember(timed.arrangement);
        Ok(batch)
    }

    fn batch(&mut self, program: &Program, arrangement: Arrangement, capacity: usize) -> Batch {
        let plan = Plan::new(program, arrangement, capacity);
        Batch::new(&self.device, &mut self.pipelines, program, &self.constants, &plan, capacity)
    }

    /// Runs the first images of `input` on the smallest batch that holds them all, or the largest that there is; returns
    /// the result and their number.
    async fn run(
        &mut self,
        program: &Program,
        way: Way,
        input: &[f32],
        row: usize,
    ) -> Result<(Vec<f32>, usize)> {
        let images = input.len() / row;
        let fits = |&capacity: &usize| capacity >= images.min(self.largest);
        let index = CAPACITIES.iter().position(fits).unwrap_or(CAPACITIES.len() - 1);
        let capacity = CAPACITIES[index].min(self.largest);
        // A call that fails or is given up leaves no batch behind: its buffers may not be what they should.
        let batch = match self.batches[index].take() {
            Some(batch) => batch,
            None => self.prepare(program, index, capacity).await?,
        };
        self.device.check()?;
        let images = images.min(capacity);
        let values = batch.run(&self.device, program, way, &input[..images * row]).await?;
        self.batches[index] = Some(batch);
        Ok((values, images))
    }
}

/// What the best adapter of this machine is.
///
/// # Errors
/// [`Error::NoGpu`] when there is none.
pub async fn find_adapter() -> Result<Adapter> {
    device::find_adapter().await
}

impl GpuExecutor {
    /// Packs the weights of `model` and moves them to the best adapter.
    ///
    /// # Errors
    /// [`Error::Input`] when the model's network is no flow, [`Error::NoGpu`] when there is no adapter or the model is too
    /// large for it, [`Error::Gpu`] when it refuses a shader or a buffer.
    pub async fn new(model: &Model) -> Result<Self> {
        Self::asked(model, Asked::default()).await
    }

    /// The same on the adapter at `place` among the machine's, or the best one.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub async fn new_at(model: &Model, place: Option<usize>) -> Result<Self> {
        Self::asked(model, Asked { place, ..Asked::default() }).await
    }

    /// The same, arranged for another kind of adapter than the one that is there, by reasoning or by timing its ways here: for
    /// tests and benchmarks.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub async fn new_as_if_on(model: &Model, tuning: Tuning, measured: bool) -> Result<Self> {
        Self::asked(model, Asked { place: None, tuning: Some(tuning), unmeasured: !measured }).await
    }

    async fn asked(model: &Model, asked: Asked) -> Result<Self> {
        gpu_runs(model)?;
        let program = Program::new(model);
        let state = State::new(&program, asked).await?;
        Ok(Self { program, asked, state, rebuilt: None, replacements: 0 })
    }

    /// What runs the model.
    pub fn adapter(&self) -> &Adapter {
        &self.state.device.adapter
    }

    /// Why the device was lost, when it was and another has taken its place.
    pub fn rebuilt(&self) -> Option<&str> {
        self.rebuilt.as_deref()
    }

    /// How often the device was lost and another has taken its place.
    pub(crate) fn replacements(&self) -> usize {
        self.replacements
    }

    /// Destroys the device, as a driver's crash would: for tests of the recovery.
    pub fn lose_device(&self) {
        self.state.device.device.destroy();
    }

    /// Dispatches that a call with `images` images takes where nothing is timed, up to the largest batch: encoding, decoding.
    pub fn dispatches(&self, images: usize) -> [usize; 2] {
        let arrangement = Arrangement::candidates(self.state.tuning, images)[0];
        let plan = Plan::new(&self.program, arrangement, images);
        [plan.encode.len(), plan.decode.len()]
    }

    /// What this executor has timed, by the size of batches; nothing of sizes that were not asked for, have one way only, or
    /// were timed for the same steps on the same adapter before.
    pub fn timed(&self) -> impl Iterator<Item = (usize, &[Timed])> {
        let sizes = CAPACITIES.iter().map(|&capacity| capacity.min(self.state.largest));
        sizes
            .zip(&self.state.timed)
            .map(|(size, timed)| (size, timed.as_slice()))
            .filter(|(_, timed)| !timed.is_empty())
    }

    /// See [`crate::CpuExecutor::encode`].
    ///
    /// # Errors
    /// [`Error::Input`] when the length is not a multiple of D; [`Error::Gpu`] when the device fails,
    /// [`Error::DeviceLost`] when it is lost and cannot be replaced.
    pub async fn encode(&mut self, x: &[f32]) -> Result<Encoded> {
        let dims = self.program.dims;
        let mut encoded = Encoded { z: Vec::with_capacity(x.len()), log_det: Vec::new() };
        crate::cpu::check_length(x.len(), dims)?;
        let mut rest = x;
        while !rest.is_empty() {
            let (values, images) = self.run(Way::Encode, rest, dims).await?;
            let (latents, log_dets) = values.split_at(values.len() - images);
            self.program.unpad_latents(latents, &mut encoded.z);
            let constant = self.program.constant_log_det;
            encoded.log_det.extend(log_dets.iter().map(|&sum| (f64::from(sum) + constant) as f32));
            rest = &rest[images * dims..];
        }
        Ok(encoded)
    }

    /// See [`crate::CpuExecutor::decode`].
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub async fn decode(&mut self, z: &[f32]) -> Result<Vec<f32>> {
        crate::cpu::check_length(z.len(), self.program.dims)?;
        let padded = self.program.pad_latents(z);
        let row = padded.len() / (z.len() / self.program.dims).max(1);
        let mut x = Vec::with_capacity(z.len());
        let mut rest = padded.as_slice();
        while !rest.is_empty() {
            let (values, images) = self.run(Way::Decode, rest, row).await?;
            x.extend(values);
            rest = &rest[images * row..];
        }
        Ok(x)
    }

    /// Runs as many images of `input` as fit into a batch; returns the result and their number. A lost device is replaced
    /// once, and the batch run again.
    async fn run(&mut self, way: Way, input: &[f32], row: usize) -> Result<(Vec<f32>, usize)> {
        let mut attempt = self.state.run(&self.program, way, input, row).await;
        if let Err(Error::DeviceLost(why)) = attempt {
            self.state = State::new(&self.program, self.asked)
                .await
                .map_err(|e| Error::DeviceLost(format!("{why}, and cannot be replaced: {e}")))?;
            self.rebuilt = Some(why);
            self.replacements += 1;
            attempt = self.state.run(&self.program, way, input, row).await;
        }
        attempt
    }
}
