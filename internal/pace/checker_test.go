package pace_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

// checkLog judges a log by the rules that were in force at each line. Its reckoning is its
// own: what the wall clock shows, as text.
func checkLog(log []mail, forward []time.Time) error {
	last := map[string]mail{}
	seen := map[[2]int]bool{}
	type calendar struct{ address, zone string }
	onDates := map[calendar]map[string]int{} // the same log by the dates of each zone
	early := 0
	for i, line := range log {
		if !shownOpen(line.clock, line.window) {
			return fmt.Errorf("line %d: %s is outside the campaign's window", i, line.clock)
		}
		if !shownOpen(line.clock, line.account.Hours) {
			return fmt.Errorf("line %d: %s is outside the account's hours", i, line.clock)
		}
		if seen[[2]int{line.contact, line.step}] {
			return fmt.Errorf("line %d: contact %d had step %d before", i, line.contact, line.step)
		}
		seen[[2]int{line.contact, line.step}] = true

		if before, ok := last[line.address]; ok {
			gap := min(before.account.Gap, line.account.Gap) // what was lowered meanwhile counts
			jumped := slices.ContainsFunc(forward, func(at time.Time) bool { return at.After(before.real) && !at.After(line.real) })
			if took := line.real.Sub(before.real); took < gap && !jumped {
				return fmt.Errorf("line %d: %s after the mail before it, less than the gap %s", i, took, gap)
			} else if took < gap {
				early++
			}
		}
		last[line.address] = line

		// Its number on its date, and that date's number, are what the account's zone says.
		for _, zone := range []string{"Europe/Brussels", "America/New_York"} {
			key := calendar{line.address, zone}
			if onDates[key] == nil {
				onDates[key] = map[string]int{}
			}
			location, err := time.LoadLocation(zone)
			if err != nil {
				return err
			}
			onDates[key][shownDate(line.clock, location)]++
		}
		dates := onDates[calendar{line.address, line.account.Hours.Zone.String()}]
		date := shownDate(line.clock, line.account.Hours.Zone)
		limit := line.account.PerDay
		if ramp := line.account.Ramp; ramp != (pace.Ramp{}) {
			if warm := ramp.Start + (len(dates)-1)*ramp.Add; limit == 0 || warm < limit {
				limit = warm
			}
		}
		if number := dates[date]; limit > 0 && number > limit {
			return fmt.Errorf("line %d: number %d of %s on %s, where %d are allowed", i, number, line.address, date, limit)
		}
	}
	if early > 4*len(forward) {
		return fmt.Errorf("%d mails were early; a clock that is put forward lets one of each account leave early at most", early)
	}
	return nil
}

func shownDate(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.DateOnly) }

// shownOpen is true when some window contains what the wall clock shows.
func shownOpen(t time.Time, hours pace.Hours) bool {
	local := t.In(hours.Zone)
	shows := local.Format("15:04")
	for back := range 2 { // a window over midnight began yesterday
		began := local.AddDate(0, 0, -back)
		if slices.ContainsFunc(hours.Holidays.Add, func(day pace.Date) bool { return day.String() == began.Format(time.DateOnly) }) {
			continue
		}
		if hours.Holidays.Country == "BE" && slices.Contains([]string{"01-01", "05-01", "07-21", "08-15", "11-01", "11-11", "12-25"}, began.Format("01-02")) {
			continue
		}
		if len(hours.Windows) == 0 {
			return true
		}
		for _, window := range hours.Windows {
			from, to := window.From.String(), window.To.String()
			if !window.Days.Has(began.Weekday()) {
				continue
			}
			if back == 0 && (from <= shows && (shows < to || to < from)) || back == 1 && to < from && shows < to {
				return true
			}
		}
	}
	return false
}

// The checker finds what it is there for.
func TestTheCheckerFinds(t *testing.T) {
	t.Parallel()
	window := office(t, "Europe/Brussels")
	window.Holidays.Country = "BE"
	account := pace.Account{Gap: time.Hour, PerDay: 3, Hours: always(window.Zone)}
	good := func() []mail {
		var log []mail
		for i, hour := range []int{8, 9, 10, 32, 33, 34} {
			sent := time.Date(2026, 11, 9, hour, 0, 0, 0, time.UTC)
			log = append(log, mail{address: "a", real: sent, clock: sent, contact: i, window: window, account: account})
		}
		return log
	}
	require.NoError(t, checkLog(good(), nil))
	for name, c := range map[string]struct {
		spoil func(log []mail)
		want  string
	}{
		"a mail at night":      {func(log []mail) { log[2].clock = log[2].clock.Add(8 * time.Hour) }, "outside the campaign's window"},
		"a mail on a holiday":  {func(log []mail) { log[5].clock = log[5].clock.AddDate(0, 0, 1) }, "outside the campaign's window"},
		"the account's hours":  {func(log []mail) { log[2].account.Hours.Windows = []pace.Window{{Days: pace.On(time.Sunday), To: 60}} }, "outside the account's hours"},
		"twice":                {func(log []mail) { log[4].contact = 1 }, "had step 0 before"},
		"too close":            {func(log []mail) { log[4].real = log[3].real.Add(59 * time.Minute) }, "less than the gap"},
		"too many":             {func(log []mail) { log[5].account.PerDay = 2 }, "number 3"},
		"too many for a ramp":  {func(log []mail) { log[5].account.Ramp = pace.Ramp{Start: 1, Add: 1} }, "number 3"},
		"burst without a jump": {func(log []mail) { log[5].real = log[4].real }, "less than the gap"},
	} {
		log := good()
		c.spoil(log)
		require.ErrorContains(t, checkLog(log, nil), c.want, name)
	}
}
