"""A second set of servers, set up unlike the local stack; a package, so that it ends here."""
