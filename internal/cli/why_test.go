package cli

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/operator"
	"relance/internal/pace"
)

// With -o json the enrollment is first whose email is expected first, and who has ended comes last.
func TestTheNextOfAContactIsFirst(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	at := func(hours int) *time.Time { t := now.Add(time.Duration(hours) * time.Hour); return &t }
	all := []operator.Why{{Campaign: "ended", Status: campaign.Completed}, {Campaign: "parked", Status: campaign.InError}, {Campaign: "later", Earliest: at(2)}, {Campaign: "next", Earliest: at(1)}}
	first := whyFirst(all)
	require.Equal(t, "next", first.Campaign)
	require.Equal(t, all[:3], first.Others)
	require.Equal(t, "parked", whyFirst(all[:2]).Campaign)
	encoded, err := json.Marshal(whyFirst(all[:1]))
	require.NoError(t, err)
	require.Contains(t, string(encoded), `"because":"","limits":null`)
	require.NotContains(t, string(encoded), "others")
}

func TestWhyIsPrinted(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 11, 3, 9, 12, 0, 0, time.UTC)
	from, to := due.Add(48*time.Hour), due.Add(48*time.Hour+15*time.Minute)
	left := 12
	why := operator.Why{
		ContactID: 42, Contact: "Ada Lovelace", Campaign: "q4-outreach", StepID: "follow-up", Mail: 2, Mails: 3, Account: "maya@northwind.example",
		Due: &due, Before: 312, Earliest: &from, Latest: &to, Zone: "Europe/London", ZoneBy: "country", Exact: true,
		Reasons: []operator.WhyReason{
			{Reason: pace.AccountRests, Until: &from, Detail: `"452 4.3.1 slow down"`}, {Reason: pace.InLine, Until: &to}, {Reason: pace.InError},
		},
		Today: &operator.Waterfall{Rows: []pace.Row{{Limit: pace.DayLimit, Number: 400, Left: 400}, {Limit: pace.Sent, Number: 388, Left: 12}}, Left: &left, Bottleneck: pace.DayLimit},
	}
	require.Equal(t, []string{
		"Ada Lovelace in q4-outreach, step follow-up (email 2 of 3), from maya@northwind.example",
		`not sent yet because    the email account rests: "452 4.3.1 slow down", until ` + print.Moment(from),
		"also                    312 emails are before it in the line",
		"also                    the contact is in error",
		"expected                between " + print.Moment(from) + " and " + print.Moment(to) + " (Thu 5 Nov 2026 09:12:00 Europe/London for the recipient)",
		"due                     " + print.Moment(due),
		"the recipient's zone    Europe/London (by country)",
		"today                   limit of the day 400 → sent already 388 → 12 left (bottleneck: limit of the day)",
		"sooner?                 it sends again when its rest is over; starter email-account test maya@northwind.example shows what its server says now",
	}, whyLines(why))
	why.AccountZone = "Europe/Brussels"
	require.Contains(t, strings.Join(whyLines(why), "\n"), "between Thu 5 Nov 2026 10:12:00 Europe/Brussels and Thu 5 Nov 2026 10:27:00 Europe/Brussels (Thu 5 Nov 2026 09:12:00 Europe/London")
	away := why
	away.Reasons = []operator.WhyReason{{Reason: pace.Held, Until: &from, Detail: "the person is away until 5 November 2026"}}
	require.Equal(t, "not sent yet because    the person is away until 5 November 2026; nothing is sent before Thu 5 Nov 2026 10:12:00 Europe/Brussels", whyLines(away)[1])
	why.Before = 1
	require.Contains(t, strings.Join(whyLines(why), "\n"), "1 email is before it in the line")

	require.Equal(t, []string{"Bo in q4-outreach", "not held back           it may leave now"}, whyLines(operator.Why{Contact: "Bo", Campaign: "q4-outreach"}))

	require.Equal(t, []string{"Bo in q4-outreach", "no email comes next     no email of the campaign is left for it", "also                    the campaign is paused",
		"sooner?                 starter campaign unpause q4-outreach"},
		whyLines(operator.Why{Contact: "Bo", Campaign: "q4-outreach", Reasons: []operator.WhyReason{{Reason: operator.NoMailLeft}, {Reason: pace.CampaignPaused}}}))

	mayas, toms := "maya@northwind.example", "tom@northwind.example"
	require.Equal(t, "Bo in q4, step intro (email 1 of 2), from "+mayas, whyLines(operator.Why{Contact: "Bo", Campaign: "q4", StepID: "intro", Mail: 1, Mails: 2, AnyOf: []string{mayas}, Likely: mayas})[0])
	require.Equal(t, "Bo in q4, from any of "+mayas+", "+toms+" (as it looks now, "+toms+")", whyLines(operator.Why{Contact: "Bo", Campaign: "q4", AnyOf: []string{mayas, toms}, Likely: toms})[0])

	var out bytes.Buffer
	s := &session{Options: Options{Stdout: &out}, format: formatTable}
	require.NoError(t, s.showWhy([]operator.Why{why, why}))
	require.Equal(t, 2, strings.Count(out.String(), "Ada Lovelace"))
}

func TestTheHourThatIsThereTwiceHasItsOffset(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 10, 31, 0, 30, 0, 0, time.UTC)
	require.Equal(t, "Sun 31 Oct 2027 02:30:00 Europe/Brussels (UTC+02:00)", momentIn(at, "Europe/Brussels"))
	require.Equal(t, "Sun 31 Oct 2027 02:30:00 Europe/Brussels (UTC+01:00)", momentIn(at.Add(time.Hour), "Europe/Brussels"))
	require.Equal(t, "Sun 31 Oct 2027 03:30:00 Europe/Brussels", momentIn(at.Add(2*time.Hour), "Europe/Brussels"))
}

func TestForecastIsPrinted(t *testing.T) {
	t.Parallel()
	left := 19
	today := operator.Waterfall{SendingDay: 5, OpenSeconds: 8 * 3600, GapSeconds: 90, Left: &left, Bottleneck: pace.RampLimit, Rows: []pace.Row{
		{Limit: pace.DayLimit, Number: 400, Left: 400}, {Limit: pace.RampLimit, Number: 60, Left: 60}, {Limit: pace.OpenTime, Number: 320, Left: 60},
		{Limit: pace.Sent, Number: 41, Left: 19}, {Limit: pace.TimeLeft, Number: 240, Left: 19},
	}}
	require.Equal(t, "limit of the day 400 → ramp day 6: 60 → open 8 h at 90 s: 320 → sent already 41 → what still fits 240 → 19 left (bottleneck: ramp)", today.Text())
	require.Equal(t, "nothing limits it", operator.Waterfall{}.Text())
	require.Equal(t, "open 24 h at 2.5 s: 34560 → 19 left", operator.Waterfall{OpenSeconds: 86400, GapSeconds: 2.5, Left: &left, Rows: []pace.Row{{Limit: pace.OpenTime, Number: 34560, Left: 19}}}.Text(), "the arithmetic adds up with a jitter of an odd number of seconds")
	none := 0
	require.Equal(t, "open 0 h: 0 → 0 left", operator.Waterfall{Left: &none, Rows: []pace.Row{{Limit: pace.OpenTime}}}.Text(), "closed, and no gap")

	var days []operator.ForecastDay
	for i := range 30 {
		days = append(days, operator.ForecastDay{Date: pace.Date{Year: 2026, Month: 11, Day: 1}.Add(i), FirstMails: 10, FollowUps: 1, LateSeconds: 3600 * i, Bottleneck: pace.DayLimit})
	}
	printed := operator.ByWeek(days)
	require.Len(t, printed, 14+4)
	require.Equal(t, "2026-11-14", printed[13].Dates())
	require.Equal(t, "2026-11-15", printed[14].Dates(), "a Sunday ends the week")
	require.Equal(t, "2026-11-16 to 2026-11-22", printed[15].Dates())
	require.Equal(t, 70, printed[15].FirstMails)
	require.Equal(t, 21*3600, printed[15].LateSeconds)
	require.Equal(t, "2026-11-30", printed[17].Dates())
	weekly := operator.ByWeek(append(slices.Clone(days[:14]), days[15], days[17], days[21], days[29])) // on a few days of each
	require.Equal(t, []string{"2026-11-16 to 2026-11-22", "2026-11-30"}, []string{weekly[14].Dates(), weekly[15].Dates()})

	likely, latest := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 9, 0, 0, 0, 0, time.UTC)
	forecast := operator.Forecast{Senders: []operator.SenderForecast{{Account: "maya@northwind.example", InLine: 7, Today: today, Days: days}}, Likely: &likely, Latest: &latest, Remain: 1, Until: latest}
	require.Equal(t, "The last email leaves between "+print.Moment(likely)+", if as many people stop as so far, and "+print.Moment(latest)+", if nobody does. 1 contact in line will not have left by 2026-12-09: there is no time, no sender, or more than the limits can serve.", finishText(forecast))
	require.Equal(t, "No email leaves: nobody waits for one.", finishText(operator.Forecast{}))
	forecast.ZoneUnknown = 12
	require.Contains(t, finishText(forecast), " 12 contacts are still to come into the line, of a campaign that sends in each recipient's zone: their days are about, as of the workspace's zone. 1 contact in line will not")
	forecast.Senders[0].Zone = "Europe/Brussels"
	require.Contains(t, finishText(forecast), "between Tue 1 Dec 2026 01:00:00 Europe/Brussels, if as many people stop as so far, and Wed 9 Dec 2026 01:00:00 Europe/Brussels,", "on the account's clock")
	abroad := forecast
	abroad.Senders = append([]operator.SenderForecast{{Zone: "Asia/Tokyo"}}, forecast.Senders...)
	require.Contains(t, finishText(abroad), "between "+print.Moment(likely)+", if", "several zones: on that of this machine")

	var out bytes.Buffer
	s := &session{Options: Options{Stdout: &out}, format: formatTable}
	require.NoError(t, s.showForecast(forecast, false))
	require.Contains(t, out.String(), "maya@northwind.example: 7 in line. Today: limit of the day 400")
	require.Contains(t, out.String(), "2026-11-16 to 2026-11-22")
	out.Reset()
	s.format = formatJSON
	require.NoError(t, s.showForecast(forecast, false))
	require.Contains(t, out.String(), `"firstMails": 10`)
}
