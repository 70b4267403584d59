"""What was said: the audio of both parties from answer to end.

In: the wav files the exchange leaves in its spool and the end of a call. Out: an mp3 with the
customer on the left and the agent on the right, its waveform, and a note of everyone who listened.
The disk is the truth: a wav goes only when its mp3 is safe, so a restart loses nothing.
"""
