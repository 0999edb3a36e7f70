"""What the server knows and judges, whichever channel it came by."""
