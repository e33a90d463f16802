//! The safetensors container: named arrays behind a JSON header.
//!
//! Ours rather than the `safetensors` crate because equal contents must give equal bytes (the crate keeps metadata
//! in a `HashMap`) and because a file with a key twice must be refused (the crate takes the last).
//! Layout: header length (u64, little-endian), JSON header, then the data, which the offsets tile without gaps.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::foreign;
use crate::{Error, Result};

/// Headers above this size are refused before they are parsed.
const LARGEST_HEADER: u64 = 16 << 20;

/// Element type of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Dtype {
    /// IEEE half precision.
    F16,
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
    /// Unsigned bytes.
    U8,
    /// 32-bit signed integers.
    I32,
    /// 64-bit signed integers.
    I64,
}

impl Dtype {
    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::F16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }
}

/// One array: element type, shape (outermost dimension first) and little-endian bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Element type.
    pub dtype: Dtype,
    /// Shape, outermost dimension first.
    pub shape: Vec<usize>,
    /// Little-endian elements in row-major order.
    pub bytes: Vec<u8>,
}

impl Array {
    /// An F32 array.
    pub fn f32(shape: &[usize], values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self { dtype: Dtype::F32, shape: shape.to_vec(), bytes }
    }

    /// An F16 array of rounded values.
    pub fn f16(shape: &[usize], values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|v| half::f16::from_f32(*v).to_le_bytes()).collect();
        Self { dtype: Dtype::F16, shape: shape.to_vec(), bytes }
    }

    /// An F64 array.
    pub fn f64(shape: &[usize], values: &[f64]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self { dtype: Dtype::F64, shape: shape.to_vec(), bytes }
    }

    /// An I32 array.
    pub fn i32(shape: &[usize], values: &[i32]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self { dtype: Dtype::I32, shape: shape.to_vec(), bytes }
    }

    /// A U8 array.
    pub fn u8(shape: &[usize], values: &[u8]) -> Self {
        Self { dtype: Dtype::U8, shape: shape.to_vec(), bytes: values.to_vec() }
    }

    /// The elements as f64; every [`Dtype`] but large I64 values fits exactly.
    pub fn to_f64(&self) -> Vec<f64> {
        let bytes = &self.bytes;
        match self.dtype {
            Dtype::F16 => chunks(bytes).map(|b| half::f16::from_le_bytes(b).to_f64()).collect(),
            Dtype::F32 => chunks(bytes).map(|b| f64::from(f32::from_le_bytes(b))).collect(),
            Dtype::F64 => chunks(bytes).map(f64::from_le_bytes).collect(),
            Dtype::U8 => bytes.iter().map(|&b| f64::from(b)).collect(),
            Dtype::I32 => chunks(bytes).map(|b| f64::from(i32::from_le_bytes(b))).collect(),
            Dtype::I64 => chunks(bytes).map(|b| i64::from_le_bytes(b) as f64).collect(),
        }
    }

    /// The elements as f32, rounded where the type is wider.
    pub fn to_f32(&self) -> Vec<f32> {
        match self.dtype {
            Dtype::F32 => chunks(&self.bytes).map(f32::from_le_bytes).collect(),
            _ => self.to_f64().into_iter().map(|v| v as f32).collect(),
        }
    }
}

fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// The contents of a container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    /// The strings under `__metadata__`.
    pub metadata: BTreeMap<String, String>,
    /// The arrays by name.
    pub arrays: BTreeMap<String, Array>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderEntry {
    dtype: Dtype,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

/// A JSON object that refuses a key that stands twice.
struct UniqueMap<V>(BTreeMap<String, V>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for UniqueMap<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Unique<V>(std::marker::PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Unique<V> {
            type Value = UniqueMap<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut map = BTreeMap::new();
                while let Some((key, value)) = access.next_entry::<String, V>()? {
                    if map.contains_key(&key) {
                        return Err(serde::de::Error::custom(format_args!("`{key}` stands twice")));
                    }
                    map.insert(key, value);
                }
                Ok(UniqueMap(map))
            }
        }
        deserializer.deserialize_map(Unique(std::marker::PhantomData))
    }
}

impl Container {
    /// Reads a container.
    ///
    /// # Errors
    /// [`Error::Format`] or [`Error::Tensor`] when the header is no header, a key stands twice, or the offsets do
    /// not tile the data exactly as shapes and types say.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let bad = |problem: String| Error::Format(problem);
        // Bytes without a header are another file, which is named where it is known.
        let headless = |problem: String| match foreign::name(bytes) {
            Some(name) => bad(format!("it is {name}, not a safetensors file")),
            None => bad(problem),
        };
        let Some((length, rest)) = bytes.split_first_chunk::<8>() else {
            return Err(headless(format!("it has {} bytes, too few for a header", bytes.len())));
        };
        let length = u64::from_le_bytes(*length);
        if length > LARGEST_HEADER || length > rest.len() as u64 {
            return Err(headless(format!("its header claims {length} bytes, of {} that follow", rest.len())));
        }
        let (header, data) = rest.split_at(length as usize);
        let UniqueMap(raw) = serde_json::from_slice::<UniqueMap<&serde_json::value::RawValue>>(header)
            .map_err(|e| headless(format!("its header is not what it should be ({e})")))?;
        let mut container = Self::default();
        let mut spans = Vec::new();
        for (name, value) in raw {
            let malformed =
                |e: serde_json::Error| Error::tensor(&name, format!("has a malformed header entry ({e})"));
            if name == "__metadata__" {
                container.metadata =
                    serde_json::from_str::<UniqueMap<String>>(value.get()).map_err(malformed)?.0;
                continue;
            }
            let entry: HeaderEntry = serde_json::from_str(value.get()).map_err(malformed)?;
            let [start, end] = entry.data_offsets;
            let elements = entry.shape.iter().try_fold(1usize, |n, &side| n.checked_mul(side));
            let wanted = elements.and_then(|n| n.checked_mul(entry.dtype.size()));
            if end > data.len() || start > end {
                return Err(Error::tensor(name, "lies outside the file (is it truncated?)"));
            }
            if wanted != Some(end - start) {
                return Err(Error::tensor(name, "has a shape that does not fit its size in the file"));
            }
            spans.push((start, end, name.clone()));
            let bytes = data[start..end].to_vec();
            container.arrays.insert(name, Array { dtype: entry.dtype, shape: entry.shape, bytes });
        }
        spans.sort();
        let mut covered = 0;
        for (start, end, name) in spans {
            if start != covered {
                return Err(Error::tensor(name, "overlaps another tensor or leaves a gap before it"));
            }
            covered = end;
        }
        if covered != data.len() {
            return Err(bad(format!("{} bytes follow the last tensor", data.len() - covered)));
        }
        Ok(container)
    }

    /// The container as bytes: equal contents give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut header = serde_json::Map::new();
        if !self.metadata.is_empty() {
            header.insert("__metadata__".into(), serde_json::json!(self.metadata));
        }
        let mut offset = 0;
        for (name, array) in &self.arrays {
            let end = offset + array.bytes.len();
            let entry =
                HeaderEntry { dtype: array.dtype, shape: array.shape.clone(), data_offsets: [offset, end] };
            header.insert(name.clone(), serde_json::json!(entry));
            offset = end;
        }
        let mut text = serde_json::Value::Object(header).to_string();
        // Aligns the data to 8 bytes, as readers that map the file expect.
        text.push_str(&" ".repeat(text.len().next_multiple_of(8) - text.len()));
        let mut bytes = Vec::with_capacity(8 + text.len() + offset);
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
        for array in self.arrays.values() {
            bytes.extend(&array.bytes);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn round_trips_byte_for_byte() {
        let mut container = Container::default();
        container.metadata.insert("b".into(), "2".into());
        container.metadata.insert("a".into(), "1".into());
        container.arrays.insert("x".into(), Array::f32(&[2, 1], &[1.5, -2.0]));
        container.arrays.insert("perm".into(), Array::i32(&[3], &[2, 0, 1]));
        let bytes = container.to_bytes();
        let read = Container::parse(&bytes).unwrap();
        assert_eq!(read, container);
        assert_eq!(read.to_bytes(), bytes);
        assert_eq!(read.arrays["x"].to_f32(), [1.5, -2.0]);
    }

    #[test]
    fn refuses_what_is_not_a_tiling() {
        let one = r#""a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#;
        let cases = [
            ("{}", &[0u8; 1][..], "follow the last tensor"),
            (&format!("{{{one}}}"), &[0; 3], "truncated"),
            (&format!("{{{one},{one}}}"), &[0; 4], "stands twice"),
            (
                &format!(r#"{{{one},"b":{{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}}}"#),
                &[0; 4],
                "overlaps",
            ),
            (&format!(r#"{{{one},"b":{{"dtype":"U8","shape":[1],"data_offsets":[5,6]}}}}"#), &[0; 6], "gap"),
            (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, &[0; 4], "does not fit"),
            (
                r#"{"a":{"dtype":"F32","shape":[9223372036854775807,9],"data_offsets":[0,4]}}"#,
                &[0; 4],
                "does not fit",
            ),
            (r#"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,4]}}"#, &[0; 4], "malformed"),
            (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, &[0; 4], "outside"),
            ("[]", &[], "header"),
        ];
        for (header, data, wanted) in cases {
            let message = Container::parse(&with_header(header, data)).unwrap_err().to_string();
            assert!(message.contains(wanted), "{header}: {message}");
        }
        let pointer =
            Container::parse(b"version https://git-lfs.github.com/spec/v1\n").unwrap_err().to_string();
        assert_eq!(
            pointer,
            "not an ibinn model file: it is a Git LFS pointer, which stands for the file (get that by `git lfs pull`), not a \
             safetensors file"
        );
        assert!(Container::parse(b"PK").is_err());
        assert!(Container::parse(&u64::MAX.to_le_bytes()).is_err());
    }
}
