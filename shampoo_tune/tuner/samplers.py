"""What is known of the samplers without the libraries that draw points."""

# Samplers that look at results: their later points depend on earlier values.
ADAPTIVE_SAMPLERS = ("tpe",)
WITHHELD = (
    "TPE chose later points by earlier values, so statistics that assume a fixed design"
    " (boundary check, isolation, best of k) are withheld"
)
