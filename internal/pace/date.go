package pace

import (
	"fmt"
	"time"
)

// Date is a day of the calendar, without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the date that a calendar on the wall shows at an instant, in its location.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// ParseDate reads 2026-12-24.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("%q is no date; expected year-month-day, for example 2026-12-24", text)
	}
	return DateOf(t), nil
}

func (d Date) String() string { return d.naive(0).Format(time.DateOnly) }

// MarshalText writes 2026-12-24.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 2026-12-24.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDate(string(text))
	return err
}

// Add is so many days later, or earlier.
func (d Date) Add(days int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+days, 0, 0, 0, 0, time.UTC))
}

// Before says whether the date is earlier than another.
func (d Date) Before(other Date) bool { return d.naive(0).Before(other.naive(0)) }

// Weekday is its day of the week.
func (d Date) Weekday() time.Weekday { return d.naive(0).Weekday() }

// naive is the date and a time of day as if they were UTC: for reckoning with the calendar alone.
func (d Date) naive(at Clock) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, int(at), 0, 0, time.UTC)
}

// At is the first instant at which the wall clock of a zone shows this date and a time of
// day, or a later one of the same day: in the night that misses the hour it is the instant
// after the gap (as RFC 5545 §3.3.5 has it), and in the night that has it twice the first.
func (d Date) At(at Clock, zone *time.Location) time.Time {
	naive := d.naive(at)
	// The offsets in use a day and a half before and after are all that can matter.
	_, before := naive.Add(-36 * time.Hour).In(zone).Zone()
	_, after := naive.Add(36 * time.Hour).In(zone).Zone()
	var first time.Time
	for _, offset := range []int{before, after} {
		instant := naive.Add(-time.Duration(offset) * time.Second)
		shown := instant.In(zone)
		if _, used := shown.Zone(); used == offset && (first.IsZero() || instant.Before(first)) {
			first = instant
		}
	}
	if !first.IsZero() {
		return first.In(zone)
	}
	// The clock jumps over it: with the offset of before, the instant lies behind the jump.
	start, _ := naive.Add(-time.Duration(before) * time.Second).In(zone).ZoneBounds()
	return start.In(zone)
}

// all are the instants at which the wall clock shows this date and a time of day: none,
// one, or two.
func (d Date) all(at Clock, zone *time.Location) []time.Time {
	naive := d.naive(at)
	_, before := naive.Add(-36 * time.Hour).In(zone).Zone()
	_, after := naive.Add(36 * time.Hour).In(zone).Zone()
	var instants []time.Time
	for i, offset := range []int{before, after} {
		if i > 0 && offset == before {
			break
		}
		instant := naive.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, used := instant.Zone(); used == offset {
			instants = append(instants, instant)
		}
	}
	return instants
}
