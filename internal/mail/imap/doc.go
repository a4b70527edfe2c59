// Package imap reads mailboxes over IMAP (RFC 3501, RFC 9051) and changes nothing in
// them: it opens folders with EXAMINE and fetches with PEEK, and has no command that
// flags, moves, deletes or appends.
//
// It is a thin client over go-imap, of which it uses as little as can be: no ENVELOPE and
// no BODYSTRUCTURE, which the library parses so strictly that one malformed message ends
// the connection each time it is met. Extensions are used where a server offers them and
// are never required. Every command has a watchdog: a server that has gone silent costs a
// connection and never hangs a reader.
//
// The package knows neither campaigns nor what a message means. It must not import
// store, sms, activities or anything of Temporal.
package imap
