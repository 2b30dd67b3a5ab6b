"""What is said from answers: sentences, comparisons, definitions. Pure: asks nothing."""
