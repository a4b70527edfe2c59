// Package dial is what SMTP and IMAP share of the way to a mail server: which addresses
// are dialled (Caution), and what it means when a connection does not come about or ends.
package dial
