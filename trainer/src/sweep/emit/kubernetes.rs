//! Kubernetes: an Indexed Job. In JSON, which is YAML, too, and needs no rules for quoting.

use serde_json::json;

use super::{Job, Request};
use crate::interrupt::AGAIN;

/// Where the pods find the volume that they share.
const MOUNT: &str = "/ibinn";
/// Attempts at a run that may fail.
const ATTEMPTS: usize = 6;

pub(super) fn text(job: &Job) -> String {
    let runs = job.requests.len();
    let Request { cores, megabytes, minutes, gpu } = job.largest();
    let inside = Job { program: "trainer".into(), ..job.clone() };
    let script = format!("exec {} --shard $((JOB_COMPLETION_INDEX + 1))/{runs}", inside.command());
    let memory = format!("{megabytes}Mi");
    let mut limits = json!({ "memory": memory });
    if gpu {
        limits["nvidia.com/gpu"] = 1.into();
    }
    let container = json!({
        "name": "trainer",
        "image": job.container.image,
        "command": ["sh", "-c", script],
        "workingDir": MOUNT,
        "env": [{ "name": "RAYON_NUM_THREADS", "value": cores.to_string() }],
        "resources": { "requests": { "cpu": cores.to_string(), "memory": memory }, "limits": limits },
        "volumeMounts": [{ "name": "shared", "mountPath": MOUNT }],
    });
    let described = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": { "name": job.name },
        "spec": {
            "completionMode": "Indexed",
            "completions": runs,
            "parallelism": runs,
            "backoffLimitPerIndex": ATTEMPTS,
            // A pod that was told to end, or whose node was drained, is replaced without being counted.
            "podFailurePolicy": { "rules": [
                { "action": "Ignore", "onExitCodes": { "operator": "In", "values": [AGAIN] } },
                { "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget", "status": "True" }] },
            ] },
            "template": { "spec": {
                "restartPolicy": "Never",
                "activeDeadlineSeconds": minutes * 60,
                "terminationGracePeriodSeconds": 120,
                "containers": [container],
                "volumes": [{ "name": "shared", "persistentVolumeClaim": { "claimName": job.container.claim } }],
            } },
        },
    });
    format!("{described:#}\n")
}
