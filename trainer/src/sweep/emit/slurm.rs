//! Slurm: an array job.

use super::{Job, Request, quoted};
use crate::interrupt::AGAIN;

pub(super) fn text(job: &Job) -> String {
    let runs = job.requests.len();
    let Request { cores, megabytes, minutes, gpu } = job.largest();
    let (days, hours, minutes) = (minutes / (24 * 60), minutes / 60 % 24, minutes % 60);
    let gpus = if gpu { "#SBATCH --gpus=1\n" } else { "" };
    format!(
        "#!/bin/sh
#SBATCH --job-name={}
#SBATCH --array=1-{runs}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={cores}
#SBATCH --mem={megabytes}M
#SBATCH --time={days}-{hours:02}:{minutes:02}:00
{gpus}#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=TERM@120
# Two minutes before its time is up, and when it is preempted, a run writes a checkpoint and ends with {AGAIN}: it is queued again.
export RAYON_NUM_THREADS={cores}
srun --cpus-per-task={cores} {} --shard \"$SLURM_ARRAY_TASK_ID/{runs}\"
status=$?
if [ $status -eq {AGAIN} ]; then
  scontrol requeue \"${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID\"
fi
exit $status
",
        quoted(&job.name),
        job.command(),
    )
}
