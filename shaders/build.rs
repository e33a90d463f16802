//! Validates every shader and writes what Rust must know about them to `$OUT_DIR/shaders.rs`.

use std::path::Path;
use std::process::ExitCode;

#[path = "src/compile.rs"]
mod compile;
#[path = "src/generate.rs"]
mod generate;
#[path = "src/reflect.rs"]
mod reflect;
#[path = "src/template.rs"]
mod template;

fn main() -> ExitCode {
    for input in ["wgsl", "src/compile.rs", "src/generate.rs", "src/reflect.rs", "src/template.rs"] {
        println!("cargo::rerun-if-changed={input}");
    }
    let generated =
        compile::compile_folder(Path::new("wgsl")).and_then(|shaders| generate::to_rust(&shaders));
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
