"""DiagnosticReport and its Observations → the canonical laboratory report (CR-BIO 2024.01)."""
