"""From entries to reports in the journal: workers, and what they are asked."""
