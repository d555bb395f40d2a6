"""Values and conditions in plain English, read from their parts and written as expressions. Rows are the work of `phrases`."""
