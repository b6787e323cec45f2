"""The commands: thin, no logic; data on stdout, everything else on stderr."""
