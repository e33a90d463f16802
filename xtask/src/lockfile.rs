//! Versions out of Cargo.lock.

use crate::error::{Error, Result};

/// The version of `package` in the text of a Cargo.lock; none when the package is not there.
pub fn version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock.lines();
    let wanted = format!("name = \"{package}\"");
    lines.by_ref().find(|line| line.trim() == wanted)?;
    lines.next()?.trim().strip_prefix("version = \"")?.strip_suffix('"')
}

/// The version of wasm-bindgen, of which the library in the wasm and the generator in this program must be the same.
///
/// # Errors
/// When either is not locked, or the two differ.
pub fn wasm_bindgen(lock: &str) -> Result<&str> {
    let locked = |package: &str| {
        version(lock, package)
            .ok_or_else(|| Error::Message(format!("Cargo.lock names no {package}; type: cargo fetch")))
    };
    let library = locked("wasm-bindgen")?;
    let generator = locked("wasm-bindgen-cli-support")?;
    if library != generator {
        return Err(Error::Message(format!(
            "Cargo.lock has wasm-bindgen {library} but wasm-bindgen-cli-support {generator}, and the two must be the same; \
             type: cargo update -p wasm-bindgen-cli-support --precise {library}"
        )));
    }
    Ok(library)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn lock(library: &str, generator: &str) -> String {
        format!(
            "version = 4\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"{library}\"\nsource = \"x\"\n\n\
             [[package]]\nname = \"wasm-bindgen-cli-support\"\nversion = \"{generator}\"\n\n\
             [[package]]\nname = \"wgpu\"\nversion = \"30.0.1\"\n"
        )
    }

    #[test]
    fn the_version_of_exactly_the_named_package_is_read() {
        let lock = lock("0.2.130", "0.2.131");
        assert_eq!(version(&lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version(&lock, "wasm-bindgen-cli-support"), Some("0.2.131"));
        assert_eq!(version(&lock, "wgpu"), Some("30.0.1"));
        assert_eq!(version(&lock, "wasm"), None);
        assert_eq!(version("", "wgpu"), None);
        assert_eq!(version("name = \"wgpu\"", "wgpu"), None);
    }

    #[test]
    fn differing_wasm_bindgen_versions_are_refused_by_name() {
        assert_eq!(wasm_bindgen(&lock("0.2.130", "0.2.130")).unwrap(), "0.2.130");
        let message = wasm_bindgen(&lock("0.2.130", "0.2.129")).unwrap_err().to_string();
        assert!(message.contains("0.2.130") && message.contains("0.2.129"), "{message}");
        assert!(message.contains("--precise 0.2.130"), "{message}");
        assert!(wasm_bindgen("").unwrap_err().to_string().contains("names no wasm-bindgen"));
    }

    #[test]
    fn this_repository_is_locked_consistently() {
        wasm_bindgen(include_str!("../../Cargo.lock")).unwrap();
    }
}
