package operator

import (
	"fmt"
	"strconv"
	"strings"

	"relance/internal/campaign"
)

// parseAddress reads an email address; see campaign.ParseAddress.
func parseAddress(field, text string) (string, error) {
	address, err := campaign.ParseAddress(text)
	if err != nil {
		return "", invalid(field, err)
	}
	return address, nil
}

// stored is the spelling of an address that is kept; see campaign.Spellings.
func stored(address string) string { return campaign.Spellings(address)[0] }

// maxCredits keeps a slip of the hand from overflowing the balance.
const maxCredits = 1_000_000_000_000

// ParseCredits reads a number of credits, at least least.
func ParseCredits(text string, least int64) (int64, error) {
	number, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0, notCredits(text, least)
	}
	return number, checkCredits(number, least)
}

func checkCredits(number, least int64) error {
	if number < least || number > maxCredits {
		return notCredits(strconv.FormatInt(number, 10), least)
	}
	return nil
}

func notCredits(text string, least int64) error {
	return &Invalid{Field: "credits", Text: fmt.Sprintf("%q is not a number of credits; expected %d or more", text, least)}
}
