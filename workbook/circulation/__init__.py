"""Workbooks that go round: what of a file of an earlier state stands in one of today."""
