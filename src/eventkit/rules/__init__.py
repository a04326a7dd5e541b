"""What holds and what is allowed: pure, no IO, no clock."""
