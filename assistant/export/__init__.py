"""Answers set out to be taken away: Markdown, Word, print HTML, tables; and the HTML that the pages share."""
