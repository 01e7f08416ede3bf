"""From submitted inventories to an anonymised release; the only writer."""
