package api

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
)

func TestErrorsByCauseAndPageByPage(t *testing.T) {
	t.Parallel()
	b := setup(t, 5)
	for id := range int64(4) {
		b.park(id+1, accountFailed)
	}
	b.park(5, failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(5)}})
	groups := b.get("/errors?group=cause").is(http.StatusOK)
	require.Contains(t, groups.raw, `"cause":"email_account:`+mayas+`","count":4`)
	require.Len(t, groups.body["items"], 2)
	require.Len(t, b.get("/errors?group=cause&campaign=q4").is(http.StatusOK).body["items"], 2)

	var seen []any
	after := ""
	for {
		page := b.get("/errors?limit=2&code=EmailAccountInError&campaign=q4" + after).is(http.StatusOK)
		require.InDelta(t, 4, page.body["total"], 0)
		for _, item := range page.body["items"].([]any) {
			seen = append(seen, item.(map[string]any)["contactId"])
		}
		if page.body["next"] == nil {
			break
		}
		after = "&after=" + url.QueryEscape(page.body["next"].(string))
	}
	require.Equal(t, []any{1.0, 2.0, 3.0, 4.0}, seen)
	require.Empty(t, b.get("/errors?code=WorkflowEnded").is(http.StatusOK).body["items"])

	for query, want := range map[string][]string{
		"limit=0": {"?limit"}, "limit=1001": {"?limit", "1 to 1000"}, "limit=x": {"?limit"}, "after=x": {"?after"}, "page=2": {"?page", "not known"}, "limit=1&limit=2": {"twice"},
		"group=code": {"?group"}, "group=cause&limit=3": {"?limit"}, "a=%zz": {"cannot be read"},
	} {
		b.get("/errors?"+query).is(http.StatusBadRequest, append([]string{"BadParameter"}, want...)...)
	}
	b.get("/errors?code=Nope").is(http.StatusNotFound, "NotFound", "NoCreditsLeft")
	b.get("/errors?campaign=q9").is(http.StatusNotFound, "NotFound")
	for _, query := range []string{"", "?address=a@b.example&recordId=1", "?source=hubspot", "?address="} {
		b.get("/contacts"+query).is(http.StatusBadRequest, "BadParameter")
	}
	b.get("/contacts?address=nonsense").is(http.StatusUnprocessableEntity, "InvalidValue", "/address")
	for _, path := range []string{"/contacts/77", "/contacts/x", "/contacts/0", "/contacts/99999999999999999999", "/requests/77", "/requests/-1"} {
		b.get(path).is(http.StatusNotFound, "NotFound")
	}
}

func TestReconnectLetsThemGoOn(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	b.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535'`)
	b.park(1, accountFailed)
	b.park(2, accountFailed)
	path := "/accounts/" + url.PathEscape(mayas) + "/reconnect"
	b.ask(http.MethodPost, path, "", "").is(http.StatusUnprocessableEntity, "EmailAccountInError", "535", "Reconnect the email account", "starter email-account test "+mayas)
	b.post(path, `{"host": "elsewhere.example"}`).is(http.StatusUnprocessableEntity, "PasswordNeeded", "/password")
	b.post(path, `{"host": "elsewhere.example", "tls": "none", "password": "x"}`).is(http.StatusUnprocessableEntity, "InvalidValue", "/tls")
	b.post(path, `{"tls": "none", "password": "x"}`).is(http.StatusUnprocessableEntity, "InvalidValue", "/tls")
	b.post(path, `{"port": 99999, "password": "x"}`).is(http.StatusUnprocessableEntity, "InvalidValue", "/port")
	b.post("/accounts/nobody@northwind.example/reconnect", `{}`).is(http.StatusNotFound, "NotFound", mayas)
	got := b.post(path, `{"password": "`+password+`", "port": null}`).is(http.StatusOK)
	require.InDelta(t, 2, got.body["resuming"], 0)
	require.NotContains(t, got.raw, password)
	require.Equal(t, int64(1), b.woken.Load())
	require.Equal(t, "token:crm", one[string](b, `SELECT by FROM outbox WHERE kind = 'fix' AND done_at IS NULL`))
	b.exec(`UPDATE email_accounts SET status = 'removed'`)
	b.post(path, `{}`).is(http.StatusConflict, "Refused", "starter email-account add "+mayas)
}

func TestResumeDisenrollAndTheirRequests(t *testing.T) {
	t.Parallel()
	b := setup(t, 4)
	failed := failure.Problem{Code: failure.SendingFailed, Detail: "452 full"}
	b.park(1, failed)
	b.park(2, failed)
	b.park(3, failure.Problem{Code: failure.DeliveryUncertain})
	dry := b.post("/resume", `{"all": true, "code": "SendingFailed", "dryRun": true}`).is(http.StatusOK)
	require.InDelta(t, 2, dry.body["requested"], 0)
	require.Zero(t, one[int](b, `SELECT count(*) FROM outbox WHERE kind = 'resume'`))

	got := b.post("/resume", `{"contacts": [1, "c2@contoso.example"], "campaign": "q4", "note": "by hand", "rate": "60/m"}`).is(http.StatusAccepted)
	require.InDelta(t, 2, got.body["requested"], 0)
	path := fmt.Sprintf("/requests/%.0f", got.body["requestId"])
	require.Equal(t, Root+path, got.header.Get("Location"))
	require.Equal(t, "token:crm|by hand", one[string](b, `SELECT by || '|' || note FROM outbox WHERE kind = 'resume'`))
	status := b.get(path).is(http.StatusOK)
	require.Equal(t, []any{"resume", 2.0, 0.0, 1.0, "token:crm", nil},
		[]any{status.body["kind"], status.body["total"], status.body["done"], status.body["rate"], status.body["by"], status.body["doneAt"]})
	patch := func(body string) answer {
		return b.ask(http.MethodPatch, path, body, "", "Content-Type", "application/json")
	}
	require.InDelta(t, 0.5, patch(`{"rate": "30/m"}`).is(http.StatusOK).body["rate"], 1e-9)
	patch(`{"rate": "fast"}`).is(http.StatusUnprocessableEntity, "InvalidValue", "/rate")
	patch(`{}`).is(http.StatusUnprocessableEntity, "InvalidValue", "/rate")
	b.exec(`UPDATE outbox SET done_at = now(), signalled = total WHERE kind = 'resume'`)
	require.NotNil(t, b.get(path).is(http.StatusOK).body["doneAt"])
	patch(`{"rate": "30/m"}`).is(http.StatusConflict, "Refused", "has finished already")

	b.post("/resume", `{"contacts": [3]}`).is(http.StatusConflict, "DeliveryUncertain", "Sent folder", "/assume")
	b.post("/resume", `{"contacts": [3], "assume": "perhaps"}`).is(http.StatusUnprocessableEntity, "InvalidValue", "/assume")
	b.post("/resume", `{"contacts": [3], "assume": "not-sent"}`).is(http.StatusAccepted)
	b.post("/resume", `{"contacts": [4]}`).is(http.StatusConflict, "Refused", "is not in error")
	for body, code := range map[string]string{
		`{}`: "InvalidValue", `{"all": true, "contacts": [1]}`: "InvalidValue", `{"contacts": []}`: "InvalidValue", `{"contacts": [" , "]}`: "InvalidValue",
		`{"contacts": ["x"]}`: "InvalidValue", `{"contacts": [true]}`: "BadBody", `{"contacts": [1.5]}`: "BadBody", `{"contacts": ["x@y.example"]}`: "NotFound",
		`{"contacts": [77]}`: "NotFound", `{"all": true, "code": "Nope"}`: "NotFound", `{"all": true, "campaign": "q9"}`: "NotFound", `{"all": true, "rate": "x"}`: "InvalidValue",
		`{"all": "yes"}`: "BadBody", `{"all": true, "reason": "x"}`: "UnknownField",
	} {
		require.Equal(t, code, b.post("/resume", body).body["code"], body)
	}

	ended := b.post("/disenroll", `{"contacts": [4], "reason": "a customer now"}`).is(http.StatusAccepted)
	require.InDelta(t, 1, ended.body["requested"], 0)
	b.post("/disenroll", `{"all": true, "campaign": "q4", "dryRun": true}`).is(http.StatusOK)
	b.post("/disenroll", `{"all": true, "note": "x"}`).is(http.StatusBadRequest, "UnknownField", "note")
}
