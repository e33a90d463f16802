//! A flow in training on a GPU with what changes from step to step: the core's [`Trainee`](ibinn::training::Trainee) there.

use burn::tensor::{Device, StreamId, Tensor};
use ibinn::ModelSpec;
use ibinn::spec::Shape;
use ibinn::spec::element::Element;
use ibinn::spec::fold::Tensors;
use ibinn::spec::tensors::{PERMUTATION, Role};
use ibinn::training::{self, Diverged, Dropout, Layout, Step, StepReport};
use ibinn_shaders as shaders;
use ibinn_shaders::layouts::TrainedPlace;

use super::gpu::{Buffer, Gpu};
use super::optimizer::Optimizer;
use super::trunk::{Pass, Recorded, Trunk};
use crate::net::{Net, ops, share_right, smoothed_targets};

/// A flow in training on a GPU.
pub struct FlowTrainee {
    /// All its work is on one queue: launches that change a buffer in place are in order with those of their own queue alone, and
    /// each thread has another one by default.
    queue: StreamId,
    spec: ModelSpec,
    layout: Layout,
    gpu: Gpu,
    /// What is behind the last map.
    tail: Net,
    optimizer: Optimizer,
    values: Buffer,
    velocities: Buffer,
    gradient: Buffer,
    /// The layers on maps for the size of the last batch.
    trunk: Option<Sized>,
}

/// The layers for batches of one size.
struct Sized {
    trunk: Trunk,
    /// The factors of dropout where nothing is dropped.
    kept: Buffer,
}

/// A batch's way through the layers on maps.
struct Forward {
    recorded: Recorded,
    log_det: Buffer,
    masks: Buffer,
    /// Masks drawn.
    drawn: u64,
}

impl FlowTrainee {
    /// Begins with `tensors` in training form and the `velocities` of those that have them.
    ///
    /// # Panics
    /// When `device` is no GPU of Burn's.
    pub fn new(spec: &ModelSpec, tensors: &Tensors, velocities: &Tensors, device: &Device) -> Self {
        let queue = StreamId::allocate();
        queue.executes(|| Self::on_queue(queue, spec, tensors, velocities, device))
    }

    fn on_queue(
        queue: StreamId,
        spec: &ModelSpec,
        tensors: &Tensors,
        velocities: &Tensors,
        device: &Device,
    ) -> Self {
        let permutation: Vec<u32> =
            tensors.get(PERMUTATION).into_iter().flatten().map(|&i| i as u32).collect();
        let (layout, gpu) = (Layout::new(spec), Gpu::new(device));
        Self {
            queue,
            tail: Net::tail_of(spec, &permutation, device),
            optimizer: Optimizer::new(&gpu, &layout),
            values: gpu.numbers(&layout.gather(tensors)),
            velocities: gpu.numbers(&layout.gather(velocities)),
            gradient: gpu.numbers(&vec![0.0; layout.len()]),
            spec: spec.clone(),
            trunk: None,
            layout,
            gpu,
        }
    }

    fn read(&self, buffer: &Buffer) -> Vec<f32> {
        self.queue.executes(|| ops::read_f32(self.gpu.tensor(buffer, [self.layout.len()])))
    }

    /// All tensors in training form.
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn tensors(&self) -> Tensors {
        self.layout.scatter(&self.read(&self.values), |_| true)
    }

    /// Velocities of the network's tensors.
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn velocities(&self) -> Tensors {
        self.layout.scatter(&self.read(&self.velocities), |info| info.role() == Role::Network)
    }

    /// Learns from normalised images x′, N×C×H×W, and their labels, as the core's does.
    ///
    /// # Errors
    /// [`Diverged`]; nothing has changed then.
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn learn(&mut self, images: Vec<f32>, labels: &[u16], step: &Step) -> Result<StepReport, Diverged> {
        self.queue.executes(|| self.learn_on_queue(images, labels, step))
    }

    fn learn_on_queue(
        &mut self,
        images: Vec<f32>,
        labels: &[u16],
        step: &Step,
    ) -> Result<StepReport, Diverged> {
        let batch = labels.len();
        let forward = self.forward(images, &step.dropout);
        let Shape { channels, height, width } = self.last_map();
        let leaf = |tensor: Tensor<4>| tensor.autodiff().require_grad();
        let map = leaf(self.gpu.tensor(forward.recorded.last(), [batch, channels, height, width]));
        let log_det = self.gpu.tensor::<1>(&forward.log_det, [batch]).autodiff().require_grad();
        let values = self.gpu.tensor::<1>(&self.values, [self.layout.len()]);
        let place = |range: std::ops::Range<usize>| values.clone().narrow(0, range.start, range.len());
        let values: Vec<_> = self.tail.infos().iter().map(|info| place(self.layout.range(info))).collect();
        let tracked = self.tail.tracked(&values);
        let classes = self.spec.classes().len();
        let targets = smoothed_targets(labels, classes, step.label_smoothing);
        let targets = Tensor::<2>::from_data(targets, self.tail.device()).autodiff();
        let behind =
            self.tail.tail(&tracked, map.clone(), log_det.clone(), Some(&step.dropout), forward.drawn);
        let terms = self.tail.terms(&tracked, &behind, targets, step.method, None);
        let mut gradients = terms.loss.clone().backward();

        for (info, value) in self.tail.infos().iter().zip(&tracked) {
            if let Some(gradient) = value.grad_remove(&mut gradients) {
                self.put(self.layout.range(info).start, info.len(), gradient);
            }
        }
        // The loss of an i-RevNet does not depend on log-dets.
        let [slopes, log_det_slopes] = [
            (map.grad_remove(&mut gradients).map(|slopes| self.gpu.buffer(slopes)), batch * self.spec.dims()),
            (log_det.grad_remove(&mut gradients).map(|slopes| self.gpu.buffer(slopes)), batch),
        ]
        .map(|(slopes, count)| slopes.unwrap_or_else(|| self.gpu.numbers(&vec![0.0; count])));
        let Forward { recorded, masks, .. } = forward;
        if let Some(sized) = &self.trunk {
            sized.trunk.backward(&self.pass(&masks), recorded, slopes, &log_det_slopes);
        }

        let parts = self.optimizer.squares(&self.gpu, &self.gradient);
        let parts = self.gpu.tensor::<1>(&parts, [Optimizer::PARTS]);
        let (terms, parts) = terms.read_with(Some(parts), |logits| share_right(logits, classes, labels));
        let report = StepReport { terms, gradient_norm: Optimizer::norm(&step.sgd, &parts) };
        report.check()?;
        let buffers = [&self.gradient, &self.values, &self.velocities];
        let newest = training::newest_batch(self.spec.family());
        let (norm, rate) = (report.gradient_norm, step.learning_rate);
        self.optimizer.step(&self.gpu, &step.sgd, buffers, norm, rate, newest);
        Ok(report)
    }

    /// Moves the running statistics towards those of a batch of images, with the given weight, without learning from it
    /// (method §4.0).
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn observe(&mut self, images: Vec<f32>, dropout: &Dropout, weight: f64) {
        self.queue.executes(|| {
            self.forward(images, dropout);
            self.optimizer.absorb(&self.gpu, [&self.gradient, &self.values], weight);
        });
    }

    /// The map in front of the DCT.
    fn last_map(&self) -> Shape {
        let dct = self.spec.elements().iter().find_map(|element| match element {
            Element::Dct(dct) => Some(Shape { channels: dct.channels, height: dct.n, width: dct.n }),
            _ => None,
        });
        dct.unwrap_or_else(|| unreachable!("every flow has a DCT"))
    }

    fn pass<'a>(&'a self, masks: &'a Buffer) -> Pass<'a> {
        Pass { gpu: &self.gpu, values: &self.values, masks, gradient: &self.gradient }
    }

    fn put(&self, first: usize, count: usize, numbers: Tensor<1>) {
        let place = TrainedPlace { first: first as u32, count: count as u32 };
        let (place, numbers) = (self.gpu.words(&place.words()), self.gpu.buffer(numbers));
        self.gpu.launch(&shaders::TRAIN_PLACE, [count, 1], &[&place, &numbers, &self.gradient]);
    }

    fn forward(&mut self, images: Vec<f32>, dropout: &Dropout) -> Forward {
        let batch = images.len() / self.spec.dims();
        let sized = match self.trunk.take() {
            Some(sized) if sized.trunk.batch() == batch => sized,
            _ => {
                let trunk = Trunk::new(&self.gpu, &self.layout, &self.spec, batch);
                let kept = self.gpu.numbers(&trunk.no_dropout());
                Sized { trunk, kept }
            }
        };
        let (factors, drawn) = sized.trunk.masks(dropout);
        let masks = if drawn > 0 { self.gpu.numbers(&factors) } else { sized.kept.clone() };
        let map = self.gpu.buffer(self.tail.stem(images));
        let log_det = self.gpu.numbers(&vec![0.0; batch]);
        let recorded = sized.trunk.forward(&self.pass(&masks), map, &log_det);
        self.trunk = Some(sized);
        Forward { recorded, log_det, masks, drawn }
    }
}
