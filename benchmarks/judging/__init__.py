"""What each score says about codes that are known to be good or bad, for `which_score.py`."""
