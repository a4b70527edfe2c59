package store

import "relance/internal/campaign"

// How says how something that concerns many is to be done.
type How struct {
	// DryRun counts, and writes nothing.
	DryRun bool
	// Listed has those whom it concerns listed too, and not only counted.
	Listed bool
	// Rate is how fast the background may do it; nil is as it was said before, if
	// it was, else without a limit.
	Rate *campaign.Rate
}

// Limit is the rate, or 0.
func (h How) Limit() campaign.Rate {
	if h.Rate == nil {
		return 0
	}
	return *h.Rate
}
