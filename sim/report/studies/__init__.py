"""The pages of studies: a calibration and a sensitivity study, from the same parts as the page of a run."""
