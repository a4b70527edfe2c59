package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	require.Contains(t, h.ok("status"), "There is no campaign yet")
	require.JSONEq(t, `[]`, h.ok("status", "-o", "json"))
	h.enrolled(8)
	h.exec(`INSERT INTO campaigns (key, name, owner, steps) VALUES ('empty', 'Empty', 'maya', '[]')`)
	h.send(1)
	h.send(2)
	h.exec(`UPDATE enrollments SET next_at = now() - interval '1 s' WHERE id = 2`) // waited long enough: due
	h.park(3, accountIn)
	h.park(4, uncertain)
	h.park(5, accountIn)
	h.exec(`UPDATE enrollments SET status = 'Paused' WHERE id = 6`)
	_, err := h.Disenroll(h.ctx, 7, 0, "", "")
	require.NoError(t, err)
	h.exec(`UPDATE enrollments SET status = 'Completed', ended_at = now() WHERE id = 8`)
	want := `{"campaign": "q4", "enrolled": 8, "active": 1, "waiting": 1, "inError": 3, "paused": 1, "completed": 1, "disenrolled": 1,
		"sent": 2, "ended": 0, "retrying": 0, "endedBy": {}, "bounced": 0, "mailboxes": [], "lineTroubles": [], "byCode": {"EmailAccountInError": 2, "DeliveryUncertain": 1}}`
	require.JSONEq(t, `[{"campaign": "empty", "enrolled": 0, "active": 0, "waiting": 0, "inError": 0, "paused": 0, "completed": 0,
		"disenrolled": 0, "sent": 0, "ended": 0, "retrying": 0, "endedBy": {}, "bounced": 0, "mailboxes": [], "lineTroubles": [], "byCode": {}}, `+want+`]`, h.ok("status", "-o", "json"))
	require.JSONEq(t, `[`+want+`]`, h.ok("status", "q4", "-o", "json"))
	require.Equal(t, `CAMPAIGN ENROLLED ACTIVE WAITING IN ERROR PAUSED COMPLETED DISENROLLED SENT
q4              8      1       1        3      1         1           1    2

IN ERROR  CODE                 CONTACTS
q4        EmailAccountInError         2
q4        DeliveryUncertain           1

starter errors lists them and says why.
`, h.ok("status", "q4"))
	h.fails(exitNotFound, []string{"there is no campaign q"}, "status", "q")
	h.fails(exitUsage, []string{"the call is starter status [CAMPAIGN]"}, "status", "a", "b")
}

func TestTimeline(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(2)
	h.park(1, accountIn)
	h.send(1)
	h.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, recipient, message_date, settled_at, assumed_by)
		VALUES (1, 'tell', 1, 'sms', 'sent', '+32475000001', now(), clock_timestamp(), 'tess')`)
	h.exec(`UPDATE enrollments SET status = 'Completed', ended_at = clock_timestamp(), next_at = NULL WHERE id = 1`)
	var events []map[string]any
	h.decode(&events, "timeline", "1")
	var kinds []any
	for _, event := range events {
		kinds = append(kinds, event["kind"])
		require.Equal(t, "q4", event["campaign"])
		require.Regexp(t, `Z$`, event["at"])
		require.Len(t, event, 7, "at, campaign, stepId, kind, code, text, by")
	}
	require.Equal(t, []any{"enrolled", "in_error", "resumed", "sent", "notified", "completed"}, kinds)
	require.Equal(t, "tess", events[0]["by"])
	require.Equal(t, "EmailAccountInError", events[1]["code"])
	require.Equal(t, "try again", events[2]["text"])
	require.Equal(t, "“Hi” to c@contoso.example from maya@northwind.example", events[3]["text"])
	require.Equal(t, "intro", events[3]["stepId"])
	require.Equal(t, "tess", events[4]["by"])
	require.Equal(t, "SMS to +32475000001 (nobody saw it accepted: an operator said so)", events[4]["text"])

	_, err := h.Disenroll(h.ctx, 2, 0, "asked us to stop", "tess")
	require.NoError(t, err)
	out := h.ok("timeline", "ben@contoso.example", "--campaign", "q4")
	require.Contains(t, out, "disenrolled  asked us to stop  tess")
	h.exec(`INSERT INTO contacts (first_name) VALUES ('New')`)
	require.Equal(t, "Nothing has happened to contact 3 yet: it is enrolled in no campaign.\n", h.ok("timeline", "3"))
	require.JSONEq(t, `[]`, h.ok("timeline", "3", "-o", "json"))
	h.fails(exitNotFound, []string{"there is no contact 9"}, "timeline", "9")
	h.fails(exitUsage, []string{`"ben" is neither the id of a contact (a number) nor an email address`}, "timeline", "ben")
}
