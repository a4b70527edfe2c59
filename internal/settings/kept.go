package settings

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// DefaultInboundKept is for how long the text of inbound messages is kept.
const DefaultInboundKept = "30d"

// mostKept is the longest: ten years.
const mostKept = 3650 * 24 * time.Hour

// inboundKept reads for how long the text of inbound messages is kept: days as "30d", or a
// duration of Go; 0 keeps none.
func inboundKept(text string) (time.Duration, error) {
	var kept time.Duration
	days, isDays := strings.CutSuffix(text, "d")
	number, err := strconv.Atoi(days)
	switch {
	case isDays && err == nil && number <= int(mostKept/(24*time.Hour)):
		kept = time.Duration(number) * 24 * time.Hour
	case isDays:
		err = strconv.ErrRange
	default:
		kept, err = time.ParseDuration(text)
	}
	if err != nil || kept < 0 || kept > mostKept {
		return 0, fmt.Errorf("RELANCE_INBOUND_KEPT is %q; expected for how long the text of inbound messages is kept, for example 30d or 12h, or 0 for not at all", text)
	}
	return kept, nil
}
