"""An MSSanté operator, as a sending software sees it: SMTP with STARTTLS, a client certificate, strict on each mail."""
