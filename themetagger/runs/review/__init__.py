"""What a finished run can be asked.

Its report, one theme in detail, mistakes, telling words, learning curves, labels to check, and a comparison with
another run.
"""
