"""Worker processes: begun for one job, and ended when they are needed no more."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from joblib import Parallel, delayed, effective_n_jobs, parallel_config

from themetagger.search.worker import Employer, begin_work, left_to_the_run


def pinned() -> Any:
    """Worker processes whose model libraries run one thread each, so that sums do not depend on the machine."""
    return parallel_config(backend="loky", inner_max_num_threads=1)


def at_work(n_jobs: int, employer: Employer, job: Callable[[Parallel], None]) -> bool:
    """Give a job to a pool of workers, which yields what is done as it is done; False where one of them died."""
    try:
        with Parallel(n_jobs, return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1) as workers:
            with left_to_the_run():
                begun = workers(delayed(begin_work)(employer) for _ in range(effective(n_jobs)))
            for _ in begun:
                pass
            job(workers)
            if effective(n_jobs) > 1:
                end_workers()  # before joblib would wait a second for them to let go of its files
    except BrokenProcessPool:  # joblib gives up the rest
        return False
    return True


def effective(n_jobs: int) -> int:
    """How many workers that is."""
    return int(effective_n_jobs(n_jobs))


def end_workers() -> None:
    """End joblib's idle workers and remove its files: they are as large as the features, and are needed no more."""
    from joblib.externals.loky import get_reusable_executor

    workers = get_reusable_executor(reuse=True)
    getattr(workers, "terminate", workers.shutdown)()  # joblib's own executor ends and tidies up, any other one ends
