"""Where a report's frames come from: a study, a table, a Keras Tuner project."""
