"""Names for the arrays that pictures are made of; at run time all are float32."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# One number for each pixel, (h, w).
Plane = NDArray[np.floating[Any]]

# Red, green and blue for each pixel, (3, h, w).
Planes = NDArray[np.floating[Any]]
