"""A results message as it was sent: its tree, its requests and its results, named by what they are."""
