"""Long work as rows: done one after the other by child processes, told to pages, cancellable."""
