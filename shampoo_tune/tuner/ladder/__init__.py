"""The same study at a declared geometric ladder of step budgets: steps to the target."""
