package inbound

import (
	"slices"
	"time"

	"relance/internal/inbound/pattern"
)

// appleEnd is where Apple's responder writes the end of the absence.
var appleEnd = pattern.New(`(?i)endDate=([0-9TZ:.+-]+)`)

func dateIn3339(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func among(a string, list []string) bool { return slices.Contains(list, a) }

func inAddresses(a string, lists ...[]Address) bool {
	for _, l := range lists {
		if slices.ContainsFunc(l, func(x Address) bool { return x.Address == a }) {
			return true
		}
	}
	return false
}
