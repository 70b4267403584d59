"""What becomes of recordings once they are kept: how long, held back by law, deleted with proof.

In: the rows of recordings and calls, terms by department, people with a reason. Out: files that are
gone and a row that says what they were, how much room is used and until when it lasts, many
recordings in one zip. The row of proof is written first and the file goes then, so that a crash
leaves either a whole recording or a deletion that the next start ends.
"""
