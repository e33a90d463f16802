//! Gradients of whole networks, of every loss, against central differences in f64; both memories; both numbers of threads.

use super::*;
use crate::head::posterior::smooth_label;
use crate::math::random::{Purpose, Stream};
use crate::spec::fold::Tensors;
use crate::spec::tensors::{MEANS, PERMUTATION, Role, TensorKind};
use crate::{Family, InputSpec, Method, ModelSpec, Real, SpecFields, StageSpec, Stem};

/// Half the width of the central differences.
const STEP: f64 = 1e-6;
/// Entries of each tensor that are compared.
const ENTRIES: usize = 5;
const BATCH: usize = 11;

/// Three stages on 3×8×8, or two on 1×8×8 behind a Haar transform: odd channels, and more images than a group.
fn spec(family: Family, stem: Stem) -> ModelSpec {
    let (channels, stages) = if stem == Stem::Image { (3, 3) } else { (1, 2) };
    SpecFields {
        family,
        input: InputSpec {
            channels,
            height: 8,
            width: 8,
            mean: vec![0.5; channels],
            std: vec![0.25; channels],
        },
        stem,
        stages: vec![StageSpec { blocks: 2, width: 5 }; stages],
        dense_hidden: 9,
        classes: vec!["a".into(), "b".into(), "c".into()],
        class_prior: crate::ClassPrior::Uniform,
    }
    .try_into()
    .unwrap_or_else(|e| panic!("{e}"))
}

/// Weights that leave nothing at its trivial value.
fn tensors(spec: &ModelSpec) -> Tensors {
    let mut stream = Stream::new(1, Purpose::Test, 0);
    let layout = Layout::new(spec);
    let drawn = layout.infos().iter().map(|info| {
        let fan_in: usize = info.shape[1..].iter().product();
        let values: Vec<f64> = match info.kind {
            TensorKind::Permutation => stream.permutation(info.len()).into_iter().map(f64::from).collect(),
            TensorKind::Rotation => {
                // A reflection.
                let v: Vec<f64> = (0..info.shape[0]).map(|_| stream.normal()).collect();
                let square: f64 = v.iter().map(|v| v * v).sum();
                let entry = |i: usize, j: usize| f64::from(u8::from(i == j)) - 2.0 * v[i] * v[j] / square;
                let places = (0..v.len()).flat_map(|i| (0..v.len()).map(move |j| (i, j)));
                places.map(|(i, j)| entry(i, j)).collect()
            }
            TensorKind::Weight => (0..info.len()).map(|_| stream.normal() / (fan_in as f64).sqrt()).collect(),
            TensorKind::NormScale | TensorKind::RunningVariance => {
                (0..info.len()).map(|_| stream.range(0.5, 1.5)).collect()
            }
            _ => (0..info.len()).map(|_| stream.range(-0.3, 0.3)).collect(),
        };
        (info.name.clone(), values)
    });
    drawn.collect()
}

fn methods() -> [Method; 5] {
    let gamma = crate::Gamma::new(0.5).unwrap_or_else(|| panic!("0.5 is a γ"));
    let class_nll = Method::ClassNll { frozen_means: None };
    [Method::IbInn { gamma }, class_nll, Method::IRevNet, Method::ResNet, Method::Vib { gamma }]
}

/// A network with all that a step needs, in some precision.
struct Setup<F: Real> {
    net: Net<F>,
    values: Vec<F>,
    images: Vec<F>,
    targets: Vec<f64>,
    noise: Vec<f64>,
    dropout: Dropout,
    method: Method,
}

impl<F: Real> Setup<F> {
    fn new(method: Method, stem: Stem, memory: Memory) -> Self {
        Self::of(spec(method.family(), stem), method, memory)
    }

    fn of(spec: ModelSpec, method: Method, memory: Memory) -> Self {
        let tensors = tensors(&spec);
        let permutation: Vec<u32> =
            tensors.get(PERMUTATION).into_iter().flatten().map(|&i| i as u32).collect();
        let net = Net::new(&spec, &permutation, memory);
        let mut stream = Stream::new(2, Purpose::Test, 0);
        let narrow = |v: &f64| F::from_f64(*v);
        Self {
            values: net
                .layout()
                .infos()
                .iter()
                .flat_map(|info| tensors[&info.name].iter().map(narrow))
                .collect(),
            images: (0..BATCH * spec.dims()).map(|_| F::from_f64(stream.normal())).collect(),
            targets: (0..BATCH).flat_map(|i| smooth_label(i % 3, 3, 0.1)).collect(),
            noise: code_noise(3, 7, BATCH),
            dropout: Dropout { seed: 5, step: 9, conv: vec![0.0, 0.3, 0.3], dense: 0.4 },
            method,
            net,
        }
    }

    fn descent(&self, values: &[F], images: &[F], gradient: &mut [F]) -> Descent<F> {
        let batch = Batch { images, targets: &self.targets, noise: &self.noise };
        self.net.descent(values, batch, self.method, Some(&self.dropout), gradient, true)
    }

    /// The loss, and the gradients of parameters and images.
    fn gradients(&self) -> (Terms, Vec<F>, Vec<F>) {
        let mut gradient = vec![F::default(); self.net.layout().len()];
        let descent = self.descent(&self.values, &self.images, &mut gradient);
        (descent.terms, gradient, descent.images.unwrap_or_default())
    }
}

#[test]
fn gradients_of_every_loss_are_central_differences() {
    for stem in [Stem::Image, Stem::Haar] {
        for method in methods() {
            check(&Setup::<f64>::new(method, stem, Memory::Stored));
        }
    }
}

fn check(setup: &Setup<f64>) {
    let (_, gradient, d_images) = setup.gradients();
    let mut unused = gradient.clone();
    let mut loss = |values: &[f64], images: &[f64]| setup.descent(values, images, &mut unused).terms.loss;
    let mut stream = Stream::new(4, Purpose::Test, 0);
    let mut compare = |name: &str, gradient: &[f64], at: &mut dyn FnMut(usize, f64) -> f64| {
        let scale = gradient.iter().fold(0.0f64, |most, g| most.max(g.abs()));
        assert!(scale > 0.0, "{:?}: {name} has no gradient", setup.method);
        for _ in 0..ENTRIES {
            let i = stream.below(gradient.len());
            let wanted = (at(i, STEP) - at(i, -STEP)) / (2.0 * STEP);
            let apart = (gradient[i] - wanted).abs() / scale;
            assert!(apart < 1e-5, "{:?}: {name} {i}: {} for {wanted}", setup.method, gradient[i]);
        }
    };
    compare("images", &d_images, &mut |i, by| {
        let mut moved = setup.images.clone();
        moved[i] += by;
        loss(&setup.values, &moved)
    });
    for (info, range) in setup.net.layout().tensors() {
        if matches!(info.role(), Role::Network | Role::Means) {
            compare(&info.name, &gradient[range.clone()], &mut |i, by| {
                let mut moved = setup.values.clone();
                moved[range.start + i] += by;
                loss(&moved, &setup.images)
            });
        }
    }
}

#[test]
fn gradients_of_a_weighted_mixture_are_central_differences_and_its_weights_learn_from_l_x_alone() {
    for gamma in [0.0, 0.5, f64::INFINITY] {
        let gamma = crate::Gamma::new(gamma).unwrap_or_else(|| panic!("{gamma} is a γ"));
        let spec = spec(Family::IbInn, Stem::Haar).with_class_prior(crate::ClassPrior::Learned);
        let spec = spec.unwrap_or_else(|e| panic!("{e}"));
        let setup = Setup::<f64>::of(spec, Method::IbInn { gamma }, Memory::Stored);
        check(&setup);
        let (_, gradient, _) = setup.gradients();
        let mut unused = gradient.clone();
        let mut l_x = |values: &[f64]| setup.descent(values, &setup.images, &mut unused).terms.l_x;
        let (_, place) = setup
            .net
            .layout()
            .tensors()
            .find(|(info, _)| info.role() == Role::Weights)
            .unwrap_or_else(|| panic!("it has weights"));
        for i in place {
            let mut at = |by: f64| {
                let mut moved = setup.values.clone();
                moved[i] += by;
                l_x(&moved).unwrap_or_else(|| panic!("a mixture has L_X"))
            };
            let wanted = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            assert!(
                wanted.abs() > 1e-6 && (gradient[i] - wanted).abs() < 1e-9,
                "{} for {wanted}",
                gradient[i]
            );
        }
    }
}

#[test]
fn single_precision_is_that_of_its_numbers() {
    for method in methods() {
        let (terms, gradient, images) = Setup::<f32>::new(method, Stem::Image, Memory::Stored).gradients();
        let wide = Setup::<f64>::new(method, Stem::Image, Memory::Stored);
        let (wanted_terms, wanted, wanted_images) = wide.gradients();
        assert!((terms.loss - wanted_terms.loss).abs() < 1e-5, "{method:?}");
        let close = |name: &str, got: &[f32], wanted: &[f64]| {
            let scale = wanted.iter().fold(0.0f64, |most, g| most.max(g.abs()));
            for (got, wanted) in got.iter().zip(wanted) {
                let apart = (f64::from(*got) - wanted).abs() / scale;
                // Sums over a batch in which terms cancel lose some digits.
                assert!(apart < 1e-4, "{method:?}: {name}: {got} for {wanted}");
            }
        };
        close("images", &images, &wanted_images);
        for (info, range) in wide.net.layout().tensors() {
            if matches!(info.role(), Role::Network | Role::Means) {
                close(&info.name, &gradient[range.clone()], &wanted[range]);
            }
        }
    }
}

#[test]
fn reversible_memory_gives_the_same_to_the_bit() {
    for method in &methods()[..3] {
        let [stored, reversible] = [Memory::Stored, Memory::Reversible]
            .map(|memory| Setup::<f32>::new(*method, Stem::Image, memory).gradients());
        assert!(stored == reversible, "{method:?}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for method in methods() {
        let [one, two, five] = [1, 2, 5].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let run = || Setup::<f32>::new(method, Stem::Haar, Memory::Stored).gradients();
            pool.unwrap_or_else(|e| panic!("{e}")).install(run)
        });
        assert!(one == two && one == five, "{method:?}");
    }
}

fn step(method: Method) -> Step {
    Step {
        method,
        label_smoothing: 0.1,
        dropout: Dropout { seed: 5, step: 9, conv: vec![0.0, 0.3, 0.3], dense: 0.4 },
        sgd: Sgd { momentum: 0.9, weight_decay: 1e-4, clip: 8.0, means_rate: 3.0, weights_rate: 0.0 },
        muon: None,
        learning_rate: 0.01,
        average: None,
    }
}

/// The same with all that the fast recipe has besides.
fn fast_step(method: Method, number: u64) -> Step {
    let muon = Muon { rate: 0.01, momentum: 0.9, weight_decay: 0.01 };
    let step = step(method);
    Step { muon: Some(muon), average: Some(0.75), dropout: Dropout { step: number, ..step.dropout }, ..step }
}

#[test]
fn steps_descend_and_can_be_resumed() {
    for method in methods() {
        let Setup { images, net, .. } = Setup::<f32>::new(method, Stem::Haar, Memory::Stored);
        let spec = net.spec().clone();
        let labels: Vec<u16> = (0..BATCH as u16).map(|i| i % 3).collect();
        let mut trainee = Trainee::new(&spec, &tensors(&spec), &Tensors::new(), Memory::Stored);
        let advance = |trainee: &mut Trainee| {
            trainee.learn(&images, &labels, &step(method)).unwrap_or_else(|e| panic!("{e}"))
        };
        let first = advance(&mut trainee);
        (0..9).for_each(|_| {
            advance(&mut trainee);
        });
        let mut resumed = Trainee::new(&spec, &trainee.tensors(), &trainee.velocities(), Memory::Stored);
        let last = advance(&mut trainee);
        assert_eq!(last, advance(&mut resumed));
        assert_eq!(trainee.tensors(), resumed.tensors());
        assert!(last.terms.loss < first.terms.loss, "{method:?}: {first:?}, {last:?}");
        let start = tensors(&spec);
        let reached = trainee.tensors();
        for info in trainee.layout().infos() {
            let mut pairs = reached[&info.name].iter().zip(&start[&info.name]);
            let moved = pairs.any(|(a, &b)| *a != f64::from(b as f32));
            assert_eq!(moved, info.role() != Role::Fixed, "{}", info.name);
        }
    }
}

#[test]
fn steps_of_muon_descend_and_can_be_resumed_with_their_averages() {
    for method in methods() {
        let Setup { images, net, .. } = Setup::<f32>::new(method, Stem::Haar, Memory::Stored);
        let spec = net.spec().clone();
        let labels: Vec<u16> = (0..BATCH as u16).map(|i| i % 3).collect();
        let mut trainee = Trainee::new(&spec, &tensors(&spec), &Tensors::new(), Memory::Stored);
        let advance = |trainee: &mut Trainee, number| {
            let step = fast_step(method, number);
            trainee.learn(&images, &labels, &step).unwrap_or_else(|e| panic!("{e}"))
        };
        let first = advance(&mut trainee, 0);
        // The average of one step is that step, the average of two their mean, and so on to four.
        let conv = |trainee: &Trainee| trainee.tensors()["stage0.block0.subnet.conv2.weight"][7];
        let average = |trainee: &Trainee| trainee.averages()["stage0.block0.subnet.conv2.weight"][7];
        let mut seen = vec![conv(&trainee)];
        let mut wanted = seen[0];
        for number in 1..10 {
            advance(&mut trainee, number);
            seen.push(conv(&trainee));
            wanted += (conv(&trainee) - wanted) * (1.0 / seen.len() as f64).max(0.25);
            assert!((average(&trainee) - wanted).abs() < 1e-6, "{method:?}, {number}");
        }
        let mut resumed = Trainee::new(&spec, &trainee.tensors(), &trainee.velocities(), Memory::Stored)
            .with_averages(&trainee.averages());
        let last = advance(&mut trainee, 10);
        assert_eq!(last, advance(&mut resumed, 10));
        assert_eq!(trainee.tensors(), resumed.tensors());
        assert_eq!(trainee.averages(), resumed.averages());
        assert!(last.terms.loss < first.terms.loss, "{method:?}: {first:?}, {last:?}");

        let (before, averages) = (trainee.tensors(), trainee.averages());
        trainee.settle();
        for (name, values) in trainee.tensors() {
            assert_eq!(values, *averages.get(&name).unwrap_or(&before[&name]), "{name}");
        }
        assert!(trainee.averages().is_empty());
    }
}

#[test]
fn a_step_of_muon_is_the_same_on_any_number_of_threads() {
    let method = methods()[0];
    let Setup { images, net, .. } = Setup::<f32>::new(method, Stem::Image, Memory::Stored);
    let [one, two, five] = [1, 2, 5].map(|threads| {
        let run = || {
            let mut trainee = Trainee::new(net.spec(), &tensors(net.spec()), &Tensors::new(), Memory::Stored);
            assert!(trainee.learn(&images, &[1; BATCH], &fast_step(method, 0)).is_ok());
            trainee.tensors()
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap_or_else(|e| panic!("{e}")).install(run)
    });
    assert!(one == two && one == five);
}

#[test]
fn frozen_means_stay_where_they_are() {
    let method = Method::ClassNll { frozen_means: None };
    let Setup { images, net, .. } = Setup::<f32>::new(method, Stem::Haar, Memory::Stored);
    let mut trainee = Trainee::new(net.spec(), &tensors(net.spec()), &Tensors::new(), Memory::Stored);
    let before = trainee.tensors();
    let mut step = step(method);
    step.sgd.means_rate = 0.0;
    let labels = [0; BATCH];
    assert!(trainee.learn(&images, &labels, &step).is_ok());
    assert_eq!(trainee.tensors()[MEANS], before[MEANS]);
}

#[test]
fn a_diverged_step_changes_nothing() {
    let method = Method::ClassNll { frozen_means: None };
    let Setup { mut images, net, .. } = Setup::<f32>::new(method, Stem::Haar, Memory::Stored);
    images[5] = f32::NAN;
    let mut trainee = Trainee::new(net.spec(), &tensors(net.spec()), &Tensors::new(), Memory::Stored);
    let before = trainee.tensors();
    let message = trainee.learn(&images, &[1; BATCH], &step(method)).map_err(|e| e.to_string());
    assert_eq!(message, Err("loss NaN, L_X NaN nats/dim".into()));
    assert_eq!(trainee.tensors(), before);
}

#[test]
fn running_statistics_become_the_plain_mean_of_the_batches() {
    let Setup { images, net, dropout, .. } =
        Setup::<f32>::new(Method::ClassNll { frozen_means: None }, Stem::Haar, Memory::Stored);
    let mut trainee = Trainee::new(net.spec(), &tensors(net.spec()), &Tensors::new(), Memory::Stored);
    let factors = [1.0, 2.0, 6.0];
    for (i, factor) in factors.iter().enumerate() {
        let images: Vec<f32> = images.iter().map(|v| v * factor).collect();
        trainee.observe(&images, &dropout, 1.0 / (i + 1) as f64);
    }
    // The first convolution of the first block sees the images themselves, through nothing but the Haar transform.
    let name = "stage0.block0.subnet.bn1.running_mean";
    let mean = trainee.tensors()[name].clone();
    trainee.observe(&images, &dropout, 1.0);
    for (mean, single) in mean.iter().zip(&trainee.tensors()[name]) {
        assert!((mean - 3.0 * single).abs() < 1e-6, "{mean} {single}");
    }
}
