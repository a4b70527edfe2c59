package cli

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/operator"
)

var anyTime = regexp.MustCompile(`"20\d\d-[0-9T:.-]+Z"`)

func TestErrorsAsJSON(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(3)
	h.env["RELANCE_WEB_URL"], h.env["TEMPORAL_NAMESPACE"] = "https://temporal.example/", "out/reach"
	require.JSONEq(t, `[]`, h.ok("errors", "-o", "json"))
	h.park(2, accountIn)
	h.park(1, noEmail(1))
	require.JSONEq(t, `[
		{"contactId": 2, "contactName": "Ben Two", "email": "ben@contoso.example", "campaign": "q4", "stepId": "intro", "stepIndex": 0,
		 "code": "EmailAccountInError", "title": "Email account in error",
		 "description": "The sending address selected as the sender of this campaign is in error.", "howToFix": "Reconnect the email account.",
		 "nextCommand": "starter email-account reconnect maya@northwind.example", "detail": "maya@northwind.example: 535 5.7.8 Username and password not accepted. Learn more at https://support.example/mail/?p=BadCredentials",
		 "cause": "email_account:maya@northwind.example", "parkId": 1, "since": "T", "attempts": 0,
		 "workflowId": "enrollment/q4/2", "webUrl": "https://temporal.example/namespaces/out%2Freach/workflows/enrollment%2Fq4%2F2"},
		{"contactId": 1, "contactName": "Ana One", "email": "ana@contoso.example", "campaign": "q4", "stepId": "intro", "stepIndex": 0,
		 "code": "ContactHasNoEmail", "title": "Contact has no email address",
		 "description": "The contact has no email address, so there is no recipient.", "howToFix": "Add an email address.",
		 "nextCommand": "starter contacts set 1 --email ADDRESS", "detail": "", "cause": "contact:1", "parkId": 1, "since": "T", "attempts": 0,
		 "workflowId": "enrollment/q4/1", "webUrl": "https://temporal.example/namespaces/out%2Freach/workflows/enrollment%2Fq4%2F1"}
	]`, anyTime.ReplaceAllString(h.ok("errors", "-o", "json"), `"T"`), "the oldest park first")
}

func TestErrorsAreFiltered(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(4)
	h.park(1, accountIn)
	h.park(2, uncertain)
	h.park(3, accountIn)
	for _, test := range []struct {
		args string
		want []int64
	}{
		{"", []int64{1, 2, 3}},
		{"--code emailaccountinerror", []int64{1, 3}},
		{"--campaign q4 --code DeliveryUncertain", []int64{2}},
		{"--contact 3", []int64{3}},
		{"--contact Ben@contoso.example", []int64{2}},
		{"--contact 4", nil},
		{"--limit 2", []int64{1, 2}},
	} {
		var items []operator.InError
		h.decode(&items, append([]string{"errors"}, strings.Fields(test.args)...)...)
		var ids []int64
		for _, item := range items {
			ids = append(ids, item.ContactID)
		}
		require.Equal(t, test.want, ids, test.args)
	}
	h.fails(exitNotFound, []string{"there is no campaign q5; did you mean q4?", "try: starter campaign list"}, "errors", "--campaign", "q5")
	h.fails(exitNotFound, []string{"there is no contact 99"}, "errors", "--contact", "99")
	h.fails(exitNotFound, []string{"there is no contact with the address x@y.example"}, "errors", "--contact", "x@y.example")
	h.fails(exitUsage, []string{"there is no code NoMoney", "starter errors codes"}, "errors", "--code", "NoMoney")
	h.fails(exitUsage, []string{`errors has no command "sumary"; did you mean summary?`}, "errors", "sumary")
}

func TestErrorsForPeople(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(3)
	require.Equal(t, "Nobody is in error here.\n", h.ok("errors"))
	h.park(1, accountIn)
	h.park(2, uncertain)
	h.park(3, sending)
	h.width = 80
	out := h.ok("errors", "--limit", "2")
	for _, line := range []string{
		"1 Ana One  q4/intro  EmailAccountInError",
		"    How to fix: Reconnect the email account.\n",
		"    $ starter email-account reconnect maya@northwind.example\n",
		"    $ starter resume 2 --campaign q4 --assume sent     # or: --assume not-sent\n",
		"The oldest 2 of 3 contacts in error; --limit 0 shows all",
	} {
		require.Contains(t, out, line)
	}
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "    $ ") && !strings.HasPrefix(line, "The oldest") {
			require.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), 80, line)
		}
	}
	require.Contains(t, h.ok("errors"), "    $ starter resume 3 --campaign q4\n")
	h.width = 30
	require.Contains(t, h.ok("errors", "--contact", "1"), "1 Ana One\n    q4/intro  EmailAccountInError  for", "too narrow for one line")
}

func TestErrorsSummaryAndCodes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(4)
	require.Equal(t, "Nobody is in error.\n", h.ok("errors", "summary"))
	h.park(1, noEmail(1))
	h.park(2, accountIn)
	h.park(3, noEmail(3))
	require.JSONEq(t, `[
		{"campaign": "q4", "code": "ContactHasNoEmail", "title": "Contact has no email address", "cause": "contact", "count": 2, "oldest": "T", "howToFix": "Add an email address."},
		{"campaign": "q4", "code": "EmailAccountInError", "title": "Email account in error", "cause": "email_account:maya@northwind.example", "count": 1, "oldest": "T", "howToFix": "Reconnect the email account."}
	]`, anyTime.ReplaceAllString(h.ok("errors", "summary", "-o", "json"), `"T"`))
	h.fails(exitNotFound, []string{"there is no campaign other"}, "errors", "summary", "--campaign", "other")

	var entries []failure.Entry
	require.NoError(t, json.Unmarshal([]byte(bare(nil, "errors", "codes", "-o", "json").stdout), &entries), "it needs no server")
	require.Equal(t, failure.Catalogue(), entries)
}

// What a server said is quoted, and what we say is not.
func TestErrorsQuoteTheServerAlone(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(2)
	words := failure.Words{Said: "554 5.7.1 no", Meaning: "the server takes it for spam"}
	h.park(1, failure.Problem{Code: failure.SendingFailed, Detail: words.Text(), Words: &words})
	h.park(2, failure.Problem{Code: failure.SendingFailed, Detail: words.Text()}) // by the release before
	out := h.ok("errors")
	require.Contains(t, out, "Sending failed for a technical reason: the server takes it for spam.\n")
	require.Contains(t, out, "The server said: “554 5.7.1 no”\n")
	require.Contains(t, out, "Sending failed for a technical reason: 554 5.7.1 no – the server takes it for spam.\n")
	require.Equal(t, 1, strings.Count(out, "The server said"))
	var items []operator.InError
	h.decode(&items, "errors")
	require.Equal(t, []*failure.Words{&words, nil}, []*failure.Words{items[0].Words, items[1].Words})
}
