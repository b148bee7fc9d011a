"""What we ask Graph and what we learn: rooms below doors. ARCHITECTURE.md draws them."""
