"""Answers and registers in every format: HTML for the pages, plain text, Markdown, Word, spreadsheets."""
