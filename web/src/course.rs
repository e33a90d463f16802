//! A course as JavaScript sees it: a flow that learns a visitor's pictures, its steps shared among workers.

use ibinn::training::Slope;
use ibinn::training::course::{self, Pictures, Settings, Start, Task};
use ibinn::{Gamma, Model, ModelSpec, Precision};
use js_sys::{Float32Array, Uint16Array};
use serde::Serialize;
use serde_wasm_bindgen::preserve;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::arguments;
use crate::error::{Error, Result};
use crate::values::to_js;

/// Most classes: as many as the page tells apart by colour.
const MOST_CLASSES: usize = 10;
/// Most numbers of all pictures: 120,000 of grey 28×28.
const MOST_BYTES: usize = 100_000_000;

/// Pictures of a visitor's, with the classes that they are of.
#[wasm_bindgen]
pub struct CoursePictures {
    pictures: Pictures,
}

#[wasm_bindgen]
impl CoursePictures {
    /// `bytes` are N×C×H×W, `labels` N.
    ///
    /// # Errors
    /// When they are not whole pictures of two to ten classes, each with a name and a picture.
    #[wasm_bindgen(constructor)]
    pub fn new(
        channels: f64,
        height: f64,
        width: f64,
        classes: Vec<String>,
        bytes: Vec<u8>,
        labels: Vec<u16>,
    ) -> Result<CoursePictures> {
        let shape = [("channels", channels, 3), ("height", height, 128), ("width", width, 128)];
        let shape = shape.map(|(name, value, most)| arguments::whole(name, value, 1, most));
        let [channels, height, width] = shape;
        let shape = [channels? as usize, height? as usize, width? as usize];
        if classes.len() > MOST_CLASSES || bytes.len() > MOST_BYTES {
            return Err(Error::Argument(format!(
                "{} pictures of {} classes are more than the page trains on",
                labels.len(),
                classes.len()
            )));
        }
        Ok(Self { pictures: Pictures::new(shape, classes, bytes, labels)? })
    }
}

/// What is known before anything is trained: a model in which the flow of another one has means and a detector for these
/// pictures.
///
/// # Errors
/// When the bytes are no sound model file, or the model does not take such pictures.
#[wasm_bindgen(js_name = knownAtOnce)]
pub fn known_at_once(model: &[u8], pictures: &CoursePictures, seed: f64) -> Result<JsValue> {
    learnt(course::closed_form(&read(model)?, &pictures.pictures, arguments::seed(seed)?)?)
}

/// `Learnt` of the module.
#[derive(Serialize)]
struct Learnt {
    #[serde(with = "preserve")]
    file: js_sys::Uint8Array,
    confusion: Vec<Vec<usize>>,
}

fn learnt(course::Learnt { model, confusion }: course::Learnt) -> Result<JsValue> {
    to_js(&Learnt { file: model.to_bytes(Precision::F32).as_slice().into(), confusion })
}

/// A flow in training on a visitor's pictures.
#[wasm_bindgen]
pub struct Course {
    course: course::Course,
    tasks: Vec<Task>,
    slopes: Vec<Option<Slope>>,
}

/// `CourseReadout` of the module.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Readout {
    steps: f64,
    images: f64,
    loss: f64,
    l_x: f64,
    l_y: f64,
    accuracy: f64,
}

/// `CourseFacts` of the module.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    spec: String,
    #[serde(with = "preserve")]
    permutation: js_sys::Uint32Array,
    seed: f64,
    groups: usize,
    steps: f64,
    held_out: usize,
}

/// `SlopeTask` of the module.
#[derive(Serialize)]
struct GroupTask {
    #[serde(with = "preserve")]
    images: Float32Array,
    #[serde(with = "preserve")]
    labels: Uint16Array,
    gamma: f64,
    number: f64,
}

#[wasm_bindgen]
impl Course {
    /// A course on pictures from the model of these bytes, or from nothing.
    ///
    /// # Errors
    /// When an argument is out of range, or the model does not take such pictures.
    pub fn start(
        pictures: CoursePictures,
        model: Option<Vec<u8>>,
        gamma: f64,
        strength: f64,
        seed: f64,
    ) -> Result<Course> {
        let (pictures, seed) = (pictures.pictures, arguments::seed(seed)?);
        let start = match model {
            Some(model) => Start::from_model(&read(&model)?, &pictures, seed)?,
            None => Start::fresh(&pictures, seed)?,
        };
        let course = course::Course::new(pictures, start, settings(gamma, strength)?, seed);
        Ok(Self::of(course))
    }

    /// Goes on from a checkpoint.
    ///
    /// # Errors
    /// When the bytes are none, or the pictures are of other classes or another shape.
    pub fn resume(checkpoint: &[u8], pictures: CoursePictures) -> Result<Course> {
        Ok(Self::of(course::Course::resume(checkpoint, pictures.pictures)?))
    }

    /// What helpers and the page need to know.
    ///
    /// # Errors
    /// When it cannot be handed over.
    pub fn facts(&self) -> Result<JsValue> {
        to_js(&Facts {
            spec: serde_json::json!(self.course.spec()).to_string(),
            permutation: self.course.permutation().as_slice().into(),
            seed: self.course.seed() as f64,
            groups: self.course.groups(),
            steps: self.course.steps() as f64,
            held_out: self.course.pictures().held_out().len(),
        })
    }

    /// Changes what may change between two steps.
    ///
    /// # Errors
    /// When an argument is out of range.
    pub fn set(&mut self, gamma: f64, strength: f64) -> Result<()> {
        self.course.set(settings(gamma, strength)?);
        Ok(())
    }

    /// Goes on with other pictures.
    ///
    /// # Errors
    /// When they are of other classes or another shape.
    #[wasm_bindgen(js_name = setPictures)]
    pub fn set_pictures(&mut self, pictures: CoursePictures) -> Result<()> {
        Ok(self.course.set_pictures(pictures.pictures)?)
    }

    /// Begins a step; how many groups it has.
    pub fn begin(&mut self) -> usize {
        self.tasks = self.course.tasks();
        self.slopes = vec![None; self.tasks.len()];
        self.tasks.len()
    }

    /// The parameters, at which helpers compute slopes.
    pub fn values(&self) -> Float32Array {
        self.course.values().into()
    }

    /// What a helper computes the slope of a group from.
    ///
    /// # Errors
    /// When there is no such group in the step that was begun.
    pub fn task(&self, group: usize) -> Result<JsValue> {
        let task = self.tasks.get(group).ok_or_else(no_group)?;
        to_js(&GroupTask {
            images: task.images.as_slice().into(),
            labels: task.labels.as_slice().into(),
            gamma: task.gamma.value(),
            number: task.number as f64,
        })
    }

    /// Computes the slope of a group here.
    ///
    /// # Errors
    /// When there is no such group in the step that was begun.
    pub fn compute(&mut self, group: usize) -> Result<()> {
        let task = self.tasks.get(group).ok_or_else(no_group)?;
        self.slopes[group] = Some(self.course.slope(task));
        Ok(())
    }

    /// Takes the slope of a group that a helper computed.
    ///
    /// # Errors
    /// When there is no such group in the step that was begun, or the slope is of another network.
    pub fn give(&mut self, group: usize, terms: &[f64], numbers: Vec<f32>) -> Result<()> {
        let slope = Slope::from_parts(terms, numbers);
        let slope = slope.filter(|slope| slope.numbers.len() == self.course.values().len());
        let slope = slope.ok_or_else(|| Error::Argument("the slope is of another network".into()))?;
        *self.slopes.get_mut(group).ok_or_else(no_group)? = Some(slope);
        Ok(())
    }

    /// Takes the step that was begun, once there are the slopes of all groups.
    ///
    /// # Errors
    /// When one is missing, or the training has diverged.
    pub fn finish(&mut self) -> Result<JsValue> {
        let slopes: Option<Vec<Slope>> = std::mem::take(&mut self.slopes).into_iter().collect();
        let slopes = slopes.filter(|slopes| !slopes.is_empty()).ok_or_else(no_group)?;
        let terms = self.course.take(slopes).map_err(|problem| Error::Argument(problem.to_string()))?.terms;
        to_js(&Readout {
            steps: self.course.steps() as f64,
            images: self.course.batch() as f64,
            loss: terms.loss,
            l_x: terms.l_x.unwrap_or(f64::NAN),
            l_y: terms.l_y,
            accuracy: terms.accuracy,
        })
    }

    /// What has been learnt so far.
    ///
    /// # Errors
    /// When a weight is not finite.
    pub fn learnt(&self) -> Result<JsValue> {
        learnt(self.course.learnt()?)
    }

    /// The state of the course, without its pictures.
    pub fn checkpoint(&self) -> Vec<u8> {
        self.course.checkpoint()
    }
}

impl Course {
    fn of(course: course::Course) -> Self {
        Self { course, tasks: Vec::new(), slopes: Vec::new() }
    }
}

/// What computes slopes for a course in another worker.
#[wasm_bindgen]
pub struct CourseHelper {
    helper: course::Helper,
}

/// `GroupSlope` of the module.
#[derive(Serialize)]
struct GroupSlope {
    #[serde(with = "preserve")]
    terms: js_sys::Float64Array,
    #[serde(with = "preserve")]
    numbers: Float32Array,
}

#[wasm_bindgen]
impl CourseHelper {
    /// One for a course of which these are the [`facts`](Course::facts).
    ///
    /// # Errors
    /// When the spec is none.
    #[wasm_bindgen(constructor)]
    pub fn new(spec: &str, permutation: &[u32], seed: f64) -> Result<CourseHelper> {
        let spec: ModelSpec =
            serde_json::from_str(spec).map_err(|problem| Error::Argument(problem.to_string()))?;
        Ok(Self { helper: course::Helper::new(&spec, permutation, arguments::seed(seed)?) })
    }

    /// The slope of a [`task`](Course::task) at the parameters `values`.
    ///
    /// # Errors
    /// When an argument is out of range.
    pub fn slope(
        &self,
        values: &[f32],
        images: Vec<f32>,
        labels: Vec<u16>,
        gamma: f64,
        number: f64,
    ) -> Result<JsValue> {
        let task = Task { images, labels, gamma: self::gamma(gamma)?, number: arguments::seed(number)? };
        let slope = self.helper.slope(values, &task);
        to_js(&GroupSlope {
            terms: slope.terms_as_numbers().as_slice().into(),
            numbers: slope.numbers.as_slice().into(),
        })
    }
}

fn read(model: &[u8]) -> Result<Model> {
    Model::from_bytes(model).map_err(|source| Error::Model { name: "the model".into(), source })
}

fn no_group() -> Error {
    Error::Argument("there is no such group in this step".into())
}

fn gamma(value: f64) -> Result<Gamma> {
    Gamma::new(value)
        .ok_or_else(|| Error::Argument(format!("gamma is {value}, must be a number from 0 up, or infinite")))
}

fn settings(gamma: f64, strength: f64) -> Result<Settings> {
    Ok(Settings { gamma: self::gamma(gamma)?, strength: arguments::strength(strength)? })
}
