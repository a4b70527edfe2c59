package pace

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Clock is a time of day in minutes since midnight, 0 to 1440: "24:00" ends a day.
type Clock int

// EndOfDay is 24:00.
const EndOfDay Clock = 24 * 60

var clockText = regexp.MustCompile(`^([0-9]{1,2}):([0-9]{2})$`)

// ParseClock reads 09:00 or 24:00.
func ParseClock(text string) (Clock, error) {
	part := clockText.FindStringSubmatch(text)
	if part == nil {
		return 0, fmt.Errorf("%q is no time of day; expected hours:minutes, for example 09:00 or 17:30", text)
	}
	hours, _ := strconv.Atoi(part[1])
	minutes, _ := strconv.Atoi(part[2])
	at := Clock(60*hours + minutes)
	if minutes > 59 || at > EndOfDay {
		return 0, fmt.Errorf("%q is no time of day; expected 00:00 to 24:00", text)
	}
	return at, nil
}

func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// MarshalText writes 09:00.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads 09:00.
func (c *Clock) UnmarshalText(text []byte) (err error) {
	*c, err = ParseClock(string(text))
	return err
}

// shows is the time of day that the wall clock shows at an instant, in its location. What
// it shows of seconds does not matter: rules begin and end with a minute.
func shows(t time.Time) Clock { return Clock(60*t.Hour() + t.Minute()) }

// Twice is true of an instant whose wall clock shows the same once more that night, in its
// location: an hour earlier or later, when it is put back.
func Twice(t time.Time) bool {
	begins, ends := t.ZoneBounds()
	_, now := t.Zone()
	if !begins.IsZero() {
		_, before := begins.Add(-1).Zone()
		if t.Before(begins.Add(time.Duration(before-now) * time.Second)) {
			return true
		}
	}
	if ends.IsZero() {
		return false
	}
	_, after := ends.Zone()
	return !t.Before(ends.Add(-time.Duration(now-after) * time.Second))
}
