// Package inbound says what a mail that has come in is: a reply, a bounce, an out of
// office, an unsubscription, or none of these.
//
// It owns one idea: from the raw bytes of a message to a verdict that states its reason.
// It is pure: no store, no network, no clock of its own. Whose mail it is and what follows
// from it is decided by its callers. Of the project it imports mail/reply, which reads the
// words of mail servers, and plaintext.
//
// Everything that a message says was written by somebody else, and may be forged: a
// verdict is what the message claims to be, and its caller matches it to something that
// was sent before acting on it (RFC 3464 §4.1).
package inbound
