"""What a measurement may hold that somebody else's code made: what every database takes."""

LARGEST = 1e308  # of a value, either sign
METRIC_NAME = r"[\w./@-]{1,100}"
REASON = r"[^\x00]{1,10000}"
