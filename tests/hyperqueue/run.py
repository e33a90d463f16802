"""A job file of `trainer sweep --emit hyperqueue` on HyperQueue: a server and two workers on this machine, killed at random.

    run.py JOB.toml KILLS [SEED]

It ends when every task has; its last line is JSON: seconds of the whole, submissions of tasks, kills of each kind.
HyperQueue's Python package runs the server and the workers within one process (`--cluster`), which is killed as a whole, and
so are single tasks.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

WORKERS = 2


def cluster(path):
    """Submits the tasks, and again those that failed, until none has."""
    from hyperqueue import Job, LocalCluster
    from hyperqueue.cluster import WorkerConfig
    from hyperqueue.ffi.protocol import ResourceRequest

    described = tomllib.loads(Path(path).read_text())
    tasks = described["task"]
    submitted = 0
    with tempfile.TemporaryDirectory() as folder, LocalCluster(folder) as local:
        for _ in range(WORKERS):
            local.start_worker(WorkerConfig(cores=1))
        client = local.client()
        while tasks:
            job = Job(Path.cwd(), max_fails=None, name=described["name"])
            for task in tasks:
                # A worker that is started so has cores alone, and nobody waits for memory that it does not tell of.
                resources = ResourceRequest(cpus=task["request"][0]["resources"]["cpus"])
                job.program(
                    task["command"],
                    env=task["env"],
                    resources=resources,
                    crash_limit=task["crash_limit"],
                    stdout=None,
                    stderr=None,
                )
            submitted += len(tasks)
            print(f"submitted {len(tasks)}", flush=True)
            done = client.submit(job)
            if client.wait_for_jobs([done], raise_on_error=False):
                return
            tasks = [tasks[failed] for failed in client.get_failed_tasks(done)]


def sweeps(group):
    """Processes of tasks: those that the cluster started."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, parent in pairs if int(parent) == group]


def main(path, kills, seed):
    draw = random.Random(seed)
    began = time.monotonic()
    killed = {"tasks": 0, "clusters": 0}
    log = tempfile.TemporaryFile("w+")

    def start():
        call = [sys.executable, __file__, "--cluster", path]
        return subprocess.Popen(call, start_new_session=True, stdout=log, stderr=subprocess.DEVNULL)

    running = start()
    while kills > 0 and running.poll() is None:
        time.sleep(draw.uniform(0.5, 2.0))
        found = sweeps(running.pid)
        if not found:
            continue
        kills -= 1
        if draw.random() < 0.25:
            # The server with its workers, and whatever they run: the machine is gone.
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            killed["clusters"] += 1
            running = start()
        else:
            try:
                os.kill(draw.choice(found), signal.SIGKILL)
                killed["tasks"] += 1
            except ProcessLookupError:
                kills += 1
    status = running.wait()
    log.seek(0)
    submitted = sum(int(line.split()[1]) for line in log if line.startswith("submitted"))
    print(json.dumps({"seconds": time.monotonic() - began, "submitted": submitted, "killed": killed}))
    return status


if __name__ == "__main__":
    if sys.argv[1] == "--cluster":
        cluster(sys.argv[2])
    else:
        sys.exit(main(sys.argv[1], int(sys.argv[2]), int((sys.argv + ["0"])[3])))
