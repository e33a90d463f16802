//! The two containers of PyTorch: a zip archive, since 1.6, and five pickles with raw arrays behind them, before.

use std::borrow::Cow;
use std::collections::HashMap;

use ibinn::model::container::{Array, Dtype};
use ibinn::model::foreign;
use ibinn_files::zip::Zip;

use super::object::{Id, Number, StorageInfo};
use super::pickle::Pickle;

/// The number that the legacy container begins with.
const MAGIC: i128 = 0x1950_a86a_20f9_469c_fc6c;
/// The version of the legacy container.
const PROTOCOL: i128 = 1001;

/// A checkpoint's objects and arrays.
pub(super) struct Archive<'a> {
    /// The objects.
    pub pickle: Pickle,
    storages: Vec<Cow<'a, [u8]>>,
    /// Numbers that may still be read. A sound file's tensors share nothing; without a bound, a small file could name one
    /// array a million times.
    budget: usize,
}

/// A tensor in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tensor {
    /// Shape, outermost dimension first.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub values: Vec<f64>,
    /// How far they may be from what they stood for, in units of themselves, where they were stored in half precision.
    pub rounding: f64,
}

impl<'a> Archive<'a> {
    /// Opens either container.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence about "it".
    pub fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let (pickle, storages) =
            if bytes.starts_with(b"PK") { from_zip(bytes)? } else { from_legacy(bytes)? };
        let budget = pickle.storages.iter().map(|storage| storage.length).sum();
        Ok(Self { pickle, storages, budget })
    }

    /// Reads a tensor, following its strides.
    ///
    /// # Errors
    /// When the object is no tensor, lies outside its storage, or holds a number that is not finite.
    pub fn tensor(&mut self, id: Id) -> Result<Tensor, String> {
        let view = self.pickle.tensor(id).ok_or("is no tensor")?;
        let info = &self.pickle.storages[view.storage];
        let outside = || "lies outside its storage".to_string();
        let count = view.shape.iter().try_fold(1usize, |n, &side| n.checked_mul(side)).ok_or_else(outside)?;
        let reach = view.shape.iter().zip(&view.strides).try_fold(view.offset, |reach, (&side, &stride)| {
            reach.checked_add(side.saturating_sub(1).checked_mul(stride)?)
        });
        if count > info.length || count > 0 && reach.is_none_or(|reach| reach >= info.length) {
            return Err(outside());
        }
        self.budget = self.budget.checked_sub(count).ok_or("repeats what other tensors hold")?;
        let number = info.number;
        let size = number.size();
        let mut bytes = Vec::with_capacity(count * size);
        let mut place = vec![0usize; view.shape.len()];
        for _ in 0..count {
            let at = place.iter().zip(&view.strides).map(|(i, stride)| i * stride).sum::<usize>();
            bytes.extend(&self.storages[view.storage][(view.offset + at) * size..][..size]);
            for (i, &side) in place.iter_mut().zip(&view.shape).rev() {
                *i += 1;
                if *i < side {
                    break;
                }
                *i = 0;
            }
        }
        let shape = view.shape.clone();
        let values = match number {
            Number::Known(dtype) => Array { dtype, shape: shape.clone(), bytes }.to_f64(),
            Number::BFloat16 => {
                let single = |&[low, high]: &[u8; 2]| f32::from_le_bytes([0, 0, low, high]);
                bytes.as_chunks::<2>().0.iter().map(|half| f64::from(single(half))).collect()
            }
            Number::Other(_) => return Err("has numbers of a type that no network has".into()),
        };
        if let Some(i) = values.iter().position(|value| !value.is_finite()) {
            return Err(format!("holds {} at index {i}", values[i]));
        }
        let rounding = match number {
            Number::Known(Dtype::F16) => 2f64.powi(-11),
            Number::BFloat16 => 2f64.powi(-8),
            _ => 0.0,
        };
        Ok(Tensor { shape, values, rounding })
    }
}

fn size(length: usize, number: Number) -> Result<usize, String> {
    length.checked_mul(number.size()).ok_or_else(|| "it has a storage of impossible size".into())
}

type Opened<'a> = (Pickle, Vec<Cow<'a, [u8]>>);

fn from_zip(bytes: &[u8]) -> Result<Opened<'_>, String> {
    let zip = Zip::open(bytes)?;
    let name = zip.names().find(|name| *name == "data.pkl" || name.ends_with("/data.pkl"));
    let name = name.ok_or("its zip archive has no entry `data.pkl`, so PyTorch did not write it")?;
    let root = &name[..name.len() - "data.pkl".len()];
    let order = format!("{root}byteorder");
    if zip.names().any(|name| name == order) && zip.get(&order)?.trim_ascii() != b"little" {
        return Err("it was written on a big-endian machine, which is not read".into());
    }
    let pickle = Pickle::read(&zip.get(name)?)?;
    let entry = |storage: &StorageInfo| {
        let name = format!("{root}data/{}", storage.key);
        let data = zip.get(&name)?;
        if data.len() != size(storage.length, storage.number)? {
            return Err(format!(
                "its entry `{name}` has {} bytes, not as many as its tensors claim",
                data.len()
            ));
        }
        Ok(data)
    };
    let storages = pickle.storages.iter().map(entry).collect::<Result<_, String>>()?;
    Ok((pickle, storages))
}

fn from_legacy(bytes: &[u8]) -> Result<Opened<'_>, String> {
    let mut rest = bytes;
    let mut next = || -> Result<Pickle, String> {
        let pickle = Pickle::read(rest)?;
        rest = &rest[pickle.length..];
        Ok(pickle)
    };
    let plain = "it is no checkpoint of PyTorch, neither a zip archive nor of the older kind";
    let foreign = match foreign::name(bytes) {
        // That it is a pickle is what a checkpoint should be.
        Some(name) if bytes.first() != Some(&0x80) => format!("it is {name}, no checkpoint of PyTorch"),
        _ => plain.into(),
    };
    // A first pickle that cannot be read is usually no pickle at all; one that asks for code is named as such.
    let magic = next().map_err(|problem| if problem.contains('`') { problem } else { foreign.clone() })?;
    if magic.int(magic.root) != Some(MAGIC) {
        return Err(foreign);
    }
    let protocol = next()?;
    if protocol.int(protocol.root) != Some(PROTOCOL) {
        return Err("its container has a version that is not known".into());
    }
    let system = next()?;
    if system.get(system.root, "little_endian").and_then(|id| system.bool(id)) != Some(true) {
        return Err("it was written on a big-endian machine, which is not read".into());
    }
    let (pickle, keys) = (next()?, next()?);
    let listed = keys.list(keys.root).ok_or("its list of storages is no list")?;
    let mut positions: HashMap<&str, usize> =
        pickle.storages.iter().enumerate().map(|(i, storage)| (storage.key.as_str(), i)).collect();
    let mut storages = vec![None; pickle.storages.len()];
    for &key in listed {
        let key = keys.text(key).ok_or("its list of storages holds what is no key")?;
        let position = positions.remove(key).ok_or("its list of storages does not match its tensors")?;
        let info = &pickle.storages[position];
        let short = || format!("its storage `{key}` is cut short");
        let (count, data) = rest.split_first_chunk::<8>().ok_or_else(short)?;
        if usize::try_from(i64::from_le_bytes(*count)) != Ok(info.length) {
            return Err(format!("its storage `{key}` has another length than its tensors claim"));
        }
        let (data, after) = data.split_at_checked(size(info.length, info.number)?).ok_or_else(short)?;
        storages[position] = Some(Cow::Borrowed(data));
        rest = after;
    }
    let storages: Option<Vec<_>> = storages.into_iter().collect();
    Ok((pickle, storages.ok_or("its list of storages does not match its tensors")?))
}
