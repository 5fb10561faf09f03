"""Exact piecewise linear objects that several chapters share."""
