"""A question read: its scope, its words, its kind, and what it asks for, before anything is searched."""
