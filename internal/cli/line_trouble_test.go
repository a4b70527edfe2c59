package cli

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func TestStatusSaysWhatIsTheMatterWithALine(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(3)
	h.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) VALUES ('spring', 'Spring', 'maya', 'maya@northwind.example', '[]')`)
	h.exec(`UPDATE email_accounts SET pace = '{"gap": 20000000000, "perDay": 400}'`)
	h.exec(`INSERT INTO account_pace (address, day, count) VALUES ('maya@northwind.example', (now() AT TIME ZONE 'UTC')::date, 388)`)
	h.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state, since)
		SELECT id, 'intro', 'q4', 'maya@northwind.example', 2, 'waiting', now() - interval '1 hour' FROM enrollments`)
	require.Contains(t, h.ok("status"), "\nNobody gives turns (never since the database was made), and 3 contacts wait for one. Start a worker, and unpause the schedule give-turns if it is paused.\n")
	h.exec(`UPDATE turns_given SET seen_at = now()`)
	shown := h.ok("status", "q4")
	require.Contains(t, shown, "\nmaya@northwind.example: nothing has left since ")
	require.Contains(t, shown, ", although 3 contacts wait, the window is open and the day has budget left. ")
	require.NotContains(t, h.ok("status", "spring"), "nothing has left", "it has nobody in that line")
	h.exec(`UPDATE line SET state = 'stuck' WHERE enrollment_id < 3; UPDATE line SET since = now()`)
	require.Contains(t, h.ok("status"), "\nmaya@northwind.example: 2 contacts did not use several turns and rest aside; each is given another within an hour. starter reconcile finds workflows that are gone.\n")
	require.Regexp(t, `90s|20s gap, 400 a day \(UTC\)|388 of 400 +1 `, h.ok("email-account", "list"))
	require.Contains(t, h.ok("email-account", "list"), "388 of 400")
}

func TestWhatIsTheMatterWithALineInWords(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	for want, trouble := range map[string]operator.LineTrouble{
		"Nobody gives turns (last at " + print.Moment(at) + "), and 1 contact waits for one. Start a worker, and unpause the schedule give-turns if it is paused.": {What: operator.NoGiver, Contacts: 1, Since: &at},
		"m@n.example: 50000 contacts wait in line, which takes about 125 days. Raise its pace (starter email-account pace), or disenroll some.":                    {What: operator.TooLong, Account: "m@n.example", Contacts: 50_000, Days: 125},
		"m@n.example: 9 contacts wait in line, which it can never serve. Raise its pace (starter email-account pace), or disenroll some.":                          {What: operator.TooLong, Account: "m@n.example", Contacts: 9},
		"m@n.example: 1 contact did not use several turns and rests aside; each is given another within an hour. starter reconcile finds workflows that are gone.": {What: operator.PutAside, Account: "m@n.example", Contacts: 1},
	} {
		require.Equal(t, want, lineTroubleText(trouble))
	}
}
