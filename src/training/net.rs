//! A network with its head: the loss of a batch, and its gradient.

use std::ops::Range;

use super::terms::{HeadGradients, Terms};
use super::{Dropout, Layout, Memory, linear, mixture};
use crate::cpu::backward::{Network, Recorded};
use crate::spec::head::HeadSpec;
use crate::{Method, ModelSpec, Real};

/// A network that can be trained; its parameters are handed to it with every call.
pub struct Net<F: Real = f32> {
    spec: ModelSpec,
    layout: Layout,
    network: Network<F>,
}

/// What one step learns from.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a, F = f32> {
    /// Normalised images x′, N×C×H×W.
    pub images: &'a [F],
    /// Smoothed one-hot labels, N×K ([`smooth_label`](crate::head::posterior::smooth_label)).
    pub targets: &'a [f64],
    /// Noise of the codes of a VIB, N×128 ([`code_noise`](super::code_noise)); of others it is not read.
    pub noise: &'a [f64],
}

/// Batch statistics: mean or unbiased variance of a batch-norm's input over (B, H, W), each with the place of the running
/// one.
pub type Statistics<F> = Vec<(Range<usize>, Vec<F>)>;

/// A loss with what it says of the gradient's other end.
pub struct Descent<F> {
    /// The loss and its terms.
    pub terms: Terms,
    /// Statistics of every batch-norm, in the order of the layers.
    pub statistics: Statistics<F>,
    /// The gradient of the images, N×C×H×W, where it was wanted.
    pub images: Option<Vec<F>>,
}

impl<F: Real> Net<F> {
    /// The network and the head of `spec`; `permutation` is that of a flow.
    pub fn new(spec: &ModelSpec, permutation: &[u32], memory: Memory) -> Self {
        let layout = Layout::new(spec);
        let network = Network::new(spec, permutation, &layout, memory);
        Self { spec: spec.clone(), layout, network }
    }

    /// The architecture.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// Where the tensors lie in buffers of parameters and of gradients.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Runs a batch of images forwards, N×C×H×W, with batch-norm by its statistics: what the head sees, N×F, log-dets, N
    /// (0 without a flow), and the statistics.
    pub fn forward(
        &self,
        values: &[F],
        images: &[F],
        dropout: Option<&Dropout>,
    ) -> (Vec<F>, Vec<f64>, Statistics<F>) {
        let recorded = self.network.forward(values, images, dropout, false);
        (recorded.features().to_vec(), recorded.log_det, recorded.statistics)
    }

    /// The statistics of a batch of images, N×C×H×W, in a network whose batch-norms only add their β.
    pub fn statistics_without_norm(&self, values: &[F], images: &[F]) -> Statistics<F> {
        self.network.statistics_without_norm(values, images)
    }

    /// The loss of a batch and its gradient, which goes to `gradient`: the numbers of all tensors that can be trained are
    /// replaced. With `wants_images` that of the images is computed, too.
    ///
    /// # Panics
    /// When lengths do not fit the network, or the method is none of the network's family.
    pub fn descent(
        &self,
        values: &[F],
        batch: Batch<'_, F>,
        method: Method,
        dropout: Option<&Dropout>,
        gradient: &mut [F],
        wants_images: bool,
    ) -> Descent<F> {
        let mut recorded = self.network.forward(values, batch.images, dropout, true);
        let head = self.head(values, &recorded, batch, method, gradient);
        let statistics = std::mem::take(&mut recorded.statistics);
        let HeadGradients { terms, features, log_det } = head;
        let images = self.network.backward(values, recorded, &features, &log_det, gradient, wants_images);
        Descent { terms, statistics, images }
    }

    fn head(
        &self,
        values: &[F],
        recorded: &Recorded<F>,
        Batch { targets, noise, .. }: Batch<'_, F>,
        method: Method,
        gradient: &mut [F],
    ) -> HeadGradients<F> {
        let (layout, features) = (&self.layout, recorded.features());
        let batch = recorded.log_det.len();
        match (method, self.spec.head()) {
            (
                Method::IbInn { .. } | Method::ClassNll { .. },
                HeadSpec::Mixture { means, log_weights, .. },
            ) => {
                let range = layout.range(&means);
                let weights = log_weights.map(|info| layout.range(&info));
                let phi = weights.clone().map(|range| &values[range]);
                let (means, to) = ((&values[range.clone()], phi), &mut gradient[range]);
                let (head, d_phi) =
                    mixture::gradients((features, &recorded.log_det), means, targets, method, to);
                if let Some(range) = weights {
                    gradient[range].copy_from_slice(&d_phi);
                }
                head
            }
            (Method::ResNet | Method::IRevNet, HeadSpec::Linear(head)) => {
                linear::linear_gradients(layout, head, values, features, targets, batch, gradient)
            }
            (Method::Vib { gamma }, HeadSpec::Bottleneck { code, head }) => {
                let dims = self.spec.dims();
                let noise = (noise, batch);
                linear::vib_gradients(
                    layout,
                    [code, head],
                    values,
                    features,
                    targets,
                    noise,
                    gamma,
                    dims,
                    gradient,
                )
            }
            (method, _) => panic!("{method:?} is no method of a {}", self.spec.family().title()),
        }
    }
}
