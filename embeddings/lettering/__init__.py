"""What is written on covers: read by OCR, and made into vectors."""
