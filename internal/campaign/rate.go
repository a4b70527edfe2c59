package campaign

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Rate is how many contacts a second are started or signalled in the background; 0 is no limit.
type Rate float64

// ExpectedRate says how a rate is written.
const ExpectedRate = "expected contacts a second, a minute or an hour, such as 10, 300/m or 1000/h, or none for no limit"

// ParseRate reads a rate: `10` and `10/s` are ten contacts a second, `300/m` and
// `1000/h` are by the minute and by the hour, `none` is no limit. Anything
// below 1/h or above 10000/s is refused, in one sentence that says what was expected.
func ParseRate(text string) (Rate, error) {
	number, unit, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), "/")
	if number == "none" && unit == "" {
		return 0, nil
	}
	value, err := strconv.ParseFloat(number, 64)
	seconds, known := map[string]float64{"": 1, "s": 1, "m": 60, "h": 3600}[unit]
	rate := value / seconds
	if err != nil || !known || math.IsNaN(value) || rate < 1.0/3600 || rate > 10_000 {
		return 0, fmt.Errorf("%q is not a rate; %s", text, ExpectedRate)
	}
	return Rate(rate), nil
}

// String writes the rate in the largest unit in which it is a whole number.
func (r Rate) String() string {
	if r == 0 {
		return "none"
	}
	for _, unit := range []struct {
		name    string
		seconds float64
	}{{"s", 1}, {"m", 60}, {"h", 3600}} {
		if many := float64(r) * unit.seconds; math.Abs(many-math.Round(many)) < 1e-6*many {
			return fmt.Sprintf("%.0f/%s", many, unit.name)
		}
	}
	return fmt.Sprintf("%.3g/s", float64(r))
}
