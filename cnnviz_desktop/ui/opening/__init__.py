"""Files, folders, pictures and networks on their way in."""
