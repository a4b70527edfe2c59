// Package oauth gets tokens for mailboxes from those who give them: the consent of a mailbox's
// owner, in a browser (RFC 8252, with PKCE: RFC 7636) or on another device (RFC 8628), and later
// a fresh access token for the refresh token that came of it (RFC 6749 §6). What it gets
// is kept in PostgreSQL, sealed (Source).
package oauth
