"""Shares what a person chose with a team server: says what would leave, sends it, takes it back."""
