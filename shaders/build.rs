//! Validates every shader and writes what Rust must know about them to `$OUT_DIR/shaders.rs`.

use std::path::Path;
use std::process::ExitCode;

#[path = "src/compile.rs"]
mod compile;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=wgsl");
    println!("cargo::rerun-if-changed=src/compile.rs");
    let generated = compile::compile_folder(Path::new("wgsl")).map(|shaders| compile::to_rust(&shaders));
    let problems = match (generated, std::env::var_os("OUT_DIR")) {
        (Ok(rust), Some(folder)) => match std::fs::write(Path::new(&folder).join("shaders.rs"), rust) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(e) => vec![format!("the generated code cannot be written: {e}")],
        },
        (Ok(_), None) => vec!["OUT_DIR is not set: cargo must run this".to_string()],
        (Err(problems), _) => problems,
    };
    for problem in problems {
        for line in problem.lines() {
            println!("cargo::error={line}");
        }
    }
    ExitCode::FAILURE
}
