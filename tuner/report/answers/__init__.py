"""The answers of a page in plain sentences, made by rule from the numbers of an analysis."""
