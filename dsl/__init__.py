"""Text -> clauses. Knows how a spec is written, and nothing of what it means."""
