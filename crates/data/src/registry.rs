//! The data sets that are known by name.

use std::path::Path;

use ibinn::synthetic::Alphabet;

use super::cifar::{CIFAR_10, CIFAR_100, Cifar};
use crate::{Error, Result};

/// How a data set is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// Not at all: the program draws it.
    Drawn {
        /// The alphabet.
        alphabet: Alphabet,
        /// Number of training images.
        train: usize,
        /// Number of test images.
        test: usize,
    },
    /// `{train,t10k}-{images-idx3,labels-idx1}-ubyte`, also with a dot before `idx`, plain or .gz.
    Idx {
        /// Folder inside the data folder.
        folder: &'static str,
        /// Folder inside the data folder where torchvision keeps them, read where ours lacks a file.
        torchvision: &'static str,
    },
    /// Records of labels and colour planes.
    Cifar(Cifar),
}

/// A data set that is known by name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DatasetInfo {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// Channels, rows, columns.
    pub shape: [usize; 3],
    /// Names of the classes.
    pub classes: &'static [&'static str],
    /// Per-channel mean for normalisation (method §1.2).
    pub mean: &'static [f32],
    /// Per-channel standard deviation for normalisation (method §1.2).
    pub std: &'static [f32],
    /// How it is stored.
    pub files: Files,
    /// Whether it has training images.
    pub trains: bool,
}

const DIGITS: &[&str] = &Alphabet::Digits.class_names();
const GREY: &[f32] = &[0.5];

const fn grey(
    name: &'static str,
    about: &'static str,
    classes: &'static [&'static str],
    files: Files,
) -> DatasetInfo {
    DatasetInfo { name, about, shape: [1, 28, 28], classes, mean: GREY, std: GREY, files, trains: true }
}

// Both are normalised by the same numbers (method §1.2).
const fn colour(
    name: &'static str,
    about: &'static str,
    classes: &'static [&'static str],
    files: Cifar,
) -> DatasetInfo {
    DatasetInfo {
        name,
        about,
        shape: [3, 32, 32],
        classes,
        mean: &[0.4914, 0.4822, 0.4465],
        std: &[0.247, 0.243, 0.261],
        files: Files::Cifar(files),
        trains: true,
    }
}

/// All known data sets.
pub const REGISTRY: [DatasetInfo; 8] = [
    grey(
        "builtin",
        "digits drawn by the program itself, nothing to download",
        DIGITS,
        Files::Drawn { alphabet: Alphabet::Digits, train: 20_000, test: 4_000 },
    ),
    grey(
        "builtin-letters",
        "letters by the same pen, for out-of-distribution tests",
        &Alphabet::Letters.class_names(),
        Files::Drawn { alphabet: Alphabet::Letters, train: 20_000, test: 4_000 },
    ),
    grey(
        "mnist",
        "handwritten digits, 60,000 + 10,000",
        DIGITS,
        Files::Idx { folder: "mnist", torchvision: "MNIST/raw" },
    ),
    grey(
        "fashion-mnist",
        "photographs of garments, 60,000 + 10,000",
        &[
            "T-shirt",
            "trouser",
            "pullover",
            "dress",
            "coat",
            "sandal",
            "shirt",
            "sneaker",
            "bag",
            "ankle boot",
        ],
        Files::Idx { folder: "fashion-mnist", torchvision: "FashionMNIST/raw" },
    ),
    grey(
        "kmnist",
        "cursive Japanese characters, 60,000 + 10,000",
        &["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
        Files::Idx { folder: "kmnist", torchvision: "KMNIST/raw" },
    ),
    DatasetInfo {
        trains: false,
        ..grey(
            "notmnist",
            "letters A to J in many typefaces, 10,000 test images",
            &["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"],
            Files::Idx { folder: "notmnist", torchvision: "notMNIST/raw" },
        )
    },
    colour(
        "cifar-10",
        "small colour photographs, 50,000 + 10,000",
        &["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
        CIFAR_10,
    ),
    colour("cifar-100", "the same of a hundred classes, 50,000 + 10,000", &HUNDRED, CIFAR_100),
];

/// The data set called `name`.
///
/// # Errors
/// [`Error::Usage`] lists the known names.
pub fn find(name: &str) -> Result<&'static DatasetInfo> {
    REGISTRY.iter().find(|known| known.name == name).ok_or_else(|| {
        let names: Vec<_> = REGISTRY.iter().map(|known| known.name).collect();
        if Path::new(name).exists() {
            return Error::Usage(format!(
                "`{name}` is a file or folder, and must be a name here: {}",
                names.join(", ")
            ));
        }
        Error::Usage(format!(
            "there is no data set `{name}`, and no file or folder of this name; choose one of {}",
            names.join(", ")
        ))
    })
}

/// The classes of CIFAR-100, by the alphabet.
#[rustfmt::skip]
const HUNDRED: [&str; 100] = [
    "apple", "aquarium fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl",
    "boy", "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair",
    "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin",
    "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp",
    "lawn mower", "leopard", "lion", "lizard", "lobster", "man", "maple tree", "motorcycle", "mountain",
    "mouse", "mushroom", "oak tree", "orange", "orchid", "otter", "palm tree", "pear", "pickup truck",
    "pine tree", "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road",
    "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider",
    "squirrel", "streetcar", "sunflower", "sweet pepper", "table", "tank", "telephone", "television", "tiger",
    "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow tree", "wolf", "woman",
    "worm",
];
