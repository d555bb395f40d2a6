"""The only room with Backtrader: bars in, orders out, and their trusted replay. Importing this package imports nothing heavy."""
