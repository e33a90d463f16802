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
/// The modules: what every visit runs, and the same with what trains on a visitor's pictures, which few visits need.
const MODULES: [Module; 2] =
    [Module { name: LIBRARY, features: &[] }, Module { name: "ibinn_training", features: &["training"] }];
/// Each comes in two flavours that differ in nothing but speed; the worker takes the faster one that the browser can
/// run.
const FLAVOURS: [Flavour; 2] = [
    // What every browser with WebGPU has, and the browsers that need the CPU executor have had since 2021.
    Flavour {
        target: "wasm-build",
        features: "+simd128,+bulk-memory,+nontrapping-fptoint,+sign-ext",
        end: "_bg.wasm",
    },
    // With multiply-add as one instruction: Chrome since 2023, Firefox since 2025.
    Flavour {
        target: "wasm-build-relaxed",
        features: "+simd128,+relaxed-simd,+bulk-memory,+nontrapping-fptoint,+sign-ext",
        end: "_relaxed_bg.wasm",
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
    /// What its name in web/pkg ends with.
    end: &'static str,
}

/// What is made of the package.
struct Module {
    /// What its files in web/pkg begin with.
    name: &'static str,
    /// Features of the package.
    features: &'static [&'static str],
}

impl Module {
    fn file(&self, flavour: &Flavour) -> String {
        format!("{}{}", self.name, flavour.end)
    }
}

/// Builds the modules and their JavaScript and TypeScript bindings into `web/pkg`: `ibinn_web.js`, the wasm of every flavour,
/// which share them, and their `.d.ts`; `ibinn_training.js` and its own in the same way. When the compiled wasm is the one that
/// `web/pkg` was made from, the later steps are left out.
///
/// # Errors
/// When a step fails, or wasm-bindgen's versions differ.
pub fn build(workspace: &Workspace, toolchain: Toolchain) -> Result<()> {
    let version = lockfile::wasm_bindgen(&workspace.lockfile()?)?.to_owned();
    let each = || MODULES.iter().flat_map(|module| FLAVOURS.iter().map(move |flavour| (module, flavour)));
    let compiled: Vec<PathBuf> = each()
        .map(|(module, flavour)| compile(workspace, toolchain, module, flavour))
        .collect::<Result<_>>()?;
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
    for ((module, flavour), compiled) in each().zip(&compiled) {
        let script = fresh.join(format!("{}.js", module.name));
        bind(compiled, module, &other)?;
        let wasm = other.join(format!("{}_bg.wasm", module.name));
        optimise(&wasm_opt, &wasm)?;
        let first = !script.exists();
        if !first {
            check_same_bindings(&script, &other)?;
        }
        fs::create_dir_all(&fresh).at(&fresh)?;
        let kept = fresh.join(module.file(flavour));
        fs::rename(&wasm, &kept).at(&kept)?;
        for entry in fs::read_dir(&other).at(&other)?.filter(|_| first) {
            let path = entry.at(&other)?.path();
            let kept = fresh.join(path.file_name().unwrap_or_default());
            // What is no part of a module, as a package.json, is that of the first.
            if !kept.exists() {
                fs::rename(&path, &kept).at(&kept)?;
            }
        }
        fs::remove_dir_all(&other).at(&other)?;
    }
    say("wasm", format_args!("bindings made with wasm-bindgen {version}"));
    let stamp = fresh.join(".made-from");
    fs::write(&stamp, made_from).at(&stamp)?;
    fs::rename(&fresh, &package).at(&package)?;
    print_sizes(&package)
}

/// The flavours share the JavaScript, so it has to be the same.
fn check_same_bindings(first: &Path, folder: &Path) -> Result<()> {
    let other = folder.join(first.file_name().unwrap_or_default());
    let text = |path: &Path| fs::read_to_string(path).at(path);
    if text(first)? == text(&other)? {
        return Ok(());
    }
    Err(Error::Message(format!(
        "wasm-bindgen made different bindings for the flavours of the wasm: compare {} and {}",
        first.display(),
        other.display()
    )))
}

/// Compiles the crate in a target directory of its own: the distribution's Rust would otherwise make rustup's rebuild.
fn compile(
    workspace: &Workspace,
    toolchain: Toolchain,
    module: &Module,
    flavour: &Flavour,
) -> Result<PathBuf> {
    let target = workspace.target.join(flavour.target);
    let mut cargo = toolchain.cargo_build();
    cargo.args(["--package", PACKAGE, "--lib", "--profile", "wasm", "--target-dir"]).arg(&target);
    cargo.arg("--features").arg(module.features.join(","));
    cargo.current_dir(&workspace.root).env("RUSTFLAGS", format!("-C target-feature={}", flavour.features));
    say("wasm", format_args!("compiling {} ...", module.file(flavour)));
    shell::run(&mut cargo)?;
    let compiled = target.join("wasm32-unknown-unknown/wasm").join(format!("{LIBRARY}.wasm"));
    if compiled.is_file() {
        // The next module's takes its place.
        let kept = compiled.with_file_name(format!("{}.compiled.wasm", module.name));
        fs::copy(&compiled, &kept).at(&kept)?;
        return Ok(kept);
    }
    Err(Error::Message(format!(
        "cargo built {PACKAGE} but {} is not there: the package's [lib] needs crate-type = [\"cdylib\", \"rlib\"]",
        compiled.display()
    )))
}

fn bind(compiled: &Path, module: &Module, out: &Path) -> Result<()> {
    let refused = |error| Error::Message(format!("wasm-bindgen refuses {}: {error:#}", compiled.display()));
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.input_path(compiled).out_name(module.name).typescript(true);
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
    let files = MODULES.iter().flat_map(|module| FLAVOURS.iter().map(|flavour| module.file(flavour)));
    for file in files {
        let path = package.join(&file);
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
    (version, MODULES.map(|module| module.name), WASM_OPT).hash(&mut hasher);
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
