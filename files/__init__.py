"""Files of releases: where they lie, what each holds, and how anybody checks them."""
