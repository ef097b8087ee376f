"""Renderers: pure functions from a `grader.records.Report` to what a person or a platform reads."""
