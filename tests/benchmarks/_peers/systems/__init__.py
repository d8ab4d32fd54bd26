"""One module a system, each with ``run(task, variant) -> Outcome``; imported only in the system's own environment."""
