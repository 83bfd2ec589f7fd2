"""Mentors who choose for themselves: their draft, and what one more place or mentor brings."""
