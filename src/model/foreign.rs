//! What a file is that is not what it should be, by its first bytes: for messages that help.

/// Magic numbers at the start of a file, and what such a file is.
const MAGIC: [(&[u8], &str); 26] = [
    (b"version https://git-lfs", "a Git LFS pointer, which stands for the file (get that by `git lfs pull`)"),
    (b"\x1f\x8b", "a gzip file (unpack it first)"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes them"),
    (b"GGUF", "a GGUF model of a language model"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"8BPS", "a Photoshop picture"),
    (b"%PDF", "a PDF document"),
    (b"\x00asm", "a WebAssembly module"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive (unpack it first)"),
    (b"Rar!", "a RAR archive (unpack it first)"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file (unpack it first)"),
    (b"\xfd7zXZ\0", "an xz file (unpack it first)"),
    (b"BZh", "a bzip2 file (unpack it first)"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet file (data sets of that kind are read where the name ends in .parquet)"),
    (b"caff", "a Caffe model"),
];

/// What a file that begins with `bytes` is, as in "it is a web page"; `None` for what is not known.
pub fn name(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return Some("an empty file");
    }
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(name);
    }
    let has = |at: usize, wanted: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(wanted));
    match bytes {
        [b'P', b'K', 3, 4, ..] if holds(bytes, b"data.pkl") => {
            Some("a checkpoint of PyTorch (those of the authors' program become models by `trainer import`)")
        }
        [b'P', b'K', 3, 4, ..] if holds(bytes, b".npy") => Some("NumPy arrays in an .npz archive"),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Some("a zip archive (unpack it first)"),
        [b'R', b'I', b'F', b'F', ..] if has(8, b"WEBP") => Some("a WebP picture"),
        _ if has(4, b"ftypavif") => Some("an AVIF picture"),
        _ if has(4, b"ftyphe") || has(4, b"ftypmif1") || has(4, b"ftypmsf1") => Some("a HEIC picture"),
        _ if has(4, b"ftyp") => Some("a film"),
        _ if has(4, b"TFL3") => Some("a TensorFlow Lite model"),
        // Protobuf: the version of ONNX's format, then who wrote it, or the graph.
        [0x08, 1..=32, 0x12 | 0x1a | 0x22 | 0x3a | 0x42, ..] => Some("an ONNX graph"),
        // PROTO of protocols 2 to 5; PyTorch's older container begins so as well.
        [0x80, 2..=5, ..] => {
            Some("a Python pickle (checkpoints of the authors' program become models by `trainer import`)")
        }
        _ => text(bytes),
    }
}

/// What a text is.
fn text(bytes: &[u8]) -> Option<&'static str> {
    let start = &bytes[..bytes.len().min(512)];
    let start = String::from_utf8_lossy(start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start)).to_lowercase();
    let start = start.trim_start();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        Some("a web page (HTML), perhaps of an error or about the file")
    } else if start.starts_with("<svg") || start.starts_with("<?xml") && start.contains("<svg") {
        Some("an SVG drawing")
    } else if start.starts_with('{') || start.starts_with('[') {
        Some("JSON or another text")
    } else {
        None
    }
}

/// Whether `word` stands somewhere in the first kilobytes or the last ones, where archives list what they hold.
fn holds(bytes: &[u8], word: &[u8]) -> bool {
    let near = |part: &[u8]| part.windows(word.len()).any(|window| window == word);
    near(&bytes[..bytes.len().min(4096)]) || near(&bytes[bytes.len().saturating_sub(4096)..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_mistakes_are_named() {
        let cases: [(&[u8], &str); 16] = [
            (b"", "an empty file"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "git lfs pull"),
            (b"<!DOCTYPE html><html>", "a web page"),
            (b"\xef\xbb\xbf\n  <HTML>", "a web page"),
            (b"\x08\x08\x12\x07pytorch\x1a\x052.0.0", "an ONNX graph"),
            (b"\x80\x02}q\x00.", "a Python pickle"),
            (b"PK\x03\x04.....archive/data.pkl", "a checkpoint of PyTorch"),
            (b"PK\x03\x04.....images.npy", ".npz archive"),
            (b"PK\x03\x04.....report.docx", "a zip archive"),
            (b"\x1f\x8b\x08", "a gzip file"),
            (b"\x89PNG\r\n\x1a\n\0\0", "a PNG picture"),
            (b"\0\0\0\x18ftypheic", "a HEIC picture"),
            (b"\0\0\0\x20ftypavif", "an AVIF picture"),
            (b"<?xml version=\"1.0\"?><svg>", "an SVG drawing"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP picture"),
            (b"{\"error\": 404}", "JSON"),
        ];
        for (bytes, wanted) in cases {
            let found = name(bytes);
            assert!(found.is_some_and(|name| name.contains(wanted)), "{wanted}: {found:?}");
        }
        assert_eq!(name(&[0x10, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(name(b"anything"), None);
    }
}
