"""Long use in short time: several processes on one home, with runs, cancels and kills."""
