//! Data that shows nothing, for what does not depend on what images show.

use ibinn::Preset;
use ibinn::math::random::{Purpose, Stream};
use ibinn_data::{Dataset, Images};

/// `images` images of uniform noise in the shape that a preset takes, of its ten classes in turn.
pub fn noise(preset: Preset, images: usize) -> Dataset {
    let spec = preset.spec().unwrap();
    let input = spec.input();
    let mut stream = Stream::new(0, Purpose::Test, 0);
    Dataset {
        name: "noise".into(),
        shape: [input.channels, input.height, input.width],
        images: Images::new(
            (0..images * spec.dims()).map(|_| (256.0 * stream.uniform()) as u8).collect(),
            spec.dims(),
        ),
        labels: (0..images).map(|i| (i % 10) as u16).collect(),
        class_names: (0..10).map(|class| class.to_string()).collect(),
        mean: input.mean.clone(),
        std: input.std.clone(),
    }
}
