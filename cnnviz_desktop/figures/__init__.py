"""Figure sets, arrays and manifests written to files. No Qt, no torch."""
