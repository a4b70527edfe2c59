package print

import "time"

// Moment is a point in time for people, on the clock of this machine, with the
// zone (RFC 3339 with a blank): 2026-11-24 10:00:00+01:00.
func Moment(t time.Time) string { return moment(t.Local()) }

func moment(t time.Time) string { return t.Format("2006-01-02 15:04:05Z07:00") }
