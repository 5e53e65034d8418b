"""The pages, the JSON interface, and the guards that stand before them."""
