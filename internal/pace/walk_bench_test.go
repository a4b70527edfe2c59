package pace_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

var monday = time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC)

// maya sends 400 a day, and a mail each 45 to 60 seconds.
func maya(t testing.TB) pace.Sender {
	t.Helper()
	return pace.Sender{Address: "maya@northwind.example", Account: pace.Account{
		Gap: 45 * time.Second, Jitter: 15 * time.Second, PerDay: 400, Hours: always(zone(t, "Europe/Brussels")),
	}}
}

// crowd is a campaign of three mails and so many in line for the first.
func crowd(t testing.TB, contacts int, zones ...string) pace.Line {
	t.Helper()
	line := pace.Line{Campaigns: [][]pace.Step{{{}, days(3, 0.05), days(5, 0.03)}}}
	for _, name := range zones {
		line.Windows = append(line.Windows, office(t, name))
	}
	dice := rand.New(rand.NewPCG(50, 0))
	for i := range contacts {
		line.Waiting = append(line.Waiting, pace.Waiting{Window: dice.IntN(len(zones)), Band: 2, Seq: int64(i + 1), Due: monday})
	}
	return line
}

var someZones = []string{
	"Europe/Brussels", "Europe/London", "Europe/Lisbon", "Europe/Athens", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo",
	"Asia/Kolkata", "Asia/Singapore", "Asia/Dubai", "Africa/Cairo", "Africa/Lagos", "Europe/Istanbul", "Europe/Helsinki", "Europe/Dublin",
}

func BenchmarkWalk(b *testing.B) {
	free := maya(b)
	free.Account = pace.Account{Hours: always(time.UTC)}
	for _, c := range []struct {
		name     string
		sender   pace.Sender
		contacts int
		zones    []string
	}{
		{"500 in one zone", maya(b), 500, someZones[:1]},
		{"50000 in one zone", maya(b), 50_000, someZones[:1]},
		{"50000 in sixteen zones", maya(b), 50_000, someZones},
		{"50000 of a free account", free, 50_000, someZones[:1]},
	} {
		b.Run(c.name+", as cohorts", func(b *testing.B) {
			line := crowd(b, 0, c.zones...)
			for i := range c.zones {
				line.Waiting = append(line.Waiting, pace.Waiting{Window: i, Band: 2, Seq: int64(i + 1), Due: monday, Count: c.contacts / len(c.zones)})
			}
			for b.Loop() {
				require.Zero(b, pace.Walk(monday, time.Time{}, line, c.sender).Remain)
			}
		})
		b.Run(c.name+", as cohorts with places between each other's", func(b *testing.B) {
			line := crowd(b, 0, c.zones...)
			for i := range c.zones {
				line.Waiting = append(line.Waiting, pace.Waiting{Window: i, Band: 2, Due: monday})
			}
			for i := range c.contacts {
				one := &line.Waiting[i*7%len(c.zones)]
				one.Seqs = append(one.Seqs, int64(i+1))
			}
			for b.Loop() {
				require.Zero(b, pace.Walk(monday, time.Time{}, line, c.sender).Remain)
			}
		})
		b.Run(c.name, func(b *testing.B) {
			line := crowd(b, c.contacts, c.zones...)
			for b.Loop() {
				require.Zero(b, pace.Walk(monday, time.Time{}, line, c.sender).Remain)
			}
		})
	}
}
