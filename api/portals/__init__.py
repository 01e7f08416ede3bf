"""What portals, search engines and feed readers are told of the releases."""
