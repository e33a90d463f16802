//! Framing leaves alone what lies as training images do: every image of the grey data sets, of both splits.
#![allow(clippy::unwrap_used)]

use ibinn::image::Framed;
use ibinn_data::{DataDir, Split, load};

fn every_image_is_left_alone(name: &str, folder: &DataDir) {
    let [train, test] = [Split::Train, Split::Test].map(|split| load(name, split, folder).unwrap());
    let framing = train.framing().unwrap();
    for data in [&train, &test] {
        let [_, rows, columns] = data.shape;
        let mut changed = Vec::new();
        for i in 0..data.len() {
            let image = data.image(i);
            let (framed, how) =
                framing.apply((image.to_vec(), columns), |i| [f32::from(image[i]); 3], (columns, rows));
            if (framed.as_slice(), how) != (image, Framed::Unchanged) {
                changed.push(i);
            }
        }
        assert!(changed.is_empty(), "{} of {name} are changed: {changed:?}; {framing:?}", changed.len());
    }
}

#[test]
fn the_built_in_digits_are_left_alone() {
    every_image_is_left_alone("builtin", &DataDir::resolve(Some("nowhere".into())).unwrap());
}

#[test]
fn mnist_and_fashion_mnist_are_left_alone() {
    let Some(folder) = ibinn_testing::data_dir() else { return };
    let folder = DataDir::resolve(Some(folder)).unwrap();
    for name in ["mnist", "fashion-mnist"] {
        every_image_is_left_alone(name, &folder);
    }
    // Photographs have no ground.
    assert_eq!(load("cifar-10", Split::Test, &folder).unwrap().framing(), None);
}
