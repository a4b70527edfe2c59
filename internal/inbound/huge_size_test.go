//go:build !race

package inbound_test

// huge is how large the mails are that were made to be slow: as much of one as is read.
const huge = 1 << 20
