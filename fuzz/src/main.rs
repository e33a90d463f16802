//! A libFuzzer program for all targets; the environment variable `IBINN_FUZZ_TARGET` names the one to run.
#![no_main]

mod files;
mod targets;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<targets::Target> = LazyLock::new(|| {
    let name = std::env::var("IBINN_FUZZ_TARGET").unwrap_or_default();
    let found = targets::ALL.iter().find(|(known, _)| *known == name);
    let names = || targets::ALL.map(|(name, _)| name).join(", ");
    found.unwrap_or_else(|| panic!("IBINN_FUZZ_TARGET is `{name}`, must be one of {}", names())).1
});

fuzz_target!(|bytes: &[u8]| TARGET(bytes));
