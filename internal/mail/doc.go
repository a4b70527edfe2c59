// Package mail composes the bytes of one message: headers, thread, the text and
// its HTML twin (Compose), and makes an address ready for the wire (ParseMailbox).
//
// Its sub-package smtp transmits the message, and its sub-package reply says what
// a server's answer means. It must not import them, nor store, sms, activities or
// anything of Temporal.
package mail
