"""The commands of ``cnnviz``, one module each: ``run_command(arguments, console)`` returns the exit code. No Qt."""
