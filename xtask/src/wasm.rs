//! The wasm module: built, bound to JavaScript, optimised, and put into web/pkg.

use crate::error::{AtPath, Error, Result};
use crate::lockfile;
use crate::setup::Toolchain;
use crate::shell::{self, say};
use crate::workspace::Workspace;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGE: &str = "ibinn-web";
const LIBRARY: &str = "ibinn_web";
/// The module comes in two flavours that differ in nothing but speed; the worker takes the faster one that the browser can
/// run.
const FLAVOURS: [Flavour; 2] = [
    // What every browser with WebGPU has, and the browsers that need the CPU executor have had since 2021.
    Flavour {
        target: "wasm-build",
        features: "+simd128,+bulk-memory,+nontrapping-fptoint,+sign-ext",
        file: "ibinn_web_bg.wasm",
    },
    // With multiply-add as one instruction: Chrome since 2023, Firefox since 2025.
    Flavour {
        target: "wasm-build-relaxed",
        features: "+simd128,+relaxed-simd,+bulk-memory,+nontrapping-fptoint,+sign-ext",
        file: "ibinn_web_relaxed_bg.wasm",
    },
];
const WASM_OPT: [&str; 10] = [
    "-O3",
    "--enable-simd",
    "--enable-relaxed-simd",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--strip-producers",
];

/// One way to compile the module.
struct Flavour {
    /// A target directory of its own, in that of the workspace: cargo would build everything anew for other features.
    target: &'static str,
    features: &'static str,
    /// What it is called in web/pkg.
    file: &'static str,
}

/// Builds the module and its JavaScript and TypeScript bindings into `web/pkg`: `ibinn_web.js`, the wasm of every flavour,
/// which share them, and their `.d.ts`. When the compiled wasm is the one that `web/pkg` was made from, the later steps are
/// left out.
///
/// # Errors
/// When a step fails, or wasm-bindgen's versions differ.
pub fn build(workspace: &Workspace, toolchain: Toolchain) -> Result<()> {
    let version = lockfile::wasm_bindgen(&workspace.lockfile()?)?.to_owned();
    let compiled: Vec<PathBuf> =
        FLAVOURS.iter().map(|flavour| compile(workspace, toolchain, flavour)).collect::<Result<_>>()?;
    let wasm_opt = find_wasm_opt(workspace)?;
    let package = workspace.root.join("web/pkg");
    let made_from = fingerprint(&compiled, &version, &wasm_opt)?;
    let stamp = package.join(".made-from");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == made_from) {
        say("wasm", "web/pkg is up to date");
        return print_sizes(&package);
    }
    // Made aside and renamed, so that an interrupted build leaves no half package behind.
    let (fresh, other) = (workspace.root.join("web/pkg.new"), workspace.root.join("web/pkg.other"));
    for folder in [&fresh, &other, &package] {
        if folder.exists() {
            fs::remove_dir_all(folder).at(folder)?;
        }
    }
    for (flavour, compiled) in FLAVOURS.iter().zip(&compiled) {
        let first = !fresh.exists();
        let folder = if first { &fresh } else { &other };
        bind(compiled, folder)?;
        let wasm = folder.join(format!("{LIBRARY}_bg.wasm"));
        optimise(&wasm_opt, &wasm)?;
        if !first {
            check_same_bindings(&fresh, folder)?;
            let kept = fresh.join(flavour.file);
            fs::rename(&wasm, &kept).at(&kept)?;
            fs::remove_dir_all(folder).at(folder)?;
        }
    }
    say("wasm", format_args!("bindings made with wasm-bindgen {version}"));
    let stamp = fresh.join(".made-from");
    fs::write(&stamp, made_from).at(&stamp)?;
    fs::rename(&fresh, &package).at(&package)?;
    print_sizes(&package)
}

/// The flavours share the JavaScript, so it has to be the same.
fn check_same_bindings(first: &Path, other: &Path) -> Result<()> {
    let text = |folder: &Path| {
        let path = folder.join(format!("{LIBRARY}.js"));
        fs::read_to_string(&path).at(&path)
    };
    if text(first)? == text(other)? {
        return Ok(());
    }
    Err(Error::Message(format!(
        "wasm-bindgen made different bindings for the flavours of the wasm: compare {LIBRARY}.js in {} and {}",
        first.display(),
        other.display()
    )))
}

/// Compiles the crate in a target directory of its own: the distribution's Rust would otherwise make rustup's rebuild.
fn compile(workspace: &Workspace, toolchain: Toolchain, flavour: &Flavour) -> Result<PathBuf> {
    let target = workspace.target.join(flavour.target);
    let mut cargo = toolchain.cargo_build();
    cargo.args(["--package", PACKAGE, "--lib", "--profile", "wasm", "--target-dir"]).arg(&target);
    cargo.current_dir(&workspace.root).env("RUSTFLAGS", format!("-C target-feature={}", flavour.features));
    say("wasm", format_args!("compiling {} ...", flavour.file));
    shell::run(&mut cargo)?;
    let compiled = target.join("wasm32-unknown-unknown/wasm").join(format!("{LIBRARY}.wasm"));
    if compiled.is_file() {
        return Ok(compiled);
    }
    Err(Error::Message(format!(
        "cargo built {PACKAGE} but {} is not there: the package's [lib] needs crate-type = [\"cdylib\", \"rlib\"]",
        compiled.display()
    )))
}

fn bind(compiled: &Path, out: &Path) -> Result<()> {
    let refused = |error| Error::Message(format!("wasm-bindgen refuses {}: {error:#}", compiled.display()));
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(compiled).out_name(LIBRARY).typescript(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
    // The JavaScript finds the wasm beside itself, in a form that bundlers understand.
    bindgen.omit_default_module_path(false);
    bindgen.web(true).map_err(refused)?;
    bindgen.generate(out).map_err(refused)
}

/// npm's binaryen, a package of `web`; the distributions' are too old for what today's compilers write.
fn find_wasm_opt(workspace: &Workspace) -> Result<PathBuf> {
    let path = workspace.root.join("web/node_modules/binaryen/bin/wasm-opt");
    if path.is_file() {
        return Ok(path);
    }
    Err(Error::Missing { what: "wasm-opt".into(), command: "npm ci --prefix web".into() })
}

fn optimise(wasm_opt: &Path, wasm: &Path) -> Result<()> {
    say("wasm", "optimising with wasm-opt ...");
    let optimised = wasm.with_extension("optimised");
    let mut node = Command::new("node");
    node.arg(wasm_opt).args(WASM_OPT).arg(wasm).arg("-o").arg(&optimised);
    shell::capture(&mut node)?;
    fs::rename(&optimised, wasm).at(wasm)
}

fn print_sizes(package: &Path) -> Result<()> {
    for Flavour { file, .. } in FLAVOURS {
        let path = package.join(file);
        let bytes = fs::read(&path).at(&path)?;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let zipped = encoder.write_all(&bytes).and_then(|()| encoder.finish()).at(&path)?;
        say(
            "wasm",
            format_args!("{file}: {} bytes, {} with gzip", grouped(bytes.len()), grouped(zipped.len())),
        );
    }
    Ok(())
}

/// Changes with anything that `web/pkg` is made from.
fn fingerprint(compiled: &[PathBuf], version: &str, wasm_opt: &Path) -> Result<String> {
    let manifest = wasm_opt.with_file_name("../package.json");
    let mut hasher = DefaultHasher::new();
    for compiled in compiled {
        fs::read(compiled).at(compiled)?.hash(&mut hasher);
    }
    fs::read(&manifest).at(&manifest)?.hash(&mut hasher);
    (version, LIBRARY, WASM_OPT).hash(&mut hasher);
    Ok(format!("{:016x}\n", hasher.finish()))
}

/// 1234567 as `1,234,567`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
