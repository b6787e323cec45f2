"""What the files want: resources with their owners, and the deployments."""
