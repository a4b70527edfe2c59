//go:build race

package inbound_test

// huge is how large the mails are that were made to be slow: patterns take many times
// as long under the race detector, and what bounds a parser that hangs would call them unreadable.
const huge = 1 << 14
