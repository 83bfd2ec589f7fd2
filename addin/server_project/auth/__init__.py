"""Where xlwings Server looks for ways to sign in before it takes its own (entraid)."""
