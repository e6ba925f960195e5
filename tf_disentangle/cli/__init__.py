"""The programs: flags, and what is printed."""
