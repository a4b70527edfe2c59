package workspace_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/pace"
)

const paced = `timezone: Europe/Brussels
holidays: {country: BE, add: [2026-12-24], remove: [2026-07-21]}
users: [{key: maya, name: Maya}]
email_accounts:
  - address: maya@northwind.example
    smtp: {host: smtp.northwind.example, password: secret}
    pace:
      gap: 90s
      jitter: 30s
      per_day: 400
      ramp: {start: 20, add: 10}
      hours: {from: "08:00", to: "20:00"}
      timezone: America/New_York
      order: fifo
campaigns:
  - key: q4
    name: Q4
    owner: maya
    sender: maya@northwind.example
    window: {days: [mon, tue, wed], from: "09:00", to: "17:00", timezone: recipient, holidays: none}
    steps: [email: {subject: S, body: B}]
`

func day(t *testing.T, text string) pace.Date {
	t.Helper()
	date, err := pace.ParseDate(text)
	require.NoError(t, err)
	return date
}

func TestPaceIsRead(t *testing.T) {
	t.Parallel()
	require.NoError(t, validate(t, compiled(t), []byte(paced)))
	got, err := read(paced)
	require.NoError(t, err)
	require.Equal(t, "Europe/Brussels", got.Timezone)
	require.Equal(t, &pace.Holidays{Country: "BE", Add: []pace.Date{day(t, "2026-12-24")}, Remove: []pace.Date{day(t, "2026-07-21")}}, got.Holidays)
	require.Equal(t, pace.AccountRules{
		Gap: 90 * time.Second, Jitter: 30 * time.Second, PerDay: 400, Ramp: pace.Ramp{Start: 20, Add: 10},
		Hours: []pace.Window{{Days: pace.EveryDay, From: 8 * 60, To: 20 * 60}}, Zone: "America/New_York", Order: pace.FIFO,
	}, got.EmailAccounts[0].Pace)
	require.Equal(t, pace.CampaignRules{
		Windows: []pace.Window{{Days: pace.On(time.Monday, time.Tuesday, time.Wednesday), From: 9 * 60, To: 17 * 60}},
		Zone:    pace.RecipientZone, IgnoreHolidays: true,
	}, got.Campaigns[0].Window)

	got, err = read(strings.Split(paced, "users:")[0])
	require.NoError(t, err)
	require.Empty(t, got.Campaigns)
	got, err = read("users: [{key: maya, name: Maya}]\n")
	require.NoError(t, err)
	require.Empty(t, got.Timezone)
	require.Nil(t, got.Holidays, "the file says nothing about them")
	got, err = read("holidays: {}\n")
	require.NoError(t, err)
	require.Equal(t, pace.Holidays{Add: nil}, *got.Holidays, "there are none")
}

// What a window or hours leave out.
func TestPartsOfWindows(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	const window = `{days: [mon, tue, wed], from: "09:00", to: "17:00", timezone: recipient, holidays: none}`
	for given, want := range map[string]string{
		`{from: "09:00", to: "17:00"}`:  "mon-fri 09:00-17:00",
		`{from: "09:00"}`:               "mon-fri 09:00-24:00",
		`{to: "17:00"}`:                 "mon-fri 00:00-17:00",
		`{days: [Saturday, sun]}`:       "sat, sun",
		`{timezone: recipient}`:         "in each recipient's zone",
		`{timezone: America/Sao_Paulo}`: "America/Sao_Paulo",
		`{holidays: none}`:              "on holidays too",
		`{}`:                            "",
		``:                              "",
		`{from: 09:00, to: 17:00}`:      "mon-fri 09:00-17:00",
		`{from: "22:00", to: "02:00", days: [fri]}`:                                            "fri 22:00-02:00",
		`{times: [{to: "12:00"}, {from: "13:00", days: []}]`:                                   "error",
		`{times: [{from: "09:00", to: "12:00"}, {from: "13:00", to: "17:00"}], timezone: UTC}`: "mon-fri 09:00-12:00; mon-fri 13:00-17:00, UTC",
	} {
		source := strings.Replace(paced, window, given, 1)
		got, err := read(source)
		if want == "error" {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err, given)
		require.NoError(t, validate(t, schema, []byte(source)), given)
		require.Equal(t, want, got.Campaigns[0].Window.String(), given)
	}
	for given, want := range map[string]string{
		`{from: "08:00", to: "20:00"}`: "08:00-20:00",
		`{days: [mon]}`:                "mon",
		`[{days: [mon, tue], from: "08:00", to: "12:00"}, {days: [sat], from: "10:00"}]`: "mon, tue 08:00-12:00; sat 10:00-24:00",
	} {
		source := strings.Replace(paced, `{from: "08:00", to: "20:00"}`, given, 1)
		got, err := read(source)
		require.NoError(t, err, given)
		require.NoError(t, validate(t, schema, []byte(source)), given)
		require.Equal(t, want, pace.WindowsText(got.EmailAccounts[0].Pace.Hours), given)
	}
}

// Each changes one piece of the example. What the schema can say, it refuses too.
func TestWhatPaceCannotBe(t *testing.T) {
	t.Parallel()
	schema := compiled(t)
	const hours, window = `hours: {from: "08:00", to: "20:00"}`, `window: {days: [mon, tue, wed], from: "09:00", to: "17:00", timezone: recipient, holidays: none}`
	for _, test := range []struct {
		old, new, want string
		schema         bool
	}{
		{"timezone: Europe/Brussels", "timezone: Europe/Brusels", `1: timezone: "Europe/Brusels" is no time zone (did you mean "Europe/Brussels"?); expected an IANA name such as Europe/Brussels`, false},
		{"timezone: Europe/Brussels", "timezone: CEST", `1: timezone: "CEST" is no time zone; expected an IANA name such as Europe/Brussels`, false},
		{"timezone: Europe/Brussels", "timezone: 2", `1: timezone: 2 is read as a number; quote it: "2"`, true},
		{"timezone: Europe/Brussels", `timezone: ""`, `1: timezone: "" is no time zone; expected an IANA name such as Europe/Brussels`, true},
		{"country: BE", "country: XX", `2: holidays.country: the holidays of "XX" are not known; known are AR, AT, BE, BG, BR, CA, CH, CZ, DE, DK, ES, FR, GB, GR, HR, IE, IT, JP, LT, LV, MW, NC, NL, NO, NZ, PL, RO, RU, SE, SI, SK, UA, US, ZA; any day can be added by its date`, false},
		{"2026-12-24", "2026-02-30", `2: holidays.add[0]: "2026-02-30" is no date; expected year-month-day, for example 2026-12-24`, false},
		{"2026-12-24", "christmas", `2: holidays.add[0]: "christmas" is no date; expected year-month-day, for example 2026-12-24`, true},
		{"2026-07-21", "2026-07-22", `2: holidays.remove[0]: 2026-07-22 is no holiday of BE; expected one of its holidays`, false},
		{"country: BE, ", "", `2: holidays.remove[0]: 2026-07-21 cannot be taken from the holidays of a country, for none is named; expected country too`, false},
		{"country: BE", "contry: BE", "2: holidays: unknown key \"contry\" (did you mean \"country\"?); expected country, add or remove", true},
		{"gap: 90s", "gap: 90", `8: email_accounts[0].pace.gap: 90 has no unit; expected for example 90s, 5m or 1h30m`, true},
		{"gap: 90s", "gap: -90s", `8: email_accounts[0].pace.gap: "-90s" is no length of time; expected for example 90s, 5m or 1h30m`, true},
		{"gap: 90s", "gap: 0s", `8: email_accounts[0].pace.gap: "0s" is no time at all; expected for example 90s, 5m or 1h30m, or leave it out`, false},
		{"gap: 90s", "gap:", `9: email_accounts[0].pace.jitter: a jitter is added to a gap, and there is none; expected a gap too, for example gap: 90s`, false},
		{"gap: 90s", "gapp: 90s", `8: email_accounts[0].pace: unknown key "gapp" (did you mean "gap"?); expected gap, jitter, per_day, ramp, hours, timezone or order`, true},
		{"per_day: 400", "per_day: 0", `10: email_accounts[0].pace.per_day: 0 is no number of messages; expected a whole number from 1 to 1000000`, true},
		{"per_day: 400", "per_day: -4", `10: email_accounts[0].pace.per_day: -4 is no number of messages; expected a whole number from 1 to 1000000`, true},
		{"per_day: 400", "per_day: many", `10: email_accounts[0].pace.per_day: "many" is no number of messages; expected a whole number from 1 to 1000000`, true},
		{"start: 20", "start: 0", `11: email_accounts[0].pace.ramp.start: 0 is no number of messages; expected a whole number from 1 to 1000000`, true},
		{", add: 10", "", `11: email_accounts[0].pace.ramp.add: missing; expected how many more leave on each further day`, true},
		{"{start: 20, add: 10}", "20", `11: email_accounts[0].pace.ramp: this is a number, "20"; expected a mapping with start or add`, true},
		{hours, `hours: {from: "08:00", to: "08:00"}`, `12: email_accounts[0].pace.hours: the window begins and ends at 08:00; expected two different times (a whole day is 00:00 to 24:00)`, false},
		{hours, `hours: {from: "08:00", to: "25:00"}`, `12: email_accounts[0].pace.hours.to: "25:00" is no time of day; expected 00:00 to 24:00`, false},
		{hours, `hours: {from: 8, to: "20:00"}`, `12: email_accounts[0].pace.hours.from: 8 is read as a number; quote it: "8"`, true},
		{hours, `hours: {days: [], to: "20:00"}`, `12: email_accounts[0].pace.hours: there is no day; expected at least one of mon, tue, wed, thu, fri, sat, sun`, true},
		{hours, `hours: []`, `12: email_accounts[0].pace.hours: empty; expected at least one {from: "08:00", to: "20:00"}, or no hours`, true},
		{hours, `hours: [{to: "10:00"}, {from: "09:00"}]`, `12: email_accounts[0].pace.hours[1]: the window 09:00-24:00 overlaps 00:00-10:00; expected one of them, or times that do not overlap`, false},
		{"order: fifo", "order: fifa", `14: email_accounts[0].pace.order: "fifa" is no order (did you mean "fifo"?); expected follow-ups-first or fifo`, true},
		{"America/New_York", "recipient", `13: email_accounts[0].pace.timezone: "recipient" is no time zone; expected an IANA name such as Europe/Brussels`, false},
		{"timezone: recipient", "timezone: recipent", `20: campaigns[0].window.timezone: "recipent" is no time zone (did you mean "recipient"?); expected recipient, or an IANA name such as Europe/Brussels`, false},
		{"holidays: none", "holidays: all", `20: campaigns[0].window.holidays: this is text, "all"; expected none, to send on the workspace's holidays too`, true},
		{"[mon, tue, wed]", "[mon, die]", `20: campaigns[0].window.days[1]: "die" is no day; expected mon, tue, wed, thu, fri, sat or sun`, true},
		{"[mon, tue, wed]", "mon", `20: campaigns[0].window.days: this is text, "mon"; expected a list: put a - before each item`, true},
		{"[mon, tue, wed]", "[]", `20: campaigns[0].window: there is no day; expected at least one of mon, tue, wed, thu, fri, sat, sun`, true},
		{window, `window: {times: [{from: "09:00"}], to: "12:00"}`, `20: campaigns[0].window.times: given beside days, from or to; expected either one window or a list of them under times`, false},
		{window, `window: {times: []}`, `20: campaigns[0].window.times: empty; expected at least one {days: [mon], from: "09:00", to: "17:00"}`, true},
		{window, "window:\n      times:\n        - {to: \"12:00\"}\n        - {days: [fri], from: \"11:00\"}", `23: campaigns[0].window.times[1]: the window fri 11:00-24:00 overlaps mon-fri 00:00-12:00; expected one of them, or times that do not overlap`, false},
		{window, `window: always`, `20: campaigns[0].window: this is text, "always"; expected a mapping with days, from, to, times, timezone or holidays`, true},
	} {
		t.Run(test.new, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, paced, test.old)
			source := strings.Replace(paced, test.old, test.new, 1)
			_, err := read(source)
			require.EqualError(t, err, "workspace.yaml:"+test.want)
			if test.schema {
				require.Error(t, validate(t, schema, []byte(source)), "the schema takes it")
			}
		})
	}
}
