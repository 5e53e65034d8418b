"""What the command line does beside asking and serving: look after the index, check, measure, calibrate."""
