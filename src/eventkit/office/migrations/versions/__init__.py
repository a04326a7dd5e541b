"""One script for each version of the tables; a script that has been released is never changed."""
