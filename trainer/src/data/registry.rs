//! The data sets that are known by name.

use ibinn::pen::Alphabet;

use crate::error::{Error, Result};

/// How a data set is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// Not at all: our own pen draws it.
    Drawn {
        /// The alphabet.
        alphabet: Alphabet,
        /// Number of training images.
        train: usize,
        /// Number of test images.
        test: usize,
    },
    /// `{train,t10k}-{images-idx3,labels-idx1}-ubyte`, plain or .gz.
    Idx {
        /// Folder inside the data folder.
        folder: &'static str,
    },
    /// `data_batch_{1..5}.bin` and `test_batch.bin`.
    Cifar {
        /// Folder inside the data folder.
        folder: &'static str,
    },
}

/// A data set that is known by name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// Channels, rows, columns.
    pub shape: [usize; 3],
    /// Names of the classes.
    pub classes: [&'static str; 10],
    /// Per-channel mean for normalisation (spec §1.2).
    pub mean: &'static [f32],
    /// Per-channel standard deviation for normalisation (spec §1.2).
    pub std: &'static [f32],
    /// How it is stored.
    pub files: Files,
    /// Whether it has training images.
    pub trains: bool,
}

const DIGITS: [&str; 10] = Alphabet::Digits.class_names();
const GREY: &[f32] = &[0.5];

const fn grey(name: &'static str, about: &'static str, classes: [&'static str; 10], files: Files) -> Known {
    Known { name, about, shape: [1, 28, 28], classes, mean: GREY, std: GREY, files, trains: true }
}

/// All known data sets.
pub const REGISTRY: [Known; 7] = [
    grey(
        "builtin",
        "digits drawn by our own pen, nothing to download",
        DIGITS,
        Files::Drawn { alphabet: Alphabet::Digits, train: 20_000, test: 4_000 },
    ),
    grey(
        "builtin-letters",
        "letters by the same pen, for out-of-distribution tests",
        Alphabet::Letters.class_names(),
        Files::Drawn { alphabet: Alphabet::Letters, train: 20_000, test: 4_000 },
    ),
    grey("mnist", "handwritten digits, 60,000 + 10,000", DIGITS, Files::Idx { folder: "mnist" }),
    grey(
        "fashion-mnist",
        "photographs of garments, 60,000 + 10,000",
        [
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
        Files::Idx { folder: "fashion-mnist" },
    ),
    grey(
        "kmnist",
        "cursive Japanese characters, 60,000 + 10,000",
        ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
        Files::Idx { folder: "kmnist" },
    ),
    Known {
        trains: false,
        ..grey(
            "notmnist",
            "letters A to J in many typefaces, 10,000 test images",
            ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"],
            Files::Idx { folder: "notmnist" },
        )
    },
    Known {
        name: "cifar-10",
        about: "small colour photographs, 50,000 + 10,000",
        shape: [3, 32, 32],
        classes: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
        mean: &[0.4914, 0.4822, 0.4465],
        std: &[0.247, 0.243, 0.261],
        files: Files::Cifar { folder: "cifar-10-batches-bin" },
        trains: true,
    },
];

/// The data set called `name`.
///
/// # Errors
/// [`Error::Usage`] lists the known names.
pub fn find(name: &str) -> Result<&'static Known> {
    REGISTRY.iter().find(|known| known.name == name).ok_or_else(|| {
        let names: Vec<_> = REGISTRY.iter().map(|known| known.name).collect();
        Error::Usage(format!("there is no data set `{name}`, choose one of {}", names.join(", ")))
    })
}
