"""Questions and their answers: how many calls, how long, by whom. Reads the sums (call_days), never single calls."""
