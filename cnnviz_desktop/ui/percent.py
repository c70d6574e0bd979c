"""A probability in words."""


def percent_text(probability: float) -> str:
    """A probability (0–1); small ones are not rounded to nothing, nor great ones to certainty.

    One that single precision has no number for comes as 0, and is told as others that are small.
    """
    if probability != probability:
        return "NaN"
    if probability < 0.001:
        return "< 0.1 %"
    if 0.9995 <= probability < 1:
        return "> 99.9 %"
    return f"{probability:.1%}".replace("%", " %")
