"""One execution: the only folder that trains."""
