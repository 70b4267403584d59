"""What alembic runs for us, on the connection that `migrate` gives it."""

from alembic import context

from callcenter.migrations import tables
from callcenter.migrations.searching import is_compared

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables(),
    include_object=is_compared,
    render_as_batch=True,  # SQLite alters a table by making a new one
)
with context.begin_transaction():
    context.run_migrations()
