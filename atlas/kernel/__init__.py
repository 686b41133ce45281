"""Leaves that every app may import."""
