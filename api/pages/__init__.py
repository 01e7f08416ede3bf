"""Pages that people look at: rendered here, in each language, from the contract itself."""
