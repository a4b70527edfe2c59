// Package smtp transmits composed messages over the connections of email
// accounts, with the final dot behind a gate (Pool).
//
// It knows nothing of campaigns' progress, of the ledger or of retries: it
// reports what happened in errors that separate a definite failure (Refused,
// Unreachable, mail.Undeliverable) from a lost answer (Unanswered). The commands are
// our own because the body and the final dot have to be two writes, with law 1's gate
// between them. What a server's reply means is package reply.
//
// It must not import store, sms, activities or anything of Temporal.
package smtp
