"""What a difference means for consumers, policies and other repositories; what stops a plan."""
