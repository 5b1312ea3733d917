"""Pages for people, one file each: what is asked, and which template shows it."""
