#![allow(clippy::unwrap_used)]
use super::*;
use crate::Gamma;
use crate::head::mixture::class_nll;
use crate::head::posterior::smooth_label;

fn ib(gamma: f64) -> Objective {
    Objective::Ib(Gamma::new(gamma).unwrap())
}

fn by_class_nll(dims: u32) -> Objective {
    Objective::ClassNll { dims: dims.try_into().unwrap() }
}

fn trainer<F: Real>(set: ToySet, classes: usize, objective: Objective, noise: f64) -> PlaneTrainer<F> {
    let settings = Settings { objective, rate: 0.01, noise };
    let mut trainer = PlaneTrainer::new(Setup { classes, seed: 4 }, settings).unwrap();
    trainer.set_points(set.points(classes, 400, 4)).unwrap();
    trainer
}

fn places<F: Real>(trainer: &PlaneTrainer<F>) -> Vec<[F; 2]> {
    trainer.points().iter().map(|p| p.x.map(|v| F::from_f64(f64::from(v)))).collect()
}

fn readout(trainer: &PlaneTrainer) -> Readout {
    trainer.readout(&trainer.encode(&places(trainer)))
}

fn train<F: Real>(trainer: &mut PlaneTrainer<F>, steps: usize) {
    for _ in 0..steps {
        trainer.step().unwrap();
    }
}

/// The loss of the next step's batch, from the losses of the mixture.
fn loss(trainer: &PlaneTrainer<f64>) -> f64 {
    let (beta_x, beta_y, smoothing) = trainer.settings.objective.weights();
    let mixture = trainer.mixture();
    let mut total = 0.0;
    trainer.each_tile(|_, tile, _, labels| {
        for (p, &label) in labels.iter().enumerate() {
            let score = mixture.score(&[tile.x[0][p], tile.x[1][p]], tile.log_det[p]);
            total += beta_x * score.l_x
                - beta_y * score.posterior.l_y(&smooth_label(label, mixture.classes(), smoothing));
        }
    });
    total / BATCH as f64
}

#[test]
fn gradients_match_central_differences() {
    for objective in [ib(0.0), ib(1.0), ib(f64::INFINITY), by_class_nll(2)] {
        let mut trainer = trainer::<f64>(ToySet::Spirals, 3, objective, 0.1);
        // Away from the start, where the clamps are nearly linear and α and o are 0.
        train(&mut trainer, 30);
        let gradients = trainer.gradients();
        let mut kinks = 0;
        let means = gradients.len() - 6;
        let block = means / BLOCKS;
        // The ends of a block hold every kind of tensor: first weights and biases; last weights and biases, α, o.
        let some = (0..BLOCKS).flat_map(|b| {
            let first = b * block;
            [0, 7, 30, 60, 111, block / 2, block - 40, block - 20, block - 6, block - 5]
                .into_iter()
                .chain(block - 4..block)
                .map(move |i| first + i)
        });
        for i in some.chain(means..gradients.len()) {
            let at = |step: f64| {
                let mut moved = trainer.clone();
                moved.parameters[i] += step;
                loss(&moved)
            };
            let (above, here, below) = (at(1e-7), at(0.0), at(-1e-7));
            // Where a ReLU's kink lies in between there is no derivative to compare with.
            if ((above - here) - (here - below)).abs() > 1e-13 {
                kinks += 1;
                continue;
            }
            let wanted = (above - below) / 2e-7;
            let error = (gradients[i] - wanted).abs();
            assert!(error < 1e-6, "{objective:?}, parameter {i}: {} instead of {wanted}", gradients[i]);
        }
        assert!(kinks <= 3, "{kinks} of the parameters were not compared");
    }
}

#[test]
fn log_det_is_that_of_the_jacobian() {
    let mut trainer = trainer::<f64>(ToySet::Moons, 2, ib(1.0), 0.1);
    train(&mut trainer, 30);
    for place in [[0.3, -0.7], [-1.4, 0.9], [2.5, 2.5]] {
        let step = 1e-6;
        let at = |dx: f64, dy: f64| trainer.encode(&[[place[0] + dx, place[1] + dy]]).z[0];
        let column = |a: [f64; 2], b: [f64; 2]| [0, 1].map(|i| (a[i] - b[i]) / (2.0 * step));
        let (u, v) = (column(at(step, 0.0), at(-step, 0.0)), column(at(0.0, step), at(0.0, -step)));
        let wanted = (u[0] * v[1] - u[1] * v[0]).abs().ln();
        let got = trainer.encode(&[place]).log_det[0];
        assert!((got - wanted).abs() < 1e-7, "{got} instead of {wanted}");
    }
}

#[test]
fn decoding_undoes_encoding() {
    let mut trainer = trainer::<f64>(ToySet::Circles, 4, ib(1.0), 0.1);
    train(&mut trainer, 30);
    let places = places(&trainer);
    let there = trainer.encode(&places);
    let back = trainer.decode(&there.z);
    for (i, (got, wanted)) in back.z.iter().zip(&places).enumerate() {
        assert!((got[0] - wanted[0]).abs() < 1e-10 && (got[1] - wanted[1]).abs() < 1e-10, "{got:?}");
        assert!((back.log_det[i] + there.log_det[i]).abs() < 1e-10);
    }
}

#[test]
fn class_nll_is_the_ib_loss_with_gamma_of_one_over_the_dimensions() {
    let trainer = trainer::<f64>(ToySet::Blobs, 3, by_class_nll(2), 0.0);
    let mixture = trainer.mixture();
    let latents = trainer.encode(&places(&trainer));
    for ((point, z), &log_det) in trainer.points().iter().zip(&latents.z).zip(&latents.log_det) {
        let score = mixture.score(z, log_det);
        let ib = score.l_x - 0.5 * score.posterior.l_y(&smooth_label(point.class, 3, 0.0));
        assert!((class_nll(&score, point.class, log_det, 2) - ib).abs() < 1e-12);
        // Its gradient pulls a latent to its own mean and no other.
        let mut d_means = [0.0; 6];
        let slopes = trainer.settings.objective.slopes(&mixture, *z, point.class, 1.0, &mut d_means);
        for i in 0..2 {
            let own = z[i] - mixture.mean(point.class)[i];
            assert!((slopes.z[i] - own).abs() < 1e-12);
            for (y, d) in d_means.chunks_exact(2).enumerate() {
                let wanted = if y == point.class { -own } else { 0.0 };
                assert!((d[i] - wanted).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn the_moons_are_told_apart() {
    let mut trainer = trainer(ToySet::Moons, 2, ib(1.0), 0.1);
    let before = readout(&trainer);
    train(&mut trainer, 300);
    let after = readout(&trainer);
    assert!(after.accuracy >= 0.97, "{after:?}");
    assert!(after.l_x < before.l_x - 0.5 && after.l_y > before.l_y, "{before:?}, {after:?}");
}

/// A label that weighs as little as it does against the numbers of an image is lost; the IB loss keeps it.
#[test]
fn means_move_apart_with_ib_and_together_with_the_class_nll_of_an_image() {
    let trained = |objective| {
        let mut trainer = trainer(ToySet::Circles, 2, objective, 0.3);
        let start = readout(&trainer).means_distance;
        assert!((start - MEANS_DISTANCE).abs() < 1e-6);
        train(&mut trainer, 500);
        readout(&trainer)
    };
    let (ib, image) = (trained(ib(1.0)), trained(by_class_nll(3072)));
    assert!(ib.means_distance > 1.2 * MEANS_DISTANCE && ib.accuracy > 0.97, "{ib:?}");
    assert!(image.means_distance < 0.8 * MEANS_DISTANCE && image.accuracy < 0.7, "{image:?}");
    assert!(image.empirical_distance < 0.2 * ib.empirical_distance, "{ib:?}, {image:?}");
    // On the plane one label weighs much, and class-NLL tells the classes apart as well.
    let trainer = trained(by_class_nll(2));
    assert!(trainer.accuracy > 0.97, "{trainer:?}");
}

#[test]
fn equal_seeds_give_equal_runs_and_points_do_not_depend_on_their_number() {
    let run = || {
        let mut trainer: PlaneTrainer = trainer(ToySet::Spirals, 2, ib(1.0), 0.2);
        train(&mut trainer, 5);
        trainer.parameters
    };
    assert_eq!(run(), run());
    let many = ToySet::Moons.points(2, 50, 9);
    assert_eq!(ToySet::Moons.points(2, 20, 9), many[..20]);
    assert_ne!(ToySet::Moons.points(2, 50, 8), many);
}

#[test]
fn every_set_draws_all_classes_within_the_view() {
    for set in [ToySet::Moons, ToySet::Spirals, ToySet::Blobs, ToySet::Circles] {
        for classes in 2..=6 {
            let points = set.points(classes, 300, 1);
            assert!(points.iter().flat_map(|p| p.x).all(|v| v.abs() < 3.0), "{set:?} {classes}");
            assert!((0..classes).all(|k| points.iter().any(|p| p.class == k)));
        }
    }
    assert!(ToySet::Blank.points(3, 300, 1).is_empty());
    assert!("moon".parse::<ToySet>().unwrap_err().to_string().contains("moons"));
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let settings = Settings { objective: ib(1.0), rate: 0.01, noise: 0.1 };
    assert!(PlaneTrainer::<f32>::new(Setup { classes: 1, seed: 0 }, settings).is_err());
    let mut trainer = PlaneTrainer::<f32>::new(Setup { classes: 2, seed: 0 }, settings).unwrap();
    for bad in [Settings { rate: f64::NAN, ..settings }, Settings { noise: -0.1, ..settings }] {
        assert!(trainer.set(bad).is_err());
    }
    for bad in [Point { x: [0.0, 0.0], class: 2 }, Point { x: [f32::NAN, 0.0], class: 0 }] {
        assert!(trainer.set_points(vec![bad]).is_err());
    }
    // Without points there is nothing to learn.
    trainer.step().unwrap();
    assert_eq!(trainer.steps(), 0);
    // Numbers that leave the range end the run in a sentence, and leave the trainer as it was.
    trainer.set_points(vec![Point { x: [3e38, 3e38], class: 0 }]).unwrap();
    let problem = trainer.step().unwrap_err().to_string();
    assert!(problem.contains("diverged after 0 steps"), "{problem}");
    assert!(trainer.parameters.iter().all(|v| v.is_finite()));
}

#[test]
fn fields_and_meshes_lie_where_they_say() {
    let trainer = trainer::<f32>(ToySet::Blobs, 2, ib(1.0), 0.1);
    let field = trainer.field(3, 3.0);
    assert_eq!((field.log_likelihood.len(), field.posterior.len()), (9, 18));
    // The second cell of the last row has its middle at (0, 2).
    let score = {
        let latents = trainer.encode(&[[0.0, 2.0]]);
        trainer.mixture().score(&latents.z[0], f64::from(latents.log_det[0]))
    };
    assert!((f64::from(field.log_likelihood[7]) - score.log_likelihood).abs() < 1e-5);
    assert!((f64::from(field.posterior[14]) - score.posterior.probabilities[0]).abs() < 1e-6);
    assert_eq!(
        mesh(2, 3, 1.0),
        [
            [-1.0, -1.0],
            [-1.0, 0.0],
            [-1.0, 1.0],
            [1.0, -1.0],
            [1.0, 0.0],
            [1.0, 1.0],
            [-1.0, -1.0],
            [0.0, -1.0],
            [1.0, -1.0],
            [-1.0, 1.0],
            [0.0, 1.0],
            [1.0, 1.0],
        ]
    );
}
