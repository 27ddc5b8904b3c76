"""Financial facts out of the text of annual, interim and results reports and prospectuses. Pure.

The rule above all others: a fact is read where the text leaves no doubt about its figure, period, unit and currency, or it is
not found and says why. Chinese in both scripts and English.
"""
