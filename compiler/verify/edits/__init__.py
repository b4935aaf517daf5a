"""Another value for a literal -> its text in the user's own units, what a change of it means, and the fleet then."""
