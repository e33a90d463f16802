//! A session on a model that is shipped.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use super::executor::ExecutorChoice;
use super::{Centre, Explosion, Sampling, Session, blocking};
use crate::cpu::CpuExecutor;
use crate::head::mixture;
use crate::spec::fold::fold_batch_norm;
use crate::spec::tensors::{EMPIRICAL_MEANS, MEANS, PERMUTATION};
use crate::synthetic::{Alphabet, Split, draw};
use crate::training::initial_tensors;
use crate::{Card, Model, Preset};

const SEED: u64 = 5;

fn session() -> blocking::Session {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/public/models/digits-gamma-1.safetensors");
    let model = Model::from_bytes(&std::fs::read(path).unwrap()).unwrap();
    blocking::Session::new(model, ExecutorChoice::Cpu).unwrap()
}

/// The first `count` test images of the built-in data set, and their labels.
fn digits(count: u64) -> (Vec<f32>, Vec<u8>) {
    let drawn: Vec<_> = (0..count).map(|i| draw(Alphabet::Digits, Split::Test, 0, i)).collect();
    let pixels = drawn.iter().flat_map(|glyph| glyph.pixels.map(|v| f32::from(v) / 255.0)).collect();
    (pixels, drawn.iter().map(|glyph| glyph.label).collect())
}

fn sampling(centre: Centre) -> Sampling {
    Sampling { centre, temperature: 0.7, seed: SEED }
}

#[test]
fn drawn_digits_are_told_apart_and_come_back() {
    let mut session = session();
    let (pixels, labels) = digits(40);
    let seen = session.classify(&pixels, 0..).unwrap();
    let right =
        seen.iter().zip(&labels).filter(|(seen, label)| seen.found.prediction == usize::from(**label));
    assert!(right.count() >= 36);
    let z: Vec<f32> = seen.iter().flat_map(|seen| &seen.features).copied().collect();
    let encoded = session.encode(&pixels).unwrap();
    assert_eq!(z, encoded.z);
    assert!(seen.iter().map(|seen| seen.log_det).eq(encoded.log_det.iter().copied().map(Some)));
    let back = session.decode(&z).unwrap();
    assert!(pixels.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-3));
    // The posterior needs no log-det, the likelihood does.
    let posteriors = session.posteriors(&z).unwrap();
    assert!(posteriors.iter().eq(seen.iter().map(|seen| &seen.found.posterior)));
    let score = session.mixture().unwrap().score(&seen[3].features, f64::from(encoded.log_det[3]));
    let found = &seen[3].found;
    assert_eq!((&found.posterior, found.l_x()), (&score.posterior, Some(score.l_x)));
    // The shipped model was fitted to images of the same kind.
    assert!(seen.iter().all(|seen| seen.found.novelty.is_some()));
}

#[test]
fn a_coupling_block_changes_what_it_says_and_runs_backwards() {
    let session = session();
    let pixels = digits(1).0;
    let executor = CpuExecutor::<f32>::new(session.model());
    let trace = executor.trace(&session.model().spec().normalize(&pixels)).unwrap();
    let couplings = trace.iter().enumerate().filter(|(_, (name, ..))| name == "coupling");
    for (number, (place, (_, y, _))) in couplings.enumerate() {
        let block = session.both_ways(&pixels, number).unwrap();
        assert_eq!((&block.x, &block.y), (&trace[place - 1].1, y), "block {number}");
        let kept = block.first * block.shape.pixels();
        assert_eq!(block.u[..kept], block.x[..kept]);
        let numbers = block.log_scale.iter().zip(&block.shift).zip(&block.x[kept..]).zip(&block.u[kept..]);
        for (((log_scale, shift), x), u) in numbers {
            assert!(log_scale.abs() <= 0.7 && (x * log_scale.exp() + shift - u).abs() < 1e-5);
        }
        assert!(block.back.iter().zip(&block.x).all(|(back, x)| (back - x).abs() < 1e-4));
    }
    let refused = session.both_ways(&pixels, 8).unwrap_err().to_string();
    assert!(refused.contains("there is no coupling block 8"), "{refused}");
}

#[test]
fn what_the_inverse_loses_is_told() {
    let mut session = session();
    let dims = session.model().spec().dims();
    // At 0.7 one of these five leaves the range by itself.
    let sampling = Sampling { temperature: 0.3, ..sampling(Centre::EmpiricalMean) };
    let mut z = session.draw(&sampling, (0..5).map(|number| (2, number))).unwrap();
    z[dims..2 * dims].iter_mut().for_each(|v| *v *= 100.0);
    z[3 * dims] = f32::NAN;
    let pixels = session.decode_as_is(&z).unwrap();
    let wanted = [None, Some(Explosion::OutOfRange), None, Some(Explosion::NotFinite), None];
    assert_eq!(session.explosions(&pixels).unwrap(), wanted);
    let message = session.decode(&z).unwrap_err().to_string();
    assert!(message.starts_with("image 3, counted from 0, is beyond"), "{message}");
    assert!(session.explosions(&pixels[1..]).is_err());
    // At the bounds themselves nothing is lost.
    let with = |value: f32| Explosion::of(&[0.5, value]);
    assert_eq!([-1.0, 2.0, -1.01, 2.01].map(with).map(|found| found.is_some()), [false, false, true, true]);
}

#[test]
fn what_does_not_encode_back_is_told() {
    // An untrained net of full depth: its inverse multiplies errors by 10^19 (method §2.7).
    let spec = Preset::Mnist.spec().unwrap();
    let mut tensors: BTreeMap<String, Vec<f32>> = fold_batch_norm(&spec, initial_tensors(&spec, 0, 0.8, 5.0))
        .into_iter()
        .map(|(name, values)| (name, values.into_iter().map(|v| v as f32).collect()))
        .collect();
    let permutation = tensors.remove(PERMUTATION).unwrap().into_iter().map(|i| i as u32).collect();
    tensors.insert(EMPIRICAL_MEANS.into(), tensors[MEANS].clone());
    let card = session().model().card().clone();
    let card = Card { novelty: None, evaluation: None, ..card };
    let model = Model::new(spec, card, tensors, permutation).unwrap();
    let mut session = blocking::Session::new(model, ExecutorChoice::Cpu).unwrap();
    assert_eq!(session.explosions(&digits(1).0).unwrap(), [Some(Explosion::NoWayBack)]);
}

#[test]
fn samples_are_drawn_by_number_around_either_mean() {
    let mut session = session();
    let dims = session.model().spec().dims();
    let all = session.sample(&sampling(Centre::EmpiricalMean), (0..6).map(|number| (2, number))).unwrap();
    let part = session.sample(&sampling(Centre::EmpiricalMean), [(2, 4), (2, 5)]).unwrap();
    assert_eq!((&all.z[4 * dims..], &all.pixels[4 * dims..]), (&part.z[..], &part.pixels[..]));
    assert!(all.pixels.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
    let centre = &session.model().empirical_means().unwrap()[2 * dims..][..dims];
    assert_eq!(part.z[..dims], mixture::sample(centre, 0.7, SEED, 4));
    let still = Sampling { temperature: 0.0, ..sampling(Centre::TrainedMean) };
    let mean: Vec<f32> = session.mixture().unwrap().mean(2).iter().map(|&v| v as f32).collect();
    assert_eq!(session.draw(&still, [(2, 0)]).unwrap(), mean);
}

#[test]
fn a_line_has_both_of_its_ends_and_any_part() {
    let mut session = session();
    let z = session.draw(&sampling(Centre::EmpiricalMean), [(0, 0), (1, 0)]).unwrap();
    let ends = z.split_at(z.len() / 2);
    let walk = session.interpolate(ends, 5, 0..5).unwrap();
    assert!(walk.z.starts_with(ends.0) && walk.z.ends_with(ends.1));
    let part = session.interpolate(ends, 5, 2..4).unwrap();
    let dims = ends.0.len();
    assert_eq!(
        (&part.z[..], &part.pixels[..]),
        (&walk.z[2 * dims..4 * dims], &walk.pixels[2 * dims..4 * dims])
    );
}

#[test]
fn a_latent_is_moved_along_the_plane() {
    let session = session();
    let z = session.draw(&sampling(Centre::EmpiricalMean), [(7, 1)]).unwrap();
    let moved = session.unproject(&[[1.5, -2.0]], Some(&z)).unwrap();
    let [[x, y]] = session.project(&moved).unwrap()[..] else { unreachable!("one latent has one place") };
    assert!((x - 1.5).abs() < 1e-3 && (y + 2.0).abs() < 1e-3, "({x}, {y})");
}

#[test]
fn what_does_not_fit_is_refused_in_a_sentence() {
    let mut session = session();
    let dims = session.model().spec().dims();
    let (image, short) = (vec![0.5; dims], vec![0.5; dims - 1]);
    let all = sampling(Centre::EmpiricalMean);
    for (message, wanted) in [
        (session.classify(&short, 0..).unwrap_err(), "whole number of images"),
        (session.classify(&image, []).unwrap_err(), "1 images have 0 numbers"),
        (session.encode(&short).unwrap_err(), "whole number of images"),
        (session.posteriors(&short).unwrap_err(), "whole number of images"),
        (session.project(&short).unwrap_err(), "whole number of images"),
        (session.sample(&all, [(10, 0)]).unwrap_err(), "no class 10"),
        (session.interpolate((&image, &short), 2, 0..2).unwrap_err(), "a latent has 784 numbers"),
        (session.interpolate((&image, &image), 1, 0..1).unwrap_err(), "two or more"),
        (session.interpolate((&image, &image), 3, 0..4).unwrap_err(), "no step 4"),
        (session.unproject(&[[0.0; 2]], Some(&short)).unwrap_err(), "a latent has 784 numbers"),
    ]
    .map(|(error, wanted)| (error.to_string(), wanted))
    {
        assert!(message.contains(wanted), "{message}");
    }
}

/// A session may be moved to another thread.
const _: fn(Session) = |session| {
    fn is_send(_: impl Send) {}
    is_send(session);
};
