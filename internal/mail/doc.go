// Package mail renders and composes messages and hands them to mail servers.
//
// It owns three ideas: a template filled for one contact (Render), the bytes of one
// message (Compose), and the connections of email accounts over which a message goes
// out, with its final dot behind a gate (Pool). It knows nothing of campaigns' progress,
// of the ledger or of retries: it reports what happened in errors that tell a definite
// failure from doubt. What a server's reply means is its sub-package reply.
//
// It must not import store, sms, activities or anything of Temporal.
package mail
