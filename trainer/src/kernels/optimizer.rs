//! The step of the optimiser on flat buffers (method §1.4).

use ibinn::spec::tensors::Role;
use ibinn::training::{Layout, Sgd};
use ibinn_shaders as shaders;
use ibinn_shaders::constants::{TRAINED_MEANS, TRAINED_NETWORK, TRAINED_STATISTIC};
use ibinn_shaders::layouts::TrainedStep;

use super::gpu::{Buffer, Gpu};

/// Workgroups that share the numbers.
const GROUPS: usize = 64;

/// What every number is.
pub(super) struct Optimizer {
    count: usize,
    roles: Buffer,
    size: Buffer,
}

impl Optimizer {
    /// Of a network with this layout.
    pub fn new(gpu: &Gpu, layout: &Layout) -> Self {
        let role = |role| match role {
            Role::Network => TRAINED_NETWORK,
            Role::Means => TRAINED_MEANS,
            Role::Statistic => TRAINED_STATISTIC,
            // Mixtures with weights are not trained on a GPU.
            Role::Fixed | Role::Weights => 0,
        };
        let roles: Vec<u32> =
            layout.tensors().flat_map(|(info, range)| range.map(move |_| role(info.role()))).collect();
        let size = TrainedStep { count: layout.len() as u32, ..TrainedStep::default() };
        Self { count: layout.len(), roles: gpu.words(&roles), size: gpu.words(&size.words()) }
    }

    /// Parts of the squared norm of the gradient, for [`norm`](Self::norm); so many that [`PARTS`](Self::PARTS) says.
    pub fn squares(&self, gpu: &Gpu, gradient: &Buffer) -> Buffer {
        let parts = gpu.empty(Self::PARTS);
        gpu.launch_groups(&shaders::TRAIN_SQUARES, GROUPS, &[&self.size, &self.roles, gradient, &parts]);
        parts
    }

    /// Parts of the squared norm.
    pub const PARTS: usize = 2 * GROUPS;

    /// The global norm of the gradient of which these are the parts.
    pub fn norm(sgd: &Sgd, parts: &[f32]) -> f64 {
        let [network, means] = [&parts[..GROUPS], &parts[GROUPS..]]
            .map(|parts| parts.iter().map(|&part| f64::from(part)).sum::<f64>());
        let means = if sgd.trains(Role::Means) { means } else { 0.0 };
        (network + means).sqrt()
    }

    /// One step down the gradient, which has the given norm; the running statistics move towards those of the batch by `newest`.
    #[allow(clippy::too_many_arguments, reason = "three buffers, and what the step depends on")]
    pub fn step(
        &self,
        gpu: &Gpu,
        sgd: &Sgd,
        [gradient, values, velocities]: [&Buffer; 3],
        norm: f64,
        rate: f64,
        newest: f64,
    ) {
        let step = TrainedStep {
            count: self.count as u32,
            factor: sgd.clipping(norm),
            rate: rate as f32,
            means_rate: (rate * sgd.means_rate) as f32,
            momentum: sgd.momentum as f32,
            weight_decay: sgd.weight_decay as f32,
            newest: newest as f32,
        };
        let step = gpu.words(&step.words());
        let buffers = [&step, &self.roles, gradient, values, velocities];
        gpu.launch(&shaders::TRAIN_STEP, [self.count, 1], &buffers);
    }

    /// The running statistics move towards those of a batch by `newest`.
    pub fn absorb(&self, gpu: &Gpu, [gradient, values]: [&Buffer; 2], newest: f64) {
        let step = TrainedStep { count: self.count as u32, newest: newest as f32, ..TrainedStep::default() };
        let step = gpu.words(&step.words());
        gpu.launch(&shaders::TRAIN_ABSORB, [self.count, 1], &[&step, &self.roles, gradient, values]);
    }
}
