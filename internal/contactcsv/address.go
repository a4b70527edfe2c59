package contactcsv

import (
	"errors"

	"relance/internal/campaign"
)

// Address is campaign.ParseAddress with the problem as a clause of its own.
func Address(s string) (clean, problem string) {
	clean, err := campaign.ParseAddress(s)
	var wrong *campaign.AddressError
	if errors.As(err, &wrong) {
		return "", wrong.Problem
	}
	return clean, ""
}
