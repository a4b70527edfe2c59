package pace_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

var europe = []string{
	"Europe/Brussels", "Europe/Paris", "Europe/Berlin", "Europe/Madrid", "Europe/Warsaw", "Europe/Stockholm", "Europe/London", "Europe/Dublin", "Europe/Lisbon",
	"Europe/Athens", "Europe/Helsinki", "Africa/Lagos", "Africa/Cairo", "Europe/Istanbul", "Asia/Dubai", "UTC", "Africa/Casablanca",
}

func TestHoursThatAreAlike(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Europe/Brussels", "Europe/Paris", true},
		{"Europe/London", "Europe/Dublin", true}, // whose summer time is the standard one, by name
		{"Europe/London", "Europe/Lisbon", true},
		{"America/New_York", "America/Toronto", true},
		{"Asia/Dubai", "Asia/Muscat", true},
		{"Europe/Brussels", "Europe/London", false},
		{"Europe/Athens", "Africa/Cairo", false}, // they change their clocks on other dates
		{"Africa/Lagos", "Europe/Brussels", false},
		{"Europe/London", "UTC", false},
		{"America/Phoenix", "America/Denver", false},
	} {
		a, b := office(t, c.a), office(t, c.b)
		require.Equal(t, c.want, a.Alike(b, monday), "%s and %s", c.a, c.b)
		require.Equal(t, c.want, b.Alike(a, monday), "%s and %s", c.b, c.a)
	}
	own := office(t, "Europe/Paris")
	own.Windows = append([]pace.Window(nil), own.Windows...)
	own.Windows[0].To--
	require.False(t, own.Alike(office(t, "Europe/Brussels"), monday))
	for _, holidays := range []pace.Holidays{{Country: "BE"}, {Add: []pace.Date{{Year: 2026, Month: 12, Day: 24}}}, {Remove: []pace.Date{{Year: 2026, Month: 12, Day: 25}}}} {
		own = office(t, "Europe/Paris")
		own.Holidays = holidays
		require.False(t, own.Alike(office(t, "Europe/Brussels"), monday), holidays)
	}
}

// What is alike is open at the same instants, and its waits end at the same.
func TestAlikeHoursDoNotDiffer(t *testing.T) {
	t.Parallel()
	pairs := 0
	for seed := range uint64(400) {
		dice := rand.New(rand.NewPCG(seed, 7))
		now := monday.AddDate(0, 0, dice.IntN(400))
		a, b := pace.Hours{Zone: zone(t, europe[dice.IntN(len(europe))])}, pace.Hours{Zone: zone(t, europe[dice.IntN(len(europe))])}
		for range dice.IntN(3) {
			a.Windows = append(a.Windows, someWindow(dice))
		}
		b.Windows = a.Windows
		if a.Zone.String() == b.Zone.String() || !a.Alike(b, now) {
			continue
		}
		pairs++
		for range 200 {
			at := now.Add(time.Duration(dice.Int64N(int64(4 * 365 * 24 * time.Hour))))
			require.Equal(t, a.Open(at), b.Open(at), "%s and %s at %s", a.Zone, b.Zone, at)
			for _, wait := range []pace.Wait{{Days: 1 + dice.IntN(10)}, {SendingDays: 1 + dice.IntN(10)}} {
				due := at.Add(-time.Duration(dice.IntN(100)) * time.Hour)
				here, err := wait.After(at, due, a)
				there, errThere := wait.After(at, due, b)
				require.Equal(t, err, errThere)
				require.True(t, here.Equal(there), "%s and %s: %s after %s", a.Zone, b.Zone, wait, at)
			}
		}
	}
	require.Greater(t, pairs, 20)
}

// A wait that is counted without a calendar ends when the calendar has it, around the changes
// of the clock too.
func TestAWaitInHoursIsTheWait(t *testing.T) {
	t.Parallel()
	zones := append([]string{"America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tehran"}, europe...)
	for seed := range uint64(200) {
		dice := rand.New(rand.NewPCG(seed, 11))
		hours := pace.Hours{Zone: zone(t, zones[dice.IntN(len(zones))])}
		wait := pace.Wait{Days: 1 + dice.IntN(20)}
		switch dice.IntN(6) {
		case 0:
			wait = pace.Wait{SendingDays: 1 + dice.IntN(5)}
		case 1:
			wait = pace.Wait{Elapsed: time.Duration(1+dice.IntN(5000)) * time.Minute}
		}
		in, at := wait.In(hours), time.Date(1910+dice.IntN(140), 1, 1, 0, 0, 0, 0, time.UTC)
		for range 400 {
			at = at.Add(time.Duration(dice.Int64N(int64(4 * 24 * time.Hour))))
			var due time.Time
			if dice.IntN(3) > 0 {
				due = at.Add(-time.Duration(dice.Int64N(int64(9 * 24 * time.Hour)))).In(hours.Zone)
			}
			want, err := wait.After(at, due, hours)
			got, errIn := in(at, due)
			require.Equal(t, err, errIn)
			require.True(t, want.Equal(got), "%s after %s, due %s, in %s: %s, and in hours %s", wait, at, due, hours.Zone, want, got)
		}
	}
}
