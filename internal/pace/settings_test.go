package pace_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

func windows(t *testing.T, text string) []pace.Window {
	t.Helper()
	read, err := pace.ParseWindows(text)
	require.NoError(t, err, text)
	return read
}

// What is shown of windows can be typed again.
func TestWindowsAreReadAsTheyAreShown(t *testing.T) {
	t.Parallel()
	for typed, shown := range map[string]string{
		"08:00-20:00":                           "08:00-20:00",
		"8:00–20:00":                            "08:00-20:00",
		"mon-fri 09:00-17:00":                   "mon-fri 09:00-17:00",
		"Monday,Tuesday 09:00-17:00":            "mon, tue 09:00-17:00",
		"mon tue wed fri 09:00-17:00":           "mon-wed, fri 09:00-17:00",
		"mon-fri":                               "mon-fri",
		"sat-mon 22:00-02:00":                   "mon, sat, sun 22:00-02:00",
		"mon-fri 09:00-12:00; sat 10:00-12:00;": "mon-fri 09:00-12:00; sat 10:00-12:00",
		"00:00-24:00":                           "00:00-24:00",
	} {
		require.Equal(t, shown, pace.WindowsText(windows(t, typed)))
		require.Equal(t, windows(t, typed), windows(t, shown))
	}
	for typed, wrong := range map[string]string{
		"":                                     "there is no window; expected for example 08:00-20:00 or mon-fri 09:00-17:00",
		"09:00":                                `"09:00" is no window; expected one begin and one end, for example 09:00-17:00`,
		"09:00-12:00 13:00-17:00":              `"09:00-12:00 13:00-17:00" is no window; expected one begin and one end, for example 09:00-17:00`,
		"09:00-09:00":                          "the window begins and ends at 09:00; expected two different times (a whole day is 00:00 to 24:00)",
		"09:00-25:00":                          `"25:00" is no time of day; expected 00:00 to 24:00`,
		"mo 09:00-17:00":                       `"mo" is no day; expected mon, tue, wed, thu, fri, sat or sun`,
		"mon-fri 09:00-17:00; fri 16:00-18:00": "the window fri 16:00-18:00 overlaps mon-fri 09:00-17:00; expected one of them, or times that do not overlap",
		"sun 22:00-03:00; mon 02:00-04:00":     "the window mon 02:00-04:00 overlaps sun 22:00-03:00; expected one of them, or times that do not overlap",
		"mon 09:00-12:00; tue-fri; sat 23:00-24:0": `"24:0" is no time of day; expected hours:minutes, for example 09:00 or 17:30`,
	} {
		_, err := pace.ParseWindows(typed)
		require.EqualError(t, err, wrong, typed)
	}
	require.NotEmpty(t, windows(t, "mon 09:00-12:00; mon 12:00-13:00"), "one may begin as the other ends")
}

func TestLengthsCountsAndRamps(t *testing.T) {
	t.Parallel()
	for text, length := range map[string]time.Duration{"90s": 90 * time.Second, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute, "24h": 24 * time.Hour, "330s": 330 * time.Second} {
		read, err := pace.ParseLength(text)
		require.NoError(t, err)
		require.Equal(t, length, read)
		require.Equal(t, text, pace.LengthText(read))
	}
	for text, wrong := range map[string]string{
		"90": "has no unit", "": "is no length of time", "-90s": "is no length of time", "1.5h": "is no length of time", "0s": "is no time at all", "25h": "is longer than a day", "1d": "is no length of time",
		"99999999h": "is no length of time",
	} {
		_, err := pace.ParseLength(text)
		require.ErrorContains(t, err, wrong, text)
	}
	for _, text := range []string{"0", "-1", "1.5", "many", "", "1000001"} {
		_, err := pace.ParseCount(text)
		require.ErrorContains(t, err, "is no number of messages; expected a whole number from 1 to 1000000", text)
	}
	ramp, err := pace.ParseRamp("20+10")
	require.NoError(t, err)
	require.Equal(t, pace.Ramp{Start: 20, Add: 10}, ramp)
	for _, text := range []string{"20", "0+10", "20+", "+", "a+b"} {
		_, err := pace.ParseRamp(text)
		require.ErrorContains(t, err, "expected START+ADD, for example 20+10", text)
	}
	_, err = pace.ParseOrder("lifo")
	require.EqualError(t, err, `"lifo" is no order; expected follow-ups-first or fifo`)
}

func TestRulesInWords(t *testing.T) {
	t.Parallel()
	rules := pace.AccountRules{Gap: 90 * time.Second, PerDay: 400}
	require.Equal(t, "90s gap, 400 a day", rules.String())
	rules.Jitter, rules.Ramp, rules.Zone, rules.Order = 30*time.Second, pace.Ramp{Start: 20, Add: 10}, "Europe/Brussels", pace.FIFO
	rules.Hours = windows(t, "08:00-20:00")
	require.Equal(t, "90s gap and up to 30s more, 400 a day, 20 on the first day and 10 more on each further one, 08:00-20:00, Europe/Brussels, first come, first served", rules.String())
	require.Empty(t, pace.AccountRules{}.String())
	require.Equal(t, "mon-fri 09:00-17:00, in each recipient's zone, on holidays too",
		pace.CampaignRules{Windows: windows(t, "mon-fri 09:00-17:00"), Zone: pace.RecipientZone, IgnoreHolidays: true}.String())
	require.Empty(t, pace.CampaignRules{}.String())
	day := func(text string) pace.Date {
		date, err := pace.ParseDate(text)
		require.NoError(t, err)
		return date
	}
	require.Equal(t, "BE, also 2026-12-24, 2026-12-31, not 2026-07-21", pace.Holidays{Country: "BE", Add: []pace.Date{day("2026-12-24"), day("2026-12-31")}, Remove: []pace.Date{day("2026-07-21")}}.String())
}

func TestWhatRulesCannotBe(t *testing.T) {
	t.Parallel()
	for want, rules := range map[string]pace.AccountRules{
		"jitter: a jitter is added to a gap, and there is none; expected a gap too, for example gap: 90s": {Jitter: time.Second},
		"gap: -1s is no gap; expected a second to a day":                                                  {Gap: -time.Second},
		"per_day: -1 is no number of messages; expected a whole number from 1 to 1000000":                 {PerDay: -1},
		"ramp: 0+10 is no ramp; expected a start and an add of 1 or more":                                 {Ramp: pace.Ramp{Add: 10}},
		`timezone: "Mars" is no time zone; expected an IANA name such as Europe/Brussels`:                 {Zone: "Mars"},
		`order: "lifo" is no order; expected follow-ups-first or fifo`:                                    {Order: "lifo"},
		"hours[0]: there is no day; expected at least one of mon, tue, wed, thu, fri, sat, sun":           {Hours: []pace.Window{{To: 60}}},
		"hours[1]: the window 08:00-09:00 overlaps 08:00-09:00; expected one of them, or times that do not overlap": {
			Hours: append(windows(t, "08:00-09:00"), windows(t, "08:00-09:00")...)},
	} {
		wrong := rules.Check()
		require.Len(t, wrong, 1, want)
		require.EqualError(t, wrong[0], want)
	}
	require.Empty(t, pace.AccountRules{Gap: time.Second, Jitter: time.Minute, PerDay: 1, Ramp: pace.Ramp{Start: 1, Add: 1}}.Check())
	require.Empty(t, pace.CampaignRules{Zone: pace.RecipientZone}.Check())
	require.Len(t, pace.CampaignRules{Zone: "Recipient"}.Check(), 1)
	of := func(text string) []pace.Date {
		date, err := pace.ParseDate(text)
		require.NoError(t, err)
		return []pace.Date{date}
	}
	for want, holidays := range map[string]pace.Holidays{
		"country: the holidays of \"XX\" are not known": {Country: "XX"},
		"remove[0]: 2026-07-22 is no holiday of BE":     {Country: "BE", Remove: of("2026-07-22")},
		"remove[0]: 2026-07-21 cannot be taken from":    {Remove: of("2026-07-21")},
		"add[0]: 2026-07-21 is under remove too":        {Country: "BE", Add: of("2026-07-21"), Remove: of("2026-07-21")},
	} {
		wrong := holidays.CheckAll()
		require.Len(t, wrong, 1, want)
		require.ErrorContains(t, wrong[0], want)
	}
	require.Empty(t, pace.Holidays{Country: "BE", Add: of("2026-12-24"), Remove: of("2026-07-21")}.CheckAll())
}

func TestEveryZoneNameIsOne(t *testing.T) {
	t.Parallel()
	names := pace.ZoneNames()
	require.Contains(t, names, "Europe/Brussels")
	for _, name := range names {
		_, err := pace.Zone(name)
		require.NoError(t, err)
	}
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	brussels := zone(t, "Europe/Brussels")
	wednesday := pace.Date{Year: 2026, Month: 11, Day: 4}
	hours := func(text string, zone *time.Location) pace.Hours {
		if text == "" {
			return pace.Hours{Zone: zone}
		}
		return pace.Hours{Zone: zone, Windows: windows(t, text)}
	}
	for name, c := range map[string]struct {
		account       pace.Account
		window, hours string
		date          pace.Date
		n             int
		by            pace.Limit
	}{
		"nothing limits":                   {pace.Account{}, "", "", wednesday, pace.Unlimited, ""},
		"the limit":                        {pace.Account{Gap: 90 * time.Second, PerDay: 300}, "mon-fri 09:00-17:00", "", wednesday, 300, pace.DayLimit},
		"the window, not the limit":        {pace.Account{Gap: 90 * time.Second, PerDay: 400}, "mon-fri 09:00-17:00", "", wednesday, 320, pace.CampaignWindow},
		"the hours, not the window":        {pace.Account{Gap: 90 * time.Second, PerDay: 400}, "09:00-17:00", "10:00-12:00", wednesday, 80, pace.AccountHours},
		"the window within the hours":      {pace.Account{Gap: 90 * time.Second, PerDay: 400}, "09:00-10:00", "08:00-20:00", wednesday, 40, pace.CampaignWindow},
		"half of the jitter":               {pace.Account{Gap: 90 * time.Second, Jitter: 60 * time.Second}, "09:00-11:00", "", wednesday, 60, pace.CampaignWindow},
		"ten minutes at five":              {pace.Account{Gap: 5 * time.Minute, PerDay: 400}, "09:00-09:10", "", wednesday, 2, pace.CampaignWindow},
		"a gap longer than the window":     {pace.Account{Gap: time.Hour, PerDay: 400}, "09:00-09:10", "", wednesday, 1, pace.CampaignWindow},
		"two windows":                      {pace.Account{Gap: time.Hour}, "09:00-12:00; 14:00-16:00", "", wednesday, 5, pace.CampaignWindow},
		"a weekend":                        {pace.Account{Gap: time.Hour, PerDay: 5}, "mon-fri", "", wednesday.Add(4), 0, pace.CampaignWindow},
		"no gap":                           {pace.Account{PerDay: 400}, "09:00-09:01", "", wednesday, 400, pace.DayLimit},
		"a day of 25 hours":                {pace.Account{Gap: time.Hour}, "", "", pace.Date{Year: 2026, Month: 10, Day: 25}, 25, pace.CampaignWindow},
		"from the evening into the night":  {pace.Account{Gap: time.Hour}, "22:00-02:00", "", wednesday, 4, pace.CampaignWindow},
		"they are open and do not overlap": {pace.Account{Gap: time.Hour, PerDay: 3}, "09:00-12:00", "13:00-14:00", wednesday, 0, pace.AccountHours},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := c.account
			account.Hours = hours(c.hours, brussels)
			n, by := account.Capacity(c.date, hours(c.window, brussels))
			require.Equal(t, c.n, n)
			require.Equal(t, c.by, by)
		})
	}
}

func TestMeet(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 4, 12, 0, 0, 0, time.UTC)
	brussels, tokyo := zone(t, "Europe/Brussels"), zone(t, "Asia/Tokyo")
	at := func(text string, zone *time.Location) pace.Hours {
		return pace.Hours{Zone: zone, Windows: windows(t, text)}
	}
	require.NoError(t, pace.Meet(now, at("mon-fri 09:00-17:00", brussels), at("08:00-20:00", brussels)))
	require.NoError(t, pace.Meet(now, at("09:00-17:00", tokyo), at("08:00-20:00", brussels)), "an hour, in winter")
	require.ErrorIs(t, pace.Meet(now, at("09:00-16:00", tokyo), at("09:00-17:00", brussels)), pace.ErrNever)
	// They meet for an hour of summer, which is months ahead.
	require.ErrorIs(t, pace.Meet(now, at("09:00-17:00", tokyo), at("09:30-12:00", brussels)), pace.ErrNever)
	require.NoError(t, pace.Meet(time.Date(2027, 5, 3, 12, 0, 0, 0, time.UTC), at("09:00-17:00", tokyo), at("09:30-12:00", brussels)))
}
