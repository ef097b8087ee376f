"""Renderers: pure functions from a `grader.words.Report` to what a person or a platform reads."""
