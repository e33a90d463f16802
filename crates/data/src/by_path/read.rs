//! Reading a data set: every picture decoded, brought to one shape, and given to its split.

use std::collections::BTreeSet;
use std::path::Path;

use ibinn_terminal::output::bytes;
use ibinn_terminal::progress::{Progress, Unit};
use sha2::{Digest, Sha256};

use super::decoded::{Decoded, Found};
use super::description::{ClassCounts, Description};
use super::layout::ordered;
use super::left_out::printable;
use super::plan::{Plan, Unread};
use super::splits::{by_pixels, repeats};
use super::{Cache, Collection, Reading, name, survey};
use crate::{Dataset, Error, Images, Result, Split};

/// Classes that a data set has at least and at most.
const CLASSES: [usize; 2] = [2, 1000];
/// A class with fewer training images is named.
const FEW: usize = 10;
/// Unreadable pictures that are named in an error.
const NAMED: usize = 5;

/// Reads the data set at `path`; its images get `shape` (channels, rows, columns), or without it the one that `reading`
/// and the pictures say. Images that take much memory are decoded once, into a file of `cache`. Progress is shown unless
/// `quiet`.
///
/// # Errors
/// When there is no data set, too many of its pictures cannot be read, or there are not two classes with training images
/// and one with test images.
pub fn read(
    path: &Path,
    reading: &Reading,
    shape: Option<[usize; 3]>,
    cache: &Cache,
    quiet: bool,
) -> Result<Collection> {
    let mut plan = Plan::new(path)?;
    let shape = match shape {
        Some(shape) => shape,
        None => survey::shape(&plan, reading)?,
    };
    let sizes = [plan.items.len(), shape.iter().product()];
    let decoded = Decoded::open(cache, || key(path, &plan, reading, shape), sizes, quiet)?;
    let (found, images) = decode(&mut plan, reading, shape, decoded, quiet)?;
    check_bad(path, &plan, found.len(), reading.max_bad)?;
    if found.is_empty() {
        return Err(Error::data(path, "it holds no picture that can be read"));
    }
    let mut notices = Vec::new();
    let has_splits = plan.has_splits && settle_splits(&mut plan, &mut notices);
    let split_of = |found: &Found| match plan.items[found.place].split {
        Some(split) if has_splits => split,
        _ => by_pixels(found.digest),
    };
    let splits: Vec<Split> = found.iter().map(split_of).collect();
    let classes = classes(path, &mut plan, &found, &splits)?;
    let label = |found: &Found| classes.iter().position(|class| *class == plan.items[found.place].class);
    let labels: Vec<Option<u16>> = found.iter().map(|found| label(found).map(|label| label as u16)).collect();
    let names = [Split::Train, Split::Val, Split::Test].map(|split| {
        let of = found
            .iter()
            .zip(&labels)
            .zip(&splits)
            .filter(|((_, label), own)| label.is_some() && **own == split);
        of.map(|((found, _), _)| plan.name(found.place)).collect()
    });
    let of = |split: Split| {
        let of = || (0..found.len()).filter(|&i| labels[i].is_some() && splits[i] == split);
        let places = of().map(|i| found[i].place);
        (images.choose(places), of().filter_map(|i| labels[i]).collect())
    };
    let train: (Images, Vec<u16>) = of(Split::Train);
    let (mean, std) = moments(&train.0, shape);
    let dataset = |(images, labels): (Images, Vec<u16>)| Dataset {
        name: name(path),
        shape,
        images,
        labels,
        class_names: classes.clone(),
        mean: mean.clone(),
        std: std.clone(),
    };
    let [train, val, test] = [train, of(Split::Val), of(Split::Test)].map(dataset);
    if test.is_empty() {
        return Err(Error::data(
            path,
            format!(
                "none of its {} images is a test image: add images, or lay them out in train/ and test/",
                train.len()
            ),
        ));
    }
    let counts: Vec<ClassCounts> = classes
        .iter()
        .enumerate()
        .map(|(class, name)| {
            let count =
                |data: &Dataset| data.labels.iter().filter(|&&label| usize::from(label) == class).count();
            ClassCounts { name: name.clone(), train: count(&train), val: count(&val), test: count(&test) }
        })
        .collect();
    let known = found.iter().zip(&labels).zip(&splits);
    let known = known.filter_map(|((found, label), &split)| Some((found.digest, (*label)?, split)));
    notices.extend(notes(&counts, &repeats(known), has_splits));
    let mut sizes: Vec<(usize, usize)> = found.iter().map(|found| found.size).collect();
    sizes.sort_by_key(|&(width, height)| (width.min(height), width.max(height)));
    let description = Description {
        path: path.display().to_string(),
        layout: plan.about,
        shape,
        sizes: [sizes[0], sizes[sizes.len() / 2], sizes[sizes.len() - 1]],
        look: reading.look,
        classes: counts,
        has_splits,
        left_out: plan.left_out,
        notices,
        names,
        mean,
        std,
    };
    Ok(Collection { train, val: Some(val).filter(|val| !val.is_empty()), test, description })
}

/// What decoded pictures are kept by: the data set's name, and what they are made of and become.
fn key(path: &Path, plan: &Plan, reading: &Reading, shape: [usize; 3]) -> String {
    let digest =
        Sha256::new().chain_update(plan.stamp(path)).chain_update(format!("{shape:?} {:?}", reading.look));
    let digest: String = digest.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let name: String = name(path).chars().filter(|c| c.is_alphanumeric() || ['-', '_'].contains(c)).collect();
    format!("{name}-{digest}")
}

/// Decodes the pictures that are not decoded yet: what there is then, in order, and images by their places.
fn decode(
    plan: &mut Plan,
    reading: &Reading,
    shape: [usize; 3],
    mut decoded: Decoded,
    quiet: bool,
) -> Result<(Vec<Found>, Images)> {
    let (count, missing) = (plan.items.len(), decoded.missing());
    let mut unread: Vec<(usize, Unread)> = Vec::new();
    let mut progress = Progress::new(Some(count as u64), Unit::Images, "reading pictures", quiet);
    if let Some((folder, size)) = decoded.file().filter(|_| !quiet) {
        progress.line(&format!("decoded pictures: {} in {}", bytes(size), folder.display()));
    }
    progress.skip_to((count - missing.len()) as u64);
    plan.each(
        &missing,
        |_, picture| {
            picture.map(|picture| (picture.size(), picture.digest(), picture.image(shape, &reading.look)))
        },
        |place, read| {
            match read {
                Ok((size, digest, image)) => decoded.put(Found { place, size, digest }, &image)?,
                Err(why) => unread.push((place, why)),
            }
            progress.advance(1);
            Ok(())
        },
    )?;
    progress.finish();
    unread.sort_by_key(|(place, _)| *place);
    for (place, why) in unread {
        let name = plan.name(place);
        match why {
            Unread::Other => plan.left_out.add("it is no picture", &name),
            Unread::Bad(why) => plan.bad.push((name, why)),
        }
    }
    decoded.finish()
}

/// Refuses a data set too many of whose pictures cannot be read; the others are left out.
fn check_bad(path: &Path, plan: &Plan, good: usize, max_bad: f64) -> Result<()> {
    let bad = plan.bad.len();
    if bad as f64 <= max_bad * (bad + good) as f64 {
        return Ok(());
    }
    let named: Vec<String> =
        plan.bad.iter().take(NAMED).map(|(name, why)| format!("{}: {why}", printable(name))).collect();
    let more = if bad > NAMED { format!("; and {} more", bad - NAMED) } else { String::new() };
    Err(Error::data(
        path,
        format!(
            "{bad} of its {} pictures cannot be read, more than the {} % that --max-bad allows: {}{more}",
            bad + good,
            100.0 * max_bad,
            named.join("; ")
        ),
    ))
}

/// Makes given splits fit to train and test by, and says whether they are.
fn settle_splits(plan: &mut Plan, notices: &mut Vec<String>) -> bool {
    let has = |plan: &Plan, split: Split| plan.items.iter().any(|item| item.split == Some(split));
    if has(plan, Split::Test) {
        return true;
    }
    if !has(plan, Split::Val) {
        notices.push("there are only training images, so they are split by their pixels".into());
        return false;
    }
    notices.push("there are no test images, so the validation images are the test images".into());
    for item in plan.items.iter_mut().filter(|item| item.split == Some(Split::Val)) {
        item.split = Some(Split::Test);
    }
    true
}

/// The classes that can be trained, in order; images of others are left out.
fn classes(path: &Path, plan: &mut Plan, found: &[Found], splits: &[Split]) -> Result<Vec<String>> {
    let class = |found: &Found| plan.items[found.place].class.clone();
    let with_images: BTreeSet<String> = found.iter().map(class).collect();
    let trained = found.iter().zip(splits).filter(|(_, split)| **split == Split::Train);
    let trained: BTreeSet<String> = trained.map(|(found, _)| class(found)).collect();
    let named: BTreeSet<String> = plan.items.iter().map(|item| item.class.clone()).collect();
    for class in named.difference(&with_images) {
        plan.left_out.add("the class has no picture", class);
    }
    for found in found {
        if !trained.contains(&plan.items[found.place].class) {
            let name = plan.name(found.place);
            plan.left_out.add("its class has no training image", &name);
        }
    }
    for (name, why) in std::mem::take(&mut plan.bad) {
        plan.left_out.add(&why, &name);
    }
    let [least, most] = CLASSES;
    let count = trained.len();
    if (least..=most).contains(&count) {
        return Ok(match plan.order.take() {
            Some(order) => order.into_iter().filter(|class| trained.contains(class)).collect(),
            None => ordered(trained),
        });
    }
    let names: Vec<String> = trained.iter().take(3).map(|name| printable(name)).collect();
    let names = if count == 0 { String::new() } else { format!(" ({})", names.join(", ")) };
    Err(Error::data(
        path,
        format!(
            "it has {count} classes with training images{names}, must have {least} to {most}: {}",
            plan.about
        ),
    ))
}

/// Mean and standard deviation of each channel, in units of [0, 1]; of one that is constant, the deviation of a grey level.
fn moments(images: &Images, [channels, rows, columns]: [usize; 3]) -> (Vec<f32>, Vec<f32>) {
    let plane = rows * columns;
    let mut sums = vec![[0u64; 2]; channels];
    for image in images.iter() {
        for (values, [sum, squares]) in image.chunks_exact(plane).zip(&mut sums) {
            for &v in values {
                *sum += u64::from(v);
                *squares += u64::from(v) * u64::from(v);
            }
        }
    }
    let count = (images.len() * plane).max(1) as f64;
    let of = |&[sum, squares]: &[u64; 2]| {
        let mean = sum as f64 / count;
        let variance = squares as f64 / count - mean * mean;
        ((mean / 255.0) as f32, (variance.sqrt().max(1.0) / 255.0) as f32)
    };
    sums.iter().map(of).unzip()
}

/// What there is to know of a data set that is read all the same.
fn notes(counts: &[ClassCounts], repeats: &super::splits::Repeats, has_splits: bool) -> Vec<String> {
    let named = |classes: Vec<&ClassCounts>| {
        let names: Vec<String> = classes.iter().take(NAMED).map(|class| printable(&class.name)).collect();
        format!("{}{}", names.join(", "), if classes.len() > NAMED { ", …" } else { "" })
    };
    let of = |test: fn(&ClassCounts) -> bool| counts.iter().filter(|class| test(class)).collect::<Vec<_>>();
    let mut notes = Vec::new();
    let without = of(|class| class.test == 0);
    if !without.is_empty() {
        notes.push(format!(
            "without test images, so nothing will be known of their errors: {}",
            named(without)
        ));
    }
    let few = of(|class| class.train < FEW);
    if !few.is_empty() {
        notes.push(format!("fewer than {FEW} training images: {}", named(few)));
    }
    if repeats.again > 0 {
        notes.push(format!("{} pictures are equal to another one", repeats.again));
    }
    if has_splits && repeats.straddling > 0 {
        notes.push(format!(
            "{} test or validation pictures are equal to a training picture, which makes the test too easy",
            repeats.straddling
        ));
    }
    if repeats.contradicting > 0 {
        notes.push(format!("{} pictures stand in more than one class", repeats.contradicting));
    }
    notes
}
