"""The directory of a run: who may use it, what it holds, how it is read back."""
