"""What a statement claims, held against the sentences it cites, by rule and without a model."""
