select checked_on, release, is_open, reasons, held_back_percent
from open.gate_status
