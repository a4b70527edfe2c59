package imap

import "fmt"

// Fault is what stands between a reader and a mailbox.
type Fault string

// The faults. All but Unreachable need a person: trying again cannot help.
const (
	// LoginRefused: the server refuses the user name, the password or the token.
	LoginRefused Fault = "login_refused"
	// Disabled: the login is right, and the mailbox may not be read over IMAP.
	Disabled Fault = "imap_disabled"
	// FolderGone: a folder is not there.
	FolderGone Fault = "folder_gone"
	// Misconfigured: the settings cannot work: a certificate, no STARTTLS, no such host,
	// an address that is not dialled.
	Misconfigured Fault = "misconfigured"
	// Unreachable: the server could not be talked to, has gone silent, or asks to come
	// back later.
	Unreachable Fault = "unreachable"
)

// Error says why a mailbox could not be read.
type Error struct {
	Fault Fault
	// At is what was being done: "the login", "the folder Sent".
	At string
	// Words are the server's, on one line, without credentials; empty when it said nothing.
	Words string
	// Err is what happened when the server said nothing.
	Err error
	// Answered is true when the server said NO or BAD to one command: the connection is as
	// good as before.
	Answered bool
	// Garbled is true when the server said what cannot be understood, which ends the
	// connection.
	Garbled bool
	// Later is true when the server has asked to come back later: what failed is no fault of
	// what was asked for.
	Later bool
}

func (e *Error) Error() string {
	if e.Words == "" {
		return e.Meaning()
	}
	return e.Meaning() + ": " + e.Words
}

// Meaning is what has happened, without what the server said: that is Words.
func (e *Error) Meaning() string {
	switch {
	case e.Words == "" && e.Fault == Misconfigured:
		return e.Err.Error()
	case e.Words == "":
		return fmt.Sprintf("the mail server could not be talked to (at %s): %v", e.At, e.Err)
	case e.Fault == Disabled:
		return "the mail server does not let this mailbox be read over IMAP"
	case e.Fault == FolderGone:
		return e.At + " is not there any more"
	case e.Answered:
		return "the mail server refused " + e.At
	}
	return fmt.Sprintf("the mail server ended the conversation (at %s)", e.At)
}

func (e *Error) Unwrap() error { return e.Err }

// Retry is true when trying again later may help without a person.
func (e *Error) Retry() bool { return e.Fault == Unreachable }
