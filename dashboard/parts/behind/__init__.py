"""What lies behind an answer: one file each, shown on demand."""
