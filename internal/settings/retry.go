package settings

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"relance/internal/campaign"
)

// DefaultRetry is about a day of trying.
const DefaultRetry = "initial=1m,factor=2,max=30m,attempts=50"

// DevRetry is a few seconds, so that SendingFailed can be seen in a first look.
const DevRetry = "initial=1s,factor=2,max=4s,attempts=4"

// ParseRetry reads RELANCE_RETRY. Parts that are left out keep their default.
func ParseRetry(text string) (campaign.Retry, error) {
	retry := campaign.Retry{Initial: time.Minute, Factor: 2, Max: 30 * time.Minute, Attempts: 50}
	for _, part := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		var err error
		switch name {
		case "initial":
			retry.Initial, err = time.ParseDuration(value)
		case "factor":
			retry.Factor, err = strconv.ParseFloat(value, 64)
		case "max":
			retry.Max, err = time.ParseDuration(value)
		case "attempts":
			retry.Attempts, err = strconv.Atoi(value)
		default:
			err = fmt.Errorf("there is no %q", name)
		}
		if err != nil {
			return campaign.Retry{}, fmt.Errorf("RELANCE_RETRY: %q cannot be read; expected something like %s", part, DefaultRetry)
		}
	}
	if retry.Initial <= 0 || retry.Factor < 1 || retry.Max < retry.Initial || retry.Attempts < 1 {
		return campaign.Retry{}, fmt.Errorf("RELANCE_RETRY is %q; expected initial > 0, factor ≥ 1, max ≥ initial and attempts ≥ 1", text)
	}
	return retry, nil
}
