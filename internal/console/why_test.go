package console

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A contact's page says why its next email has not left yet, an account's page who waits for
// it, and both it and a campaign's page what leaves when.
func TestWhatIsToCome(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	b.exec(`UPDATE enrollments SET status = 'Waiting', started_at = now(), park_seq = NULL, code = NULL, next_at = NULL WHERE campaign = 'q4'`)
	b.exec(`UPDATE email_accounts SET pace = '{"perDay": 2}' WHERE address = $1`, mayas)
	b.exec(`INSERT INTO account_pace (address, day, count) VALUES ($1, (clock_timestamp() AT TIME ZONE 'UTC')::date, 2)`, mayas)
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state) SELECT id, step_id, campaign, $1, 2, 'waiting' FROM enrollments WHERE campaign = 'q4' ORDER BY id`, mayas)

	page := b.get("/contacts/3")
	page.says(http.StatusOK, "Its next email has not left yet", "because", "the limit of the day is reached, until", "2 emails are before it in the line", "00:00 UTC",
		"What limits today limit of the day 2 → sent already 2 → 0 left (bottleneck: limit of the day)", "starter email-account pace "+mayas+" --per-day COUNT")
	require.Equal(t, page.body, b.get("/contacts/3").body, "two looks are equal")
	b.get("/accounts/"+mayas).says(http.StatusOK, "Its line, and the days ahead", "In line 3", "The next leaves", "00:00 UTC", "The last email leaves on", "limit of the day", "dates of UTC")
	b.get("/campaigns/q4").says(http.StatusOK, "The days ahead", "In line 3", "starter forecast q4")

	b.exec(`UPDATE email_accounts SET pace = '{"perDay": 2, "zone": "Asia/Kolkata"}' WHERE address = $1`, mayas)
	b.get("/accounts/"+mayas).says(http.StatusOK, "00:00 Asia/Kolkata . The last first email:", "dates of Asia/Kolkata")

	b.exec(`UPDATE email_accounts SET pace = '{"perDay": 2}' WHERE address = $1`, mayas)
	b.exec(`UPDATE email_accounts SET pace = '{"perDay": 2}', status = 'connected', resting_until = now() + interval '3 days' WHERE address = 'tom@northwind.example'`) // she is sooner, whatever the hour is
	b.exec(`UPDATE campaigns SET sender = NULL, senders = ARRAY[$1, 'tom@northwind.example'] WHERE key = 'q4'`, mayas)
	b.exec(`UPDATE line SET account = NULL, unbound = true`)
	b.get("/contacts/3").says(http.StatusOK, "from any of "+mayas+" , tom@northwind.example ; as it looks now, "+mayas+" )", "starter email-account pace "+mayas+" --per-day COUNT")
	b.get("/campaigns/q4").says(http.StatusOK, "3 contacts are for any of several senders: whichever is free first takes the next.")
	b.exec(`UPDATE line SET account = $1, unbound = false`, mayas)
	b.exec(`UPDATE campaigns SET sender = $1, senders = '{}' WHERE key = 'q4'`, mayas)

	b.exec(`INSERT INTO contact_holds (contact_id, until, words) VALUES (3, clock_timestamp() + interval '3 days', 'a colleague has answered')`)
	b.exec(`UPDATE email_accounts SET resting_until = now() + interval '1 hour', rest_reason = '452 slow down', pace = '{"perDay": 2, "zone": "Asia/Kolkata"}' WHERE address = $1`, mayas)
	page = b.get("/contacts/3")
	page.says(http.StatusOK, "a colleague has answered ; nothing is sent before", "the email account rests: 452 slow down , until", "Asia/Kolkata")
	require.NotContains(t, page.body, "the contact is away", "what was found in the answer says it")
	_, why, _ := strings.Cut(page.body, "Its next email has not left yet")
	require.Equal(t, []string{"452 slow down</q>"}, regexp.MustCompile(`452 [^<]*</q>|a colleague[^<]*</q>`).FindAllString(why, -1), "a quotation is a server's words alone")
	b.exec(`DELETE FROM contact_holds`)
	b.exec(`UPDATE email_accounts SET resting_until = NULL WHERE address = $1`, mayas)
	b.exec(`UPDATE enrollments SET next_at = now() + interval '2 days', step_id = 'gone', step_index = 9 WHERE campaign = 'q4' AND contact_id = 3`)
	page = b.get("/contacts/3")
	waits, _, _ := strings.Cut(page.body, "Its next email has not left yet")
	require.Contains(t, waits[strings.Index(waits, "Waits at step"):], "Asia/Kolkata</time>", "one card, one clock")
	b.exec(`UPDATE enrollments SET next_at = NULL, step_id = 'intro', step_index = 0 WHERE campaign = 'q4' AND contact_id = 3`)
	b.exec(`UPDATE email_accounts SET pace = '{"perDay": 2}' WHERE address = $1`, mayas)

	b.exec(`UPDATE campaigns SET paused = true WHERE key = 'q4'`)
	b.get("/contacts/3").says(http.StatusOK, "the campaign is paused", "starter campaign unpause q4")
	b.get("/campaigns/q4").says(http.StatusOK, "No email leaves.", "3 contacts are of a paused campaign, and not counted until that goes on.")
	b.exec(`UPDATE campaigns SET paused = false, sender = NULL WHERE key = 'q4'`)
	b.get("/campaigns/q4").says(http.StatusOK, "No email leaves: there is no sender.")
	b.exec(`DELETE FROM line`)
	b.exec(`UPDATE enrollments SET status = 'Completed', ended_at = now()`)
	b.get("/accounts/"+mayas).says(http.StatusOK, "No email leaves: nobody waits for one.")
	require.NotContains(t, b.get("/contacts/3").body, "Its next email")
}
