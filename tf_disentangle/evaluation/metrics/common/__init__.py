"""What metrics share: drawing and encoding points, binning, information, classifiers."""
