"""Printed names → bodies: spelling, form, place, the ledger of decisions, and the comparison of two names."""
