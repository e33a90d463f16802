//! Names of models for people, which differ where the models do.

use std::ffi::OsStr;
use std::path::Path;

use ibinn::Method;
use ibinn_runs::results::names::{EVALUATION, MODEL};

/// The name of each of several models, or of what was measured of them; with where it lies where several would have the
/// same, as runs that differ in data set, preset or seed have.
pub fn distinct<'a>(models: impl IntoIterator<Item = (Method, &'a Path)>) -> Vec<String> {
    let models: Vec<(String, &Path)> =
        models.into_iter().map(|(method, path)| (method.to_string(), place(path))).collect();
    let name = |(label, place): &(String, &Path)| {
        let places: Vec<&Path> =
            models.iter().filter(|(other, _)| other == label).map(|(_, place)| *place).collect();
        let last = place.file_name().unwrap_or(place.as_os_str());
        let alike = places.iter().filter(|place| place.file_name() == Some(last)).count();
        match (places.len(), alike) {
            (1, _) => label.clone(),
            (_, 1) => format!("{label} ({})", last.display()),
            _ => format!("{label} ({})", place.display()),
        }
    };
    models.iter().map(name).collect()
}

/// A run's folder for a file that every run has, else the file itself.
fn place(path: &Path) -> &Path {
    let is_of_a_run = [MODEL, EVALUATION].iter().any(|name| path.file_name() == Some(OsStr::new(name)));
    match path.parent() {
        Some(folder) if is_of_a_run && folder != Path::new("") => folder,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_collide_tell_where_the_model_lies() {
        let (resnet, class_nll) = (Method::ResNet, Method::ClassNll { frozen_means: None });
        let paths = ["a/first/model.safetensors", "a/second", "b/first/evaluation.json", "b/other.json"]
            .map(Path::new);
        let names = |methods: [Method; 4]| distinct(methods.into_iter().zip(paths));
        assert_eq!(
            names([resnet, resnet, class_nll, resnet]),
            ["ResNet (first)", "ResNet (second)", "class-NLL", "ResNet (other.json)"]
        );
        assert_eq!(
            names([resnet, resnet, resnet, class_nll]),
            ["ResNet (a/first)", "ResNet (second)", "ResNet (b/first)", "class-NLL"]
        );
    }
}
