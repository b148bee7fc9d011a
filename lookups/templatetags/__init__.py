"""What templates load: `idlink` filters times and numbers, `remedies` says what a reader can do about a reason."""
