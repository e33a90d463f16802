//! A Rust that builds for wasm32-unknown-unknown.

use super::apt;
use crate::error::{Error, Result};
use crate::shell::{self, say};
use std::path::Path;
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
const DISTRIBUTION_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
const DISTRIBUTION_LINKER: &str = "wasm-ld-19";

/// Which Rust builds the wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The one that runs this program: its wasm target is installed.
    Current,
    /// Debian's, beside rustup's: it has no wasm target either but the source of `std`, which it builds along.
    Distribution,
}

impl Toolchain {
    /// A `cargo build` for wasm with this Rust, its arguments and environment set so far.
    pub fn cargo_build(self) -> Command {
        let mut command = match self {
            Self::Current => {
                let mut command = shell::cargo();
                command.args(["build", "--target", TARGET]);
                command
            }
            Self::Distribution => {
                let mut command = Command::new("/usr/bin/cargo");
                shell::remove_cargo_run_variables(&mut command);
                // Rustup's settings and libraries, which `cargo run` put in front, belong to the other Rust.
                for name in ["RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "LD_LIBRARY_PATH", "RUSTC_WRAPPER", "RUSTDOC"]
                {
                    command.env_remove(name);
                }
                command
                    .env("PATH", "/usr/bin:/bin")
                    .env("RUSTC", "/usr/bin/rustc")
                    .env("RUSTC_BOOTSTRAP", "1");
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DISTRIBUTION_LINKER);
                command.args(["build", "-Z", "build-std=std,panic_abort", "--target", TARGET]);
                command
            }
        };
        command.env_remove("CARGO_ENCODED_RUSTFLAGS");
        command
    }
}

/// Finds a Rust for wasm, or installs one: with rustup where it can fetch the target, else Debian's packages.
///
/// # Errors
/// Names the command to type when neither can be done.
pub fn find_or_install() -> Result<Toolchain> {
    if has_target()? {
        say("setup", format_args!("wasm target: found {TARGET} in the current Rust toolchain"));
        return Ok(Toolchain::Current);
    }
    // Looked for before rustup is asked, which on a machine that cannot reach its server fails each time anew.
    if let Some(version) = distribution_rust() {
        say(
            "setup",
            format_args!("wasm target: found the distribution's Rust {version} with the source of std"),
        );
        return Ok(Toolchain::Distribution);
    }
    let add = format!("rustup target add {TARGET}");
    if shell::which(&["rustup"]).is_some() {
        match shell::capture(Command::new("rustup").args(["target", "add", TARGET])) {
            Ok(_) if has_target()? => {
                say("setup", format_args!("wasm target: installed {TARGET} with rustup"));
                return Ok(Toolchain::Current);
            }
            Ok(_) => say("setup", format_args!("`{add}` did not reach the toolchain that runs this")),
            Err(error) => say("setup", format_args!("rustup cannot fetch the wasm target: {error}")),
        }
    }
    let what = format!("a Rust that builds for {TARGET}");
    if !apt::is_debian() {
        return Err(Error::Missing { what, command: add });
    }
    apt::install(&what, &DISTRIBUTION_PACKAGES)?;
    match distribution_rust() {
        Some(version) => {
            say("setup", format_args!("wasm target: installed the distribution's Rust {version}"));
            Ok(Toolchain::Distribution)
        }
        None => Err(Error::Missing { what, command: add }),
    }
}

fn has_target() -> Result<bool> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = shell::capture(Command::new(rustc).args(["--print", "sysroot"]))?;
    Ok(Path::new(&sysroot).join("lib/rustlib").join(TARGET).join("lib").is_dir())
}

/// The version of Debian's Rust, when all its parts are there and it is new enough for this workspace.
fn distribution_rust() -> Option<String> {
    let parts = ["/usr/bin/cargo", "/usr/lib/rustlib/src/rust/library/std"];
    if !parts.iter().all(|part| Path::new(part).exists())
        || !Path::new("/usr/bin").join(DISTRIBUTION_LINKER).exists()
    {
        return None;
    }
    let mut rustc = Command::new("/usr/bin/rustc");
    let text = shell::capture(rustc.arg("--version").env_remove("LD_LIBRARY_PATH")).ok()?;
    let version = text.split_whitespace().nth(1)?.to_owned();
    (minor(&version)? >= minor(env!("CARGO_PKG_RUST_VERSION"))?).then_some(version)
}

/// The middle number of a Rust version: 96 of 1.96.0.
fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.split(['.', '-']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn rust_versions_are_compared_by_their_middle_number() {
        assert_eq!(minor("1.96.0"), Some(96));
        assert_eq!(minor("1.95"), Some(95));
        assert_eq!(minor("1.97.0-nightly"), Some(97));
        assert_eq!(minor("2.0.0"), None);
        assert_eq!(minor("nonsense"), None);
    }
}
