// Package message writes the messages of campaigns: the texts of one step for one
// contact, and the bytes of an email as they go over the wire.
//
// The worker sends what it writes and a preview shows it, so that the two cannot
// differ. It touches nothing outside of the program, and imports campaign, liquid and
// mail only.
package message
