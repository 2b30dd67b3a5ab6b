"""Which of Claude Code's tools edit, run commands, start subagents and propose plans."""

EDITS = frozenset({"Edit", "MultiEdit", "Write", "NotebookEdit"})
SHELLS = frozenset({"Bash", "PowerShell"})
SPAWNS = frozenset({"Agent", "Task"})
PLANS = ("ExitPlanMode", "exit_plan_mode")
"""Tools by which a plan is proposed."""
