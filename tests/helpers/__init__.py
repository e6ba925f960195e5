"""What test modules of several folders share."""
