"""How the tables came to be: Alembic scripts, run only by `eventkit.office.store.Store.create`."""
