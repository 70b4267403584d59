"""Long work as rows: done one after the other by child processes, told to pages, cancellable.

In: `await app[JOBS].start(session, kind, user_id, N_("Import of {file}"), params, file=name)`, then
a commit; a line in kinds.py and a function `run(work)` in the room it belongs to. Out: "job" over
/events to its owner's pages, a row in /jobs, files in `app[JOBS].folder(job_id)` for 30 days. On a
page: `<job-progress job="7" href="/where/the/result/is">`, which tells "job-over" when it is.
"""
