"""Plain data and rules that every other package speaks: standard library, numpy and msgspec only."""
