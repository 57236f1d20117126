"""HPRIM Santé, second level: segments as the recommendation names their fields."""
