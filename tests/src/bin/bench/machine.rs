//! How much of the machine this process and others used, from Linux's `/proc`; nothing elsewhere.

use std::fs::read_to_string;

/// A reading of the clocks, in ticks of the kernel.
#[derive(Clone, Copy)]
pub struct Reading {
    total: u64,
    busy: u64,
    own: u64,
}

/// Milliseconds a tick: Linux reports in hundredths of a second on every platform.
const TICK_MS: f64 = 10.0;

/// Reads the clocks; `None` where there is no `/proc`.
pub fn read() -> Option<Reading> {
    let stat = read_to_string("/proc/stat").ok()?;
    let fields: Vec<u64> =
        stat.lines().next()?.split_whitespace().skip(1).take(8).filter_map(|n| n.parse().ok()).collect();
    let total = fields.iter().sum();
    let idle = fields.get(3)? + fields.get(4)?;
    let own = read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may hold spaces; user and system time are the 12th and 13th field after it.
    let after = own.rsplit_once(')')?.1;
    let times: Vec<u64> = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse().ok()).collect();
    Some(Reading { total, busy: total - idle, own: times.iter().sum() })
}

/// Share of the machine that other processes used since `before`.
pub fn others(before: Option<Reading>) -> Option<f64> {
    let (before, after) = (before?, read()?);
    let total = after.total.checked_sub(before.total).filter(|&total| total > 0)? as f64;
    let others = (after.busy - before.busy) as f64 - (after.own - before.own) as f64;
    Some((others / total).max(0.0))
}

/// CPU time that this process used since `before`, in milliseconds, all threads together.
pub fn own_ms(before: Option<Reading>) -> Option<f64> {
    Some((read()?.own - before?.own) as f64 * TICK_MS)
}

/// The most memory that this process has had, in MiB.
pub fn peak_memory() -> Option<f64> {
    let status = read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024.0)
}
