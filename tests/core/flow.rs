//! Whole flows against brute force: the Jacobian, round trips, and batches against single images, in f64 and f32.

use ibinn::math::random::{Purpose, Stream};
use ibinn::{CpuExecutor, ModelSpec, Preset, Real};
use ibinn_testing::nets::{executor_of, small, weights};

fn executor<F: Real>(spec: &ModelSpec) -> CpuExecutor<F> {
    executor_of(spec, weights(spec))
}

fn images<F: Real>(spec: &ModelSpec, count: usize) -> Vec<F> {
    let mut stream = Stream::new(2, Purpose::Test, 0);
    (0..count * spec.dims()).map(|_| F::from_f64(stream.normal())).collect()
}

fn largest_difference<F: Real>(a: &[F], b: &[F]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a.to_f64() - b.to_f64()).abs())
        .fold(0.0, |worst, e| if e.is_nan() { f64::INFINITY } else { f64::max(worst, e) })
}

/// ln|det| of a column-major n×n matrix by Gaussian elimination with pivoting.
fn log_abs_det(mut m: Vec<f64>, n: usize) -> f64 {
    let mut sum = 0.0;
    for k in 0..n {
        let pivot = (k..n).max_by(|&a, &b| m[a * n + k].abs().total_cmp(&m[b * n + k].abs())).unwrap();
        (0..n).for_each(|j| m.swap(k * n + j, pivot * n + j));
        sum += m[k * n + k].abs().ln();
        for i in k + 1..n {
            let factor = m[i * n + k] / m[k * n + k];
            (k..n).for_each(|j| m[i * n + j] -= factor * m[k * n + j]);
        }
    }
    sum
}

#[test]
fn log_det_is_that_of_the_jacobian() {
    let spec = small();
    let executor = executor::<f64>(&spec);
    let x = images::<f64>(&spec, 1);
    let dims = spec.dims();
    let step = 1e-6;
    let mut jacobian = Vec::with_capacity(dims * dims);
    for i in 0..dims {
        let moved = |by: f64| {
            let mut x = x.clone();
            x[i] += by;
            executor.encode(&x).unwrap().z
        };
        let (above, below) = (moved(step), moved(-step));
        jacobian.extend(above.iter().zip(&below).map(|(a, b)| (a - b) / (2.0 * step)));
    }
    let wanted = log_abs_det(jacobian, dims);
    let got = executor.encode(&x).unwrap().log_det[0];
    assert!((got - wanted).abs() < 1e-6 * wanted.abs().max(1.0), "{got} instead of {wanted}");
}

#[test]
fn decoding_undoes_encoding() {
    let spec = small();
    let double = executor::<f64>(&spec);
    let x = images::<f64>(&spec, 3);
    assert!(largest_difference(&double.decode(&double.encode(&x).unwrap().z).unwrap(), &x) < 1e-10);
    let single = executor::<f32>(&spec);
    let x = images::<f32>(&spec, 3);
    assert!(largest_difference(&single.decode(&single.encode(&x).unwrap().z).unwrap(), &x) < 1e-3);
}

#[test]
fn a_batch_gives_what_its_images_give_alone() {
    for spec in [small(), Preset::Tiny.spec().unwrap()] {
        let executor = executor::<f32>(&spec);
        let x = images::<f32>(&spec, 37);
        let whole = executor.encode(&x).unwrap();
        for (i, image) in x.chunks(spec.dims()).enumerate() {
            let alone = executor.encode(image).unwrap();
            assert_eq!(alone.z, whole.z[i * spec.dims()..][..spec.dims()]);
            assert_eq!(alone.log_det[0], whole.log_det[i]);
        }
        assert!(executor.encode(&[]).unwrap().z.is_empty());
        assert!(executor.encode(&x[1..]).is_err());
        assert!(executor.decode(&x[1..]).is_err());
    }
}

#[test]
fn log_dets_of_the_elements_add_up_to_the_whole() {
    let spec = small();
    let executor = executor::<f64>(&spec);
    let x = images::<f64>(&spec, 1);
    let whole = executor.encode(&x).unwrap();
    let steps = executor.trace(&x).unwrap();
    assert!((steps.iter().map(|(_, _, log_det)| log_det).sum::<f64>() - whole.log_det[0]).abs() < 1e-9);
    assert_eq!(steps.last().unwrap().1, whole.z);
}
