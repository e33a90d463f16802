//! The shared core behind wasm-bindgen: what the worker of the `ibinn` npm module (`web/ts`) runs.
//!
//! [`Engine`] is a model together with its executor. Images come in and go out as pixels in \[0, 1\], N×C×H×W, as one
//! typed array; every number that the module reports is computed by the core. [`fit_picture`] and [`corrupt_image`] make
//! images for it. [`PlaneTrainer`] is a small flow that is trained in
//! the page, [`Course`] (feature `training`) one that learns a visitor's pictures.

mod arguments;
#[cfg(any(feature = "training", not(target_family = "wasm")))]
mod course;
mod engine;
mod error;
mod images;
mod plane;
mod values;

#[cfg(any(feature = "training", not(target_family = "wasm")))]
pub use course::{Course, CourseHelper, CoursePictures, known_at_once};
pub use engine::Engine;
pub use error::Error;
pub use images::{FramedPicture, corrupt_image, fit_picture, frame_picture, vary_picture};
pub use plane::PlaneTrainer;

use wasm_bindgen::prelude::wasm_bindgen;

/// Sends panics to the browser's console; runs when the wasm is instantiated.
#[wasm_bindgen(start)]
fn report_panics() {
    console_error_panic_hook::set_once();
}
