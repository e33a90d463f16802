//! HyperQueue: a job file.

use toml::Value;

use super::{Job, Request};

/// Workers that may die under a task before it counts as failed: each of its attempts goes on where the one before was.
const CRASH_LIMIT: usize = 1000;

pub(super) fn text(job: &Job) -> String {
    let tasks = job.requests.iter().enumerate().map(|(i, request)| task(job, i + 1, request));
    format!("name = {}\n{}", Value::from(job.name.as_str()), tasks.collect::<String>())
}

fn task(job: &Job, run: usize, request: &Request) -> String {
    let Request { cores, megabytes, minutes, gpu } = *request;
    let command = Value::from(job.words(run));
    // One of either maker, whichever a worker has.
    let gpus = if gpu { &[", \"gpus/nvidia\" = 1", ", \"gpus/amd\" = 1"][..] } else { &[""] };
    let requests = gpus.iter().map(|gpu| {
        format!(
            "[[task.request]]\nresources = {{ cpus = {cores}, mem = {megabytes}{gpu} }}\ntime_request = \"{minutes}m\"\n"
        )
    });
    format!(
        "
[[task]]
id = {run}
command = {command}
env = {{ RAYON_NUM_THREADS = \"{cores}\" }}
crash_limit = {CRASH_LIMIT}
{}",
        requests.collect::<String>()
    )
}
