"""New workspaces, from templates that ship with the package."""
