"""The budgets of Fieldbook, measured: `make bench`."""
