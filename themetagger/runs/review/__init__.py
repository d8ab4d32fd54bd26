"""A past run under the lens: its themes, its report, and another run beside it."""
