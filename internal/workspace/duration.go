package workspace

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxWait is the longest wait of a step.
const maxWait = 365 * 24 * time.Hour

var (
	durationPattern = regexp.MustCompile(`^(?:[0-9]+[wdhms])+$`)
	durationPart    = regexp.MustCompile(`([0-9]+)([wdhms])`)
	units           = map[string]time.Duration{"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}
)

// duration reads 3d, 12h, 90m, 2w, 10s and sums of these such as 1d12h. A day
// is 24 hours.
func duration(s string) (time.Duration, error) {
	const example = "expected for example 30m, 12h, 3d or 2w"
	s = strings.TrimSpace(s)
	if s != "" && strings.Trim(s, "0123456789") == "" {
		return 0, errors.New("has no unit; " + example)
	}
	if !durationPattern.MatchString(s) {
		return 0, errors.New("is not a duration; " + example)
	}
	var total time.Duration
	for _, part := range durationPart.FindAllStringSubmatch(s, -1) {
		n, err := strconv.ParseInt(part[1], 10, 64)
		if err != nil || n > math.MaxInt64/int64(units[part[2]])/4 || total > maxWait {
			return 0, errors.New("is longer than 365 days; " + example)
		}
		total += time.Duration(n) * units[part[2]]
	}
	switch {
	case total > maxWait:
		return 0, errors.New("is longer than 365 days; " + example)
	case total == 0:
		return 0, errors.New("is no time at all; " + example)
	}
	return total, nil
}
