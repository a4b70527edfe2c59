package console

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheFirstPageSaysWhatIsTheMatterWithALine(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	require.NotContains(t, b.get("/").text(), "Nobody gives turns")
	b.exec(`UPDATE email_accounts SET pace = '{"gap": 20000000000, "perDay": 400}'`)
	b.exec(`INSERT INTO account_pace (address, day, count) VALUES ($1, (now() AT TIME ZONE 'UTC')::date, 388)`, mayas)
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state, since)
		SELECT id, 'intro', campaign, $1, 2, 'waiting', now() - interval '1 hour' FROM enrollments`, mayas)
	b.get("/").says(http.StatusOK, "Nobody gives turns, and 3 contacts wait for one. Start a worker")
	b.exec(`UPDATE turns_given SET seen_at = now()`)
	b.get("/").says(http.StatusOK, mayas+" : nothing has left since", "although 3 contacts wait, the window is open and the day has budget left.")
	b.exec(`UPDATE line SET state = 'stuck'`)
	b.get("/").says(http.StatusOK, "3 contacts did not use several turns and rest aside")
	b.exec(`UPDATE line SET state = 'asleep'`)
	require.NotContains(t, b.get("/").text(), "turns")
	for _, page := range []string{"/accounts", "/accounts/" + mayas} {
		b.get(page).says(http.StatusOK, "3 contacts in line; 388 of 400 sent today")
	}
	b.exec(`UPDATE email_accounts SET pace = '{"perDay": 1}'; INSERT INTO contacts (first_name) SELECT 'C' FROM generate_series(1, 100)`)
	b.exec(`INSERT INTO enrollments (campaign, contact_id, step_id, status) SELECT 'q4', id, 'intro', 'Waiting' FROM contacts WHERE id > 3`)
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state) SELECT id, 'intro', campaign, $1, 2, 'asleep' FROM enrollments WHERE contact_id > 3`, mayas)
	b.get("/").says(http.StatusOK, "103 contacts wait in line, which takes about 105 days.")
}
