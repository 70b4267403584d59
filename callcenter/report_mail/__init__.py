"""Kept views of reports that are sent by email on a schedule.

In: a view (report_files), a rhythm, recipients. Out: rows in report_mails (the schedules),
report_letters (one for each due time, with the file as long work) and report_copies (one for each
recipient), and letters by the company's mail server (mail).

A letter shows what the schedule's owner may see when it is made, and stays that whatever becomes of
its schedule; who may send it and who may get it is asked again right before it goes out. Pausing
ends what waits. What nobody foresaw about one letter is its problem and logged, and the others go
(guard): they are for other people, and nobody sits there to see that none comes. At most once: a
copy is marked before its text goes out, and one that was marked when the service died is never sent
again by itself. A report twice in a mailbox makes people distrust all of them; one that may be
missing is named on the page, where its owner sends it again, under the same Message-ID.
"""
