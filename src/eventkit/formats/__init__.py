"""How it is said: documents, sentences, calendars."""
