"""What changes for consumers between two versions of a contract: the table, and how it is found."""
