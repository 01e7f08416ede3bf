"""The codes of the licensed banks."""

BANK_CODES = ("BJ", "TJ", "SH", "ZJ", "SD", "GD", "SC")
"""The seven licensed banks: Beijing, Tianjin, Shanghai, Zhejiang, Shandong, Guangdong, Sichuan."""
