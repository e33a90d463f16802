//! From bytes to the network's input in training: augmentation, noise, normalisation (method §1.2).

use ibinn::math::random::{Purpose, Stream};
use rayon::prelude::*;

use super::{Augmentation, Dataset};

/// What is done to a training image.
#[derive(Clone, Debug, PartialEq)]
pub struct Preparation {
    /// How it is augmented (steps 1 to 5).
    pub augment: Augmentation,
    /// Adds u/256, u ~ U[0, 1) (step 7).
    pub dequantize: bool,
    /// Standard deviation σ of the Gaussian noise, in units of [0, 1] (step 8).
    pub sigma: f32,
    /// Per-channel mean, in units of [0, 1] (step 9).
    pub mean: Vec<f32>,
    /// Per-channel standard deviation, in units of [0, 1] (step 9).
    pub std: Vec<f32>,
}

/// The images at `indices`, prepared and normalised, N×C×H×W.
///
/// Every image draws from its own stream for (epoch, index), so the result does not depend on threads or order.
pub fn batch(
    data: &Dataset,
    indices: &[usize],
    epoch: u64,
    seed: u64,
    preparation: &Preparation,
) -> Vec<f32> {
    let mut x = vec![0.0; indices.len() * data.image_len()];
    x.par_chunks_mut(data.image_len()).zip(indices).for_each(|(out, &i)| {
        prepare(data.image(i), data.shape, epoch, i as u64, seed, preparation, out);
    });
    x
}

fn prepare(image: &[u8], shape: [usize; 3], epoch: u64, i: u64, seed: u64, p: &Preparation, out: &mut [f32]) {
    let augmented = p.augment.apply(image, shape, epoch, i, seed);
    let mut stream = Stream::for_pair(seed, Purpose::Noise, epoch, i);
    let plane = shape[1] * shape[2];
    for (j, (out, &byte)) in out.iter_mut().zip(augmented.as_deref().unwrap_or(image)).enumerate() {
        let mut value = f32::from(byte) / 255.0;
        if p.dequantize {
            value += stream.uniform() as f32 / 256.0;
        }
        if p.sigma > 0.0 {
            value += p.sigma * stream.normal() as f32;
        }
        *out = (value - p.mean[j / plane]) / p.std[j / plane];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(byte: u8) -> Dataset {
        Dataset {
            name: "test".into(),
            shape: [3, 32, 32],
            images: crate::Images::new(vec![byte; 2 * 3072], 3072),
            labels: vec![0, 1],
            class_names: vec![],
            mean: vec![0.4914, 0.4822, 0.4465],
            std: vec![0.247, 0.243, 0.261],
        }
    }

    fn preparation(data: &Dataset, dequantize: bool, sigma: f32) -> Preparation {
        Preparation {
            augment: Augmentation::None,
            dequantize,
            sigma,
            mean: data.mean.clone(),
            std: data.std.clone(),
        }
    }

    #[test]
    fn normalises_to_the_published_values() {
        for (byte, wanted) in
            [(0, [-1.989_474, -1.984_362, -1.710_728]), (255, [2.059_109, 2.130_864, 2.120_690])]
        {
            let data = data(byte);
            let x = batch(&data, &[0], 0, 0, &preparation(&data, false, 0.0));
            for (channel, wanted) in wanted.into_iter().enumerate() {
                assert!((f64::from(x[channel * 1024]) - wanted).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn noise_has_the_published_size_and_its_own_draw_per_epoch_and_image() {
        let data = data(100);
        let noisy = preparation(&data, true, 0.01);
        let both = batch(&data, &[0, 1], 3, 5, &noisy);
        assert_eq!(both[3072..], batch(&data, &[1], 3, 5, &noisy));
        assert_ne!(both[..3072], both[3072..]);
        assert_ne!(both[..3072], batch(&data, &[0], 4, 5, &noisy));
        let red: Vec<f64> = both[..1024].iter().map(|&v| f64::from(v) * 0.247).collect();
        let mean = red.iter().sum::<f64>() / 1024.0;
        let std = (red.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 1024.0).sqrt();
        assert!((std - 0.010_063).abs() < 0.001, "{std}");
        assert!((mean + 0.4914 - 100.0 / 255.0 - 1.0 / 512.0).abs() < 0.0015, "{mean}");
    }
}
