//! A sweep in the words of the engines that run it on many machines: one task a run.

mod hyperqueue;
mod kubernetes;
mod request;
mod slurm;

use clap::ValueEnum;

pub use request::{Measure, Request, requests};

/// What runs the tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// An array job, for `sbatch`.
    Slurm,
    /// A job file (TOML), for `hq job submit-file`.
    Hyperqueue,
    /// An Indexed Job (JSON), for `kubectl create -f -`.
    Kubernetes,
    /// A command a line, for `parallel`, `xargs` and one's own.
    Lines,
}

/// What is to be run.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// What the engine's lists show.
    pub name: String,
    /// This program.
    pub program: String,
    /// What it is called with, but for the shard.
    pub arguments: Vec<String>,
    /// What each run asks for, in the sweep's order; at least one.
    pub requests: Vec<Request>,
    /// The container image of Kubernetes, and the claim of the volume that its pods share.
    pub container: Container,
}

/// What Kubernetes runs, and on which files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// The image, with the trainer on its path.
    pub image: String,
    /// The claim of a volume that all pods can write, mounted at `/ibinn`.
    pub claim: String,
}

impl Job {
    /// The job as `engine` takes it.
    pub fn text(&self, engine: Engine) -> String {
        match engine {
            Engine::Slurm => slurm::text(self),
            Engine::Hyperqueue => hyperqueue::text(self),
            Engine::Kubernetes => kubernetes::text(self),
            Engine::Lines => (1..=self.requests.len()).map(|run| self.line(run) + "\n").collect(),
        }
    }

    /// The words of the command that does run number `run`, counted from 1.
    fn words(&self, run: usize) -> Vec<String> {
        let shard = ["--shard".to_string(), format!("{run}/{}", self.requests.len())];
        [&[self.program.clone()], &self.arguments[..], &shard].concat()
    }

    /// The same as a line for a shell.
    fn line(&self, run: usize) -> String {
        self.words(run).iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// The command without its shard, as a shell takes it.
    fn command(&self) -> String {
        let words = [&[self.program.clone()], &self.arguments[..]].concat();
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// What is enough for every run, for engines that ask for all alike.
    fn largest(&self) -> Request {
        let largest = |a: Request, b: &Request| Request {
            cores: a.cores.max(b.cores),
            megabytes: a.megabytes.max(b.megabytes),
            minutes: a.minutes.max(b.minutes),
            gpu: a.gpu || b.gpu,
        };
        self.requests.iter().fold(self.requests[0], largest)
    }
}

/// The flags of `sweep` that only emitting it takes, each with a value.
const OWN: [&str; 5] = ["--emit", "--cores", "--seconds-per-step", "--image", "--claim"];

/// The arguments of a call without those that made it emit a job.
pub fn without_own(arguments: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if OWN.contains(&argument.as_str()) {
            arguments.next();
        } else if !OWN
            .iter()
            .any(|flag| argument.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')))
        {
            kept.push(argument);
        }
    }
    kept
}

/// A word as a POSIX shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,=:@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn job(gpu: bool) -> Job {
        let request = Request { cores: 4, megabytes: 768, minutes: 95, gpu };
        let arguments = ["sweep", "--over", "gamma", "--values", "0,1", "--out", "my runs/it's"];
        Job {
            name: "gamma".into(),
            program: "/opt/trainer".into(),
            arguments: arguments.map(String::from).to_vec(),
            requests: vec![request, Request { minutes: 40, megabytes: 1024, ..request }],
            container: Container { image: "registry/ibinn:1".into(), claim: "scratch".into() },
        }
    }

    #[test]
    fn lines_are_commands_that_a_shell_reads_as_they_were_meant() {
        let text = job(false).text(Engine::Lines);
        assert_eq!(
            text,
            "/opt/trainer sweep --over gamma --values 0,1 --out 'my runs/it'\\''s' --shard 1/2\n\
             /opt/trainer sweep --over gamma --values 0,1 --out 'my runs/it'\\''s' --shard 2/2\n"
        );
    }

    #[test]
    fn slurm_gets_an_array_job_that_is_queued_again_when_it_was_interrupted() {
        let wanted = "#!/bin/sh
#SBATCH --job-name=gamma
#SBATCH --array=1-2
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=1024M
#SBATCH --time=0-01:35:00
#SBATCH --gpus=1
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=TERM@120
# Two minutes before its time is up, and when it is preempted, a run writes a checkpoint and ends with 75: it is queued again.
export RAYON_NUM_THREADS=4
srun --cpus-per-task=4 /opt/trainer sweep --over gamma --values 0,1 --out 'my runs/it'\\''s' --shard \"$SLURM_ARRAY_TASK_ID/2\"
status=$?
if [ $status -eq 75 ]; then
  scontrol requeue \"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\"
fi
exit $status
";
        assert_eq!(job(true).text(Engine::Slurm), wanted);
        let without = wanted.replace("#SBATCH --gpus=1\n", "");
        assert_eq!(job(false).text(Engine::Slurm), without);
    }

    #[test]
    fn hyperqueue_gets_a_file_of_tasks_that_survive_their_workers() {
        let text = job(true).text(Engine::Hyperqueue);
        let wanted = r#"name = "gamma"

[[task]]
id = 1
command = ["/opt/trainer", "sweep", "--over", "gamma", "--values", "0,1", "--out", "my runs/it's", "--shard", "1/2"]
env = { RAYON_NUM_THREADS = "4" }
crash_limit = 1000
[[task.request]]
resources = { cpus = 4, mem = 768, "gpus/nvidia" = 1 }
time_request = "95m"
[[task.request]]
resources = { cpus = 4, mem = 768, "gpus/amd" = 1 }
time_request = "95m"
"#;
        assert!(text.starts_with(wanted), "{text}");
        let parsed: toml::Table = toml::from_str(&text).unwrap();
        let tasks = parsed["task"].as_array().unwrap();
        assert_eq!((tasks.len(), tasks[1]["id"].as_integer()), (2, Some(2)));
        let words: Vec<&str> =
            tasks[1]["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        assert_eq!(words, job(true).words(2));
        let parsed: toml::Table = toml::from_str(&job(false).text(Engine::Hyperqueue)).unwrap();
        let requests = parsed["task"][1]["request"].as_array().unwrap();
        assert_eq!((requests.len(), requests[0]["resources"]["mem"].as_integer()), (1, Some(1024)));
        assert!(requests[0]["resources"].get("gpus/nvidia").is_none());
    }

    #[test]
    fn kubernetes_gets_an_indexed_job() {
        let parsed: serde_json::Value = serde_json::from_str(&job(true).text(Engine::Kubernetes)).unwrap();
        let spec = &parsed["spec"];
        assert_eq!((&parsed["kind"], &parsed["apiVersion"]), (&"Job".into(), &"batch/v1".into()));
        assert_eq!((&spec["completionMode"], &spec["completions"]), (&"Indexed".into(), &2.into()));
        // What ends with 75 is begun anew without counting as a failure.
        let rule = &spec["podFailurePolicy"]["rules"][0];
        assert_eq!((&rule["action"], &rule["onExitCodes"]["values"]), (&"Ignore".into(), &[75][..].into()));
        let pod = &spec["template"]["spec"];
        let container = &pod["containers"][0];
        assert_eq!(
            container["command"],
            serde_json::json!([
                "sh",
                "-c",
                "exec trainer sweep --over gamma --values 0,1 --out 'my runs/it'\\''s' --shard $((JOB_COMPLETION_INDEX + 1))/2"
            ])
        );
        assert_eq!(
            container["resources"],
            serde_json::json!({
                "requests": { "cpu": "4", "memory": "1024Mi" },
                "limits": { "memory": "1024Mi", "nvidia.com/gpu": 1 },
            })
        );
        assert_eq!(pod["volumes"][0]["persistentVolumeClaim"]["claimName"], "scratch");
        assert_eq!(pod["activeDeadlineSeconds"], 95 * 60);
    }

    #[test]
    fn what_made_it_a_job_is_not_part_of_the_job() {
        let call =
            "sweep --emit slurm --over gamma --cores=8 --out x --seconds-per-step 0.5 --imagery --claim=c";
        let kept = without_own(call.split(' ').map(String::from));
        assert_eq!(kept.join(" "), "sweep --over gamma --out x --imagery");
    }
}
