"""What every chapter stands on; knows no chapter and imports nothing heavy."""
