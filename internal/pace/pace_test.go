package pace_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	require.NoError(t, err)
	return location
}

func clock(t testing.TB, text string) pace.Clock {
	t.Helper()
	at, err := pace.ParseClock(text)
	require.NoError(t, err)
	return at
}

func at(t testing.TB, zone *time.Location, text string) time.Time {
	t.Helper()
	instant, err := time.Parse("2006-01-02 15:04 -0700", text)
	require.NoError(t, err)
	return instant.In(zone)
}

func office(t testing.TB, zoneName string) pace.Hours {
	t.Helper()
	return pace.Hours{Zone: zone(t, zoneName), Windows: []pace.Window{{Days: pace.Weekdays, From: clock(t, "09:00"), To: clock(t, "17:00")}}}
}

// The instants at which a clock shows a time that is missing or comes twice: as RFC 5545
// §3.3.5 has them, for a gap the first instant after it.
func TestTheNightsOnWhichTheClockIsChanged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, date, at, want string }{
		{"Europe/Brussels", "2027-03-28", "02:30", "2027-03-28T03:00:00+02:00"},
		{"America/New_York", "2027-03-14", "02:30", "2027-03-14T03:00:00-04:00"},
		{"Europe/Brussels", "2026-10-25", "02:30", "2026-10-25T02:30:00+02:00"},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T01:30:00-04:00"},
		{"America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T01:00:00-02:00"},
		{"Africa/Cairo", "2026-04-24", "00:00", "2026-04-24T01:00:00+03:00"},
		{"Pacific/Apia", "2011-12-30", "09:00", "2011-12-31T00:00:00+14:00"},
		{"Europe/Brussels", "2026-10-26", "00:00", "2026-10-26T00:00:00+01:00"},
	} {
		date, err := pace.ParseDate(c.date)
		require.NoError(t, err)
		require.Equal(t, c.want, date.At(clock(t, c.at), zone(t, c.zone)).Format(time.RFC3339), "%s %s %s", c.zone, c.date, c.at)
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	night := func(zoneName, from, to string, days pace.Days) pace.Hours {
		return pace.Hours{Zone: zone(t, zoneName), Windows: []pace.Window{{Days: days, From: clock(t, from), To: clock(t, to)}}}
	}
	brussels := office(t, "Europe/Brussels")
	holidays := brussels
	holidays.Holidays = pace.Holidays{Country: "BE", Add: []pace.Date{{Year: 2026, Month: 12, Day: 24}}, Remove: []pace.Date{{Year: 2026, Month: 11, Day: 11}}}
	for name, c := range map[string]struct {
		hours     []pace.Hours
		due, want string
	}{
		"the weekend of 25 hours":                         {[]pace.Hours{brussels}, "2026-10-24 12:00 +0200", "2026-10-26 09:00 +0100"},
		"the weekend of 23 hours":                         {[]pace.Hours{brussels}, "2027-03-28 02:30 +0200", "2027-03-29 09:00 +0200"},
		"New York, a weekend of 25 hours":                 {[]pace.Hours{office(t, "America/New_York")}, "2026-10-31 12:00 -0400", "2026-11-02 09:00 -0500"},
		"São Paulo, a midnight that is not":               {[]pace.Hours{night("America/Sao_Paulo", "00:00", "10:00", pace.EveryDay)}, "2018-11-03 23:30 -0300", "2018-11-04 01:00 -0200"},
		"Cairo, a midnight that is not":                   {[]pace.Hours{night("Africa/Cairo", "00:00", "10:00", pace.EveryDay)}, "2026-04-23 23:30 +0200", "2026-04-24 01:00 +0300"},
		"Apia, a day that is not":                         {[]pace.Hours{night("Pacific/Apia", "09:00", "17:00", pace.EveryDay)}, "2011-12-29 18:00 -1000", "2011-12-31 09:00 +1400"},
		"open":                                            {[]pace.Hours{brussels}, "2026-11-04 10:12 +0100", "2026-11-04 10:12 +0100"},
		"the end is closed":                               {[]pace.Hours{brussels}, "2026-11-04 17:00 +0100", "2026-11-05 09:00 +0100"},
		"the beginning is open":                           {[]pace.Hours{brussels}, "2026-11-04 09:00 +0100", "2026-11-04 09:00 +0100"},
		"over midnight, of the day before":                {[]pace.Hours{night("Europe/Brussels", "22:00", "02:00", pace.On(time.Friday))}, "2026-11-07 01:00 +0100", "2026-11-07 01:00 +0100"},
		"over midnight, of another day":                   {[]pace.Hours{night("Europe/Brussels", "22:00", "02:00", pace.On(time.Friday))}, "2026-11-06 01:00 +0100", "2026-11-06 22:00 +0100"},
		"closed in the hour that comes twice, open again": {[]pace.Hours{night("Europe/Brussels", "01:00", "02:30", pace.EveryDay)}, "2026-10-25 02:45 +0200", "2026-10-25 02:00 +0100"},
		"begins in the hour that is missing":              {[]pace.Hours{night("Europe/Brussels", "02:30", "04:00", pace.EveryDay)}, "2027-03-28 00:00 +0100", "2027-03-28 03:00 +0200"},
		"lies in the hour that is missing":                {[]pace.Hours{night("Europe/Brussels", "02:10", "02:50", pace.EveryDay)}, "2027-03-28 00:00 +0100", "2027-03-29 02:10 +0200"},
		"a holiday":                                       {[]pace.Hours{holidays}, "2026-12-25 10:00 +0100", "2026-12-28 09:00 +0100"},
		"an own holiday before one":                       {[]pace.Hours{holidays}, "2026-12-24 10:00 +0100", "2026-12-28 09:00 +0100"},
		"a holiday that is none here":                     {[]pace.Hours{holidays}, "2026-11-11 10:00 +0100", "2026-11-11 10:00 +0100"},
		"holidays without a window":                       {[]pace.Hours{{Zone: zone(t, "Europe/Brussels"), Holidays: pace.Holidays{Country: "BE"}}}, "2026-12-25 10:00 +0100", "2026-12-26 00:00 +0100"},
		"two that meet for an hour a day":                 {[]pace.Hours{brussels, office(t, "America/Chicago")}, "2026-11-04 12:00 +0100", "2026-11-04 16:00 +0100"},
		"a US holiday that is observed on the Friday before": {[]pace.Hours{func() pace.Hours {
			h := office(t, "America/New_York")
			h.Holidays.Country = "US"
			return h
		}()}, "2026-07-03 10:00 -0400", "2026-07-06 09:00 -0400"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := c.hours[0].Zone
			got, err := pace.Next(at(t, in, c.due), c.hours...)
			require.NoError(t, err)
			require.Equal(t, at(t, in, c.want).Format(time.RFC3339), got.In(in).Format(time.RFC3339))
		})
	}
}

func TestTheHourThatIsThereTwice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, at string
		twice    bool
	}{
		{"Europe/Brussels", "2027-10-31T00:30:00Z", true}, {"Europe/Brussels", "2027-10-31T01:30:00Z", true},
		{"Europe/Brussels", "2027-10-31T00:00:00Z", true}, {"Europe/Brussels", "2027-10-30T23:59:59Z", false},
		{"Europe/Brussels", "2027-10-31T01:59:59Z", true}, {"Europe/Brussels", "2027-10-31T02:00:00Z", false},
		{"Europe/Brussels", "2027-03-28T00:59:59Z", false}, {"Europe/Brussels", "2027-03-28T01:00:00Z", false},
		{"Australia/Lord_Howe", "2027-04-03T14:45:00Z", true}, {"Australia/Lord_Howe", "2027-04-03T15:29:59Z", true}, {"Australia/Lord_Howe", "2027-04-03T15:30:00Z", false}, // half an hour
		{"Asia/Tokyo", "2027-10-31T00:30:00Z", false}, {"UTC", "2027-10-31T00:30:00Z", false},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		require.NoError(t, err)
		require.Equal(t, c.twice, pace.Twice(at.In(zone(t, c.zone))), "%s %s", c.zone, c.at)
	}
}

func TestWhatCanNeverBe(t *testing.T) {
	t.Parallel()
	tokyo, brussels := office(t, "Asia/Tokyo"), office(t, "Europe/Brussels")
	due := at(t, brussels.Zone, "2026-11-04 12:00 +0100")
	_, err := pace.Next(due, tokyo, office(t, "America/New_York"))
	require.ErrorIs(t, err, pace.ErrNever)
	summer, err := pace.Next(due, tokyo, brussels)
	require.NoError(t, err)
	require.Equal(t, "2027-03-29T09:00:00+02:00", summer.In(brussels.Zone).Format(time.RFC3339), "for an hour a day, while Europe has its summer time")

	only := brussels
	only.Windows = []pace.Window{{Days: pace.On(time.Sunday), From: clock(t, "09:00"), To: clock(t, "10:00")}}
	for day := (pace.Date{Year: 2026, Month: 11, Day: 1}); day.Year < 2028; day = day.Add(7) {
		only.Holidays.Add = append(only.Holidays.Add, day)
	}
	_, err = pace.Next(due, only)
	require.ErrorIs(t, err, pace.ErrNever)
}

func TestCloses(t *testing.T) {
	t.Parallel()
	brussels := office(t, "Europe/Brussels")
	require.Equal(t, "2026-11-04T17:00:00+01:00", pace.Closes(at(t, brussels.Zone, "2026-11-04 10:00 +0100"), brussels, office(t, "America/New_York")).In(brussels.Zone).Format(time.RFC3339))
	always := pace.Hours{Zone: time.UTC, Windows: []pace.Window{{Days: pace.EveryDay, From: 0, To: pace.EndOfDay}}}
	require.Zero(t, pace.Closes(at(t, time.UTC, "2026-11-04 10:00 +0000"), always))
}
