"""Two states of the repository: what may not change like that, and what a change means for whom."""
