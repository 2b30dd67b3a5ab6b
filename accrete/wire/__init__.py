"""What may leave the machine, and how it is written: made from the tiers of the stored fields."""
