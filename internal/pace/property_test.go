package pace_test

import (
	"archive/zip"
	"context"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// allZones are those that Go itself ships.
func allZones(t testing.TB) []*time.Location {
	t.Helper()
	root, err := exec.CommandContext(context.Background(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	require.NoError(t, err)
	defer archive.Close()
	var zones []*time.Location
	for _, file := range archive.File {
		if location, err := time.LoadLocation(file.Name); err == nil && !strings.HasSuffix(file.Name, "/") {
			zones = append(zones, location)
		}
	}
	require.Greater(t, len(zones), 500)
	return zones
}

// changes are the instants between two years at which the clocks of a zone are changed.
func changes(zone *time.Location, from, to int) []time.Time {
	var at []time.Time
	for t := time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC).In(zone); ; {
		_, next := t.ZoneBounds()
		if next.IsZero() || next.Year() >= to {
			return at
		}
		at, t = append(at, next), next
	}
}

// check holds the answer against what it means: every minute of the wall clock is asked.
func check(t *testing.T, due time.Time, hours pace.Hours) {
	t.Helper()
	next, err := pace.Next(due, hours)
	if err != nil {
		require.ErrorIs(t, err, pace.ErrNever)
		next = due.Add(7 * 24 * time.Hour)
	} else {
		require.False(t, next.Before(due), "%s in %s: %s is before", due, hours.Zone, next)
		require.True(t, hours.Open(next), "%s in %s: %s is closed: %v", due, hours.Zone, next, hours.Windows)
	}
	for at := due; at.Before(next) && at.Before(due.Add(60*time.Hour)); at = at.Truncate(time.Minute).Add(time.Minute) {
		require.False(t, hours.Open(at), "%s in %s: %s is open already, and not from %s: %v", due, hours.Zone, at, next, hours.Windows)
	}
	if err != nil {
		return
	}
	closes := pace.Closes(next, hours)
	if !closes.IsZero() {
		require.True(t, closes.After(next))
		require.False(t, hours.Open(closes))
	}
	for at := next; (closes.IsZero() || at.Before(closes)) && at.Before(next.Add(60*time.Hour)); at = at.Truncate(time.Minute).Add(time.Minute) {
		require.True(t, hours.Open(at), "%s in %s: %s is closed already, and not from %s: %v", due, hours.Zone, at, closes, hours.Windows)
	}
	again, err := pace.Next(next, hours)
	require.NoError(t, err)
	require.Equal(t, next.UnixNano(), again.UnixNano(), "what is open stays")
}

// Around every change of every clock in ten years: the answer is open, not before it is
// asked, and the first.
func TestEveryZoneAndEveryChangeOfTheClock(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(2026, 11))
	seen := 0
	for _, zone := range allZones(t) {
		for i, change := range changes(zone, 2024, 2034) {
			if i > 1 && dice.IntN(16) > 0 { // each rule twice, and some of the rest
				continue
			}
			seen++
			hours := pace.Hours{Zone: zone, Windows: []pace.Window{someWindow(dice)}}
			check(t, change.Add(time.Duration(dice.IntN(48*60)-24*60)*time.Minute), hours)
		}
	}
	require.Greater(t, seen, 500)
}

func someWindow(dice *rand.Rand) pace.Window {
	w := pace.Window{Days: pace.Days(1 + dice.IntN(127)), From: pace.Clock(dice.IntN(5 * 60)), To: pace.Clock(dice.IntN(25) * 60)}
	if w.Check() != nil {
		w.To++
	}
	return w
}

func FuzzNext(f *testing.F) {
	f.Add(int64(1793000000), uint8(62), uint16(540), uint16(1020), uint16(100))
	f.Add(int64(1806192000), uint8(127), uint16(120), uint16(180), uint16(200))
	zones := allZones(f)
	f.Fuzz(func(t *testing.T, seconds int64, days uint8, from, to, zone uint16) {
		w := pace.Window{Days: pace.Days(days) & pace.EveryDay, From: pace.Clock(from % 1441), To: pace.Clock(to % 1441)}
		if w.Check() != nil || seconds < 0 || seconds > 4e9 {
			return
		}
		check(t, time.Unix(seconds, 0), pace.Hours{Zone: zones[int(zone)%len(zones)], Windows: []pace.Window{w}})
	})
}

// A later question has no earlier answer.
func TestNextIsMonotone(t *testing.T) {
	t.Parallel()
	brussels, newYork := office(t, "Europe/Brussels"), office(t, "America/New_York")
	brussels.Holidays.Country, newYork.Holidays.Country = "BE", "US"
	last := time.Time{}
	for due := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC); due.Year() < 2028; due = due.Add(47 * time.Minute) {
		next, err := pace.Next(due, brussels, newYork)
		require.NoError(t, err)
		require.False(t, next.Before(last), due)
		last = next
	}
}
