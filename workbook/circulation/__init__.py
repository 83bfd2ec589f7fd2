"""Copies that go out and come home: compared, accepted, pooled, upgraded."""
