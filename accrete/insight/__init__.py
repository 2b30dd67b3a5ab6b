"""What is said from answers: their shapes, and what follows from their figures. Pure."""
