"""The verdict: measurements and objectives in, pass, fail or inconclusive out."""
