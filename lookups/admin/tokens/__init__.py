"""Pages for admins about tokens, app secrets, owners and preflight. Begin with `token_pages`: health, and one token."""
