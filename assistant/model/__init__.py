"""A chat model of the user's choice: it may order and summarise what was found, and can put no words in a source."""
