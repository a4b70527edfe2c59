package store

import (
	"strings"
	"unicode/utf8"

	"relance/internal/campaign"
)

// The rows of an earlier release may spell an address in another way than
// campaign.ParseAddress does, and a worker of that release may still write some. So
// addresses are looked up in all their spellings, and a row keeps the one that it has.

// spellings are the arguments of a look-up: every spelling, and the best one.
func spellings(address string) []any {
	all := campaign.Spellings(address)
	return []any{all, all[0]}
}

// sameMailbox is true for two spellings of one address.
func sameMailbox(one, other string) bool {
	return one == other || campaign.Spellings(one)[0] == campaign.Spellings(other)[0]
}

// hasSpellings is false for nearly all addresses: those in ASCII have one only.
func hasSpellings(stored string) bool {
	return strings.Contains(stored, "xn--") || strings.ContainsFunc(stored, func(r rune) bool { return r >= utf8.RuneSelf })
}
