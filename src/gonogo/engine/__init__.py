"""Asks each rule about each subject and folds the findings into verdicts on controls, items and the release."""
