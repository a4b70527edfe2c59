// Package operator is what a person can do to Relance, each use case once, for
// every front end: a command prints what a method returns, a web page renders
// it, an API encodes it. It knows no flags and prints nothing.
//
// A method that changes something commits first and reaches Temporal second.
// What was committed is safe whatever Temporal does: the schedule drains the
// outbox within a minute of its return. So a Temporal that does not answer is no
// error but the field Delayed of the result.
//
// Errors that a front end tells apart are typed: NotFound (with what exists
// instead), Invalid (with the field), UnclearRows, LoginFailed, PasswordNeeded,
// NeedsAnswer. Each of them reads as one sentence.
package operator
