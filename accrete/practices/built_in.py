"""Claude Code's own commands and agents, which are not a person's skills."""

from __future__ import annotations

BUILT_IN_COMMANDS = frozenset(
    {
        "add-dir", "agents", "autofix-pr", "background", "bashes", "batch", "branch", "btw", "bug",
        "cd", "chrome",
        "clear", "color", "compact", "config", "context", "copy", "cost", "debug", "desktop",
        "diff", "doctor",
        "effort", "exit", "export", "extra-usage", "fast", "feedback", "fewer-permission-prompts",
        "focus", "fork",
        "goal", "heapdump", "help", "hooks", "ide", "init", "insights", "install",
        "install-github-app",
        "install-slack-app", "keybindings", "login", "logout", "loop", "mcp", "memory",
        "migrate-installer",
        "mobile", "model", "new", "output-style", "passes", "permissions", "plan", "plugin",
        "powerup",
        "pr-comments", "privacy-settings", "quit", "rate-limit-options", "recap", "release-notes",
        "reload-plugins",
        "remote-control", "remote-env", "rename", "reset", "resume", "review", "rewind", "sandbox",
        "security-review", "session", "settings", "simplify", "skills", "stats", "status",
        "statusline", "stickers",
        "tag", "tasks", "team-onboarding", "teleport", "terminal-setup", "theme", "think-back",
        "todos", "ultraplan",
        "ultrareview", "upgrade", "usage", "verify", "vim", "voice", "web-setup", "workflows",
        "code-review",
    }
)  # fmt: skip
"""Claude Code's own commands; not skills."""

BUILT_IN_AGENTS = frozenset(
    {
        "general-purpose",
        "explore",
        "plan",
        "statusline-setup",
        "output-style-setup",
        "claude-code-guide",
        "fork",
        "claude",
        "worker",
    }
)
