"""What commands say of a small record, held as texts."""
