"""Messages, the log, the job line and the help."""
