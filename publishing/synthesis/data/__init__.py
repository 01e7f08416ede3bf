"""Published figures that the synthetic inventory follows, each with its source; see NOTICE."""
