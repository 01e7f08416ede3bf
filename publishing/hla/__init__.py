"""HLA frequencies: counted over published units, and shown where nobody stands out."""
