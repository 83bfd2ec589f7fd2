"""The sheets that hold what people say: answers to a survey, and the log of changes."""
