//! Being told to end: by a signal, or by the sweep that this process works for.
//!
//! Training ends after the step that it is in, with a checkpoint; what cannot be gone on with ends at once.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::error::{Error, Result};
use ibinn_files::lease;

/// Names the lease that this process works under; set by the sweep that started it.
pub const LEASE: &str = "IBINN_LEASE";

/// The exit status of work that is not finished and can be gone on with: `EX_TEMPFAIL` of sysexits.h.
pub const AGAIN: u8 = 75;
/// The same after Ctrl-C, as shells have it.
const CTRL_C: u8 = 130;

/// What has been asked for.
#[derive(Default)]
struct Asked {
    /// To end.
    end: Arc<AtomicBool>,
    /// That by Ctrl-C.
    ctrl_c: Arc<AtomicBool>,
    /// Whether to end at once, as there is nothing to be saved.
    at_once: Arc<AtomicBool>,
}

static ASKED: LazyLock<Asked> = LazyLock::new(Asked::default);

/// Listens: to SIGTERM, SIGUSR1 and Ctrl-C, and to the sweep that started this process, whose lease is worked under.
///
/// # Errors
/// When the system lets nobody listen.
pub fn listen() -> Result<()> {
    register().map_err(|source| Error::Usage(format!("signals cannot be heard ({source})")))?;
    if let Some(path) = std::env::var_os(LEASE) {
        lease::work_under(path.into());
        std::thread::spawn(follow_parent);
    }
    Ok(())
}

/// Whether a sweep started this process.
pub fn works_for_a_sweep() -> bool {
    std::env::var_os(LEASE).is_some()
}

fn register() -> std::io::Result<()> {
    let Asked { end, ctrl_c, at_once } = &*ASKED;
    at_once.store(true, Ordering::Relaxed);
    for signal in ASKING {
        // In this order: the first one is heard by whoever saves something.
        flag::register_conditional_shutdown(signal, AGAIN.into(), Arc::clone(at_once))?;
        flag::register(signal, Arc::clone(end))?;
    }
    // The second Ctrl-C ends the program at once, and so does the first one where there is nothing to be saved.
    for at_once in [at_once, ctrl_c] {
        flag::register_conditional_default(SIGINT, Arc::clone(at_once))?;
    }
    for asked in [end, ctrl_c] {
        flag::register(SIGINT, Arc::clone(asked))?;
    }
    Ok(())
}

#[cfg(unix)]
const ASKING: [i32; 2] = [SIGTERM, signal_hook::consts::SIGUSR1];
#[cfg(not(unix))]
const ASKING: [i32; 1] = [SIGTERM];

/// Ends with the sweep that started this process: it keeps this end of a pipe open for as long as it lives and wants more.
fn follow_parent() {
    let mut nothing = Vec::new();
    // However it ends, nobody is there any more.
    let _ = std::io::stdin().read_to_end(&mut nothing);
    ASKED.end.store(true, Ordering::Relaxed);
    if ASKED.at_once.load(Ordering::Relaxed) {
        std::process::exit(AGAIN.into());
    }
}

/// Until it is dropped, an end is asked for by [`asked`], and does not come at once.
pub struct Patience(());

/// Begins work that ends by itself when it is asked to.
pub fn patiently() -> Patience {
    ASKED.at_once.store(false, Ordering::Relaxed);
    Patience(())
}

impl Drop for Patience {
    fn drop(&mut self) {
        ASKED.at_once.store(true, Ordering::Relaxed);
    }
}

/// Whether this process has been asked to end.
pub fn asked() -> bool {
    ASKED.end.load(Ordering::Relaxed)
}

/// The exit status of a process that ended because it was asked to.
pub fn status() -> u8 {
    if ASKED.ctrl_c.load(Ordering::Relaxed) { CTRL_C } else { AGAIN }
}

/// Whether a process that ended so did because it was asked to.
pub fn is_status(status: std::process::ExitStatus) -> bool {
    status.code().is_some_and(|code| [i32::from(AGAIN), i32::from(CTRL_C)].contains(&code))
}
