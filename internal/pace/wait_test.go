package pace_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

func TestParseWait(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]pace.Wait{
		"3d": {Days: 3}, "2w": {Days: 14}, "1w2d": {Days: 9}, "365d": {Days: 365},
		"3bd": {SendingDays: 3}, "250bd": {SendingDays: 250},
		"72h": {Elapsed: 72 * time.Hour}, "90m": {Elapsed: 90 * time.Minute}, "30s": {Elapsed: 30 * time.Second},
		"1d12h": {Elapsed: 36 * time.Hour}, "1w1s": {Elapsed: 7*24*time.Hour + time.Second},
	} {
		got, err := pace.ParseWait(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		again, err := pace.ParseWait(got.String())
		require.NoError(t, err, text)
		require.Equal(t, want, again, "%s is printed as %s", text, got)
	}
	for text, want := range map[string]string{
		"3": "has no unit", "": "is not a duration", "3 days": "is not a duration", "1d 12h": "is not a duration", "3bd12h": "is not a duration", "1d2bd": "is not a duration",
		"0d": "is no time at all", "0bd": "is no time at all", "366d": "is longer than 365 days", "53w": "is longer than 365 days", "99999999999999999999d": "is longer than 365 days",
		"251bd": "is longer than 250 sending days", "9999999999bd": "is not a duration", "-3d": "is not a duration", "3D": "is not a duration",
	} {
		_, err := pace.ParseWait(text)
		require.ErrorContains(t, err, want, text)
		require.ErrorContains(t, err, pace.WaitExamples, text)
	}
	require.Empty(t, pace.Wait{}.String())
	require.Equal(t, "3d", pace.Wait{Days: 3}.String())
	require.Equal(t, "72h", pace.Wait{Elapsed: 72 * time.Hour}.String())
}

func TestAfter(t *testing.T) {
	t.Parallel()
	brussels := office(t, "Europe/Brussels")
	belgium := brussels
	belgium.Holidays = pace.Holidays{Country: "BE", Add: []pace.Date{{Year: 2026, Month: 12, Day: 24}}}
	open := pace.Hours{Zone: brussels.Zone}
	saturdays := brussels
	saturdays.Windows = append(saturdays.Windows[:1:1], pace.Window{Days: pace.On(time.Saturday), From: clock(t, "10:00"), To: clock(t, "12:00")})
	for name, c := range map[string]struct {
		wait      string
		sent, due string
		hours     pace.Hours
		want      string
	}{
		"three dates":                              {"3d", "2026-11-03 10:12 +0100", "", brussels, "2026-11-06 10:12 +0100"},
		"over the night of 23 hours":               {"3d", "2027-03-26 09:00 +0100", "", brussels, "2027-03-29 09:00 +0200"},
		"72 hours over it":                         {"72h", "2027-03-26 09:00 +0100", "", brussels, "2027-03-29 10:00 +0200"},
		"over the night of 25 hours":               {"3d", "2026-10-23 16:30 +0200", "", brussels, "2026-10-26 16:30 +0100"},
		"into the hour that is missing":            {"2d", "2027-03-26 02:30 +0100", "", open, "2027-03-28 03:00 +0200"},
		"into the hour that comes twice":           {"1d", "2026-10-24 02:30 +0200", "", open, "2026-10-25 02:30 +0200"},
		"from the hour that comes twice":           {"1d", "2026-10-25 02:30 +0100", "", open, "2026-10-26 02:30 +0100"},
		"the line does not make it later":          {"3d", "2026-11-03 16:40 +0100", "2026-11-03 10:12 +0100", brussels, "2026-11-06 10:12 +0100"},
		"a day late in the line":                   {"3d", "2026-11-04 09:01 +0100", "2026-11-03 16:55 +0100", brussels, "2026-11-07 16:55 +0100"},
		"weeks late, after a park":                 {"3d", "2026-11-24 11:00 +0100", "2026-11-03 10:12 +0100", brussels, "2026-11-27 10:12 +0100"},
		"three sending days over a weekend":        {"3bd", "2026-11-05 10:12 +0100", "", brussels, "2026-11-10 10:12 +0100"},
		"over Armistice Day":                       {"3bd", "2026-11-09 10:12 +0100", "", belgium, "2026-11-13 10:12 +0100"},
		"and where nobody keeps it":                {"3bd", "2026-11-09 10:12 +0100", "", brussels, "2026-11-12 10:12 +0100"},
		"over Christmas and an own day":            {"1bd", "2026-12-23 10:12 +0100", "", belgium, "2026-12-28 10:12 +0100"},
		"Saturdays where the window has them":      {"1bd", "2026-11-06 10:12 +0100", "", saturdays, "2026-11-07 10:12 +0100"},
		"Monday to Friday without a window":        {"1bd", "2026-11-06 10:12 +0100", "", open, "2026-11-09 10:12 +0100"},
		"sent on a Sunday":                         {"1bd", "2026-11-08 10:12 +0100", "", open, "2026-11-09 10:12 +0100"},
		"the date is that of the zone":             {"1d", "2026-11-03 23:30 -0500", "", brussels, "2026-11-05 05:30 +0100"},
		"so long, whatever was due":                {"36h", "2026-11-03 16:40 +0100", "2026-11-03 10:12 +0100", brussels, "2026-11-05 04:40 +0100"},
		"a date that never was":                    {"1d", "2011-12-29 09:00 -1000", "", pace.Hours{Zone: zone(t, "Pacific/Apia")}, "2011-12-31 00:00 +1400"},
		"a midnight that is not":                   {"1d", "2018-11-03 00:00 -0300", "", pace.Hours{Zone: zone(t, "America/Sao_Paulo")}, "2018-11-04 01:00 -0200"},
		"a year of sending days, holidays and all": {"250bd", "2026-01-05 10:00 +0100", "", belgium, "2026-12-31 10:00 +0100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wait, err := pace.ParseWait(c.wait)
			require.NoError(t, err)
			var due time.Time
			if c.due != "" {
				due = at(t, c.hours.Zone, c.due)
			}
			got, err := wait.After(at(t, c.hours.Zone, c.sent), due, c.hours)
			require.NoError(t, err)
			require.Equal(t, at(t, c.hours.Zone, c.want).Format(time.RFC3339), got.In(c.hours.Zone).Format(time.RFC3339))
		})
	}
	never := brussels
	never.Windows = []pace.Window{{Days: pace.On(time.Sunday), From: clock(t, "09:00"), To: clock(t, "10:00")}}
	for day := (pace.Date{Year: 2026, Month: 11, Day: 1}); day.Year < 2029; day = day.Add(7) {
		never.Holidays.Add = append(never.Holidays.Add, day)
	}
	_, err := pace.Wait{SendingDays: 1}.After(at(t, brussels.Zone, "2026-11-05 10:12 +0100"), time.Time{}, never)
	require.ErrorIs(t, err, pace.ErrNever)
}

// In every zone, around every change of the clock: never before, on the right date, at
// the right time of day where there is one, and at the first instant after the gap where not.
func TestAWaitIsRightInEveryZone(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(2026, 12))
	seen, gaps := 0, 0
	for _, zone := range allZones(t) {
		for i, change := range changes(zone, 2024, 2034) {
			if i > 1 && dice.IntN(8) > 0 {
				continue
			}
			seen++
			hours := pace.Hours{Zone: zone}
			days := 1 + dice.IntN(5)
			sent := change.AddDate(0, 0, -days).Add(time.Duration(dice.IntN(6*3600)-3*3600) * time.Second).In(zone)
			due := sent.Add(-time.Duration(dice.IntN(3*3600)) * time.Second)
			got, err := pace.Wait{Days: days}.After(sent, due, hours)
			require.NoError(t, err)
			require.True(t, got.After(sent), "%s in %s: %s", sent, zone, got)
			date := pace.DateOf(sent).Add(days)
			clockOf := func(t time.Time) string { return t.Format("15:04:05") }
			if pace.DateOf(got) == date && clockOf(got) == clockOf(due) {
				for back := time.Minute; back <= 3*time.Hour; back += time.Minute { // the first, where it comes twice
					require.NotEqual(t, got.Format("2006-01-02 15:04:05"), got.Add(-back).Format("2006-01-02 15:04:05"))
				}
				continue
			}
			gaps++
			begins, _ := got.ZoneBounds()
			require.True(t, begins.Equal(got), "%s in %s: %s is no end of a gap", due, zone, got)
			before := got.Add(-time.Second)
			require.Less(t, before.Format("2006-01-02 15:04:05"), date.String()+" "+clockOf(due))
			require.Greater(t, got.Format("2006-01-02 15:04:05"), date.String()+" "+clockOf(due))
		}
	}
	require.Greater(t, seen, 500)
	require.Greater(t, gaps, 20)
}

// Of sending days exactly so many lie between the sending and the end of the wait.
func TestSendingDaysAreCounted(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(2027, 1))
	hours := office(t, "Europe/Brussels")
	hours.Holidays.Country = "BE"
	for range 500 {
		hours.Windows[0].Days = pace.Days(1 + dice.IntN(127))
		sent := time.Date(2026, 1, 1, 0, 0, dice.IntN(86400), 0, time.UTC).AddDate(0, 0, dice.IntN(700)).In(hours.Zone)
		days := 1 + dice.IntN(20)
		got, err := pace.Wait{SendingDays: days}.After(sent, time.Time{}, hours)
		require.NoError(t, err)
		count := 0
		last := pace.DateOf(got)
		for date := pace.DateOf(sent).Add(1); date != last.Add(1); date = date.Add(1) {
			if hours.Windows[0].Days.Has(date.Weekday()) && !hours.Holidays.Has(date) {
				count++
			}
		}
		require.Equal(t, days, count)
		require.True(t, hours.SendsOn(last))
	}
}

func FuzzParseWait(f *testing.F) {
	for _, text := range []string{"3d", "3bd", "1d12h", "0s", "9999999999w"} {
		f.Add(text)
	}
	hours := pace.Hours{Zone: zone(f, "Europe/Brussels")}
	f.Fuzz(func(t *testing.T, text string) {
		wait, err := pace.ParseWait(text)
		if err != nil {
			return
		}
		again, err := pace.ParseWait(wait.String())
		require.NoError(t, err)
		require.Equal(t, wait, again)
		require.LessOrEqual(t, wait.Roughly(), pace.LongestWait)
		over, err := wait.After(november, time.Time{}, hours)
		require.NoError(t, err)
		require.True(t, over.After(november))
	})
}
