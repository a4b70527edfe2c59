package console

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// uploadTo sends a file of a page's form, with what else is typed.
func (b *bundle) uploadTo(path, content string, typed ...string) page {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(typed); i += 2 {
		require.NoError(b.t, form.WriteField(typed[i], typed[i+1]))
	}
	if content != "" {
		part, err := form.CreateFormFile("file", "list.csv")
		require.NoError(b.t, err)
		_, err = part.Write([]byte(content))
		require.NoError(b.t, err)
	}
	require.NoError(b.t, form.Close())
	return b.raw(http.MethodPost, path, body.String(), "Content-Type", form.FormDataContentType())
}

func TestAnAddressOrADomainIsSuppressedAndWrittenToAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, 4, "Claes")
	b.exec(`UPDATE contacts SET email = 'boss@fabrikam.example' WHERE id = 4`)
	b.get("/suppression").says(http.StatusOK, "Nothing is suppressed")

	wrong := b.get("/suppression/add?target=nothing+at+all")
	wrong.says(http.StatusOK, "is neither an address nor a domain")
	require.NotContains(t, wrong.body, `method="post"`)
	ask := b.get("/suppression/add?target=contoso.example&note=asked+by+phone")
	ask.says(http.StatusOK, "Suppress contoso.example", "It concerns 3 contacts.", "3 enrollments end at once, for good")
	require.Zero(t, one[int](b, `SELECT count(*) FROM suppressions`), "looking changes nothing")
	done := b.send(ask, "/suppression/add/confirm")
	done.says(http.StatusSeeOther, "Nothing is sent to contoso.example any more. 3 enrollments have ended.")
	require.Contains(t, done.row("contoso.example"), "by hand: asked by phone")
	require.Contains(t, done.row("contoso.example"), "console Remove … contoso.example")
	require.Equal(t, 3, one[int](b, `SELECT count(*) FROM enrollments WHERE ended_by = 'suppressed'`))
	require.Equal(t, "added contoso.example", one[string](b, `SELECT kind || ' ' || subject FROM activity WHERE thing = 'suppression' AND by = 'console'`))
	b.send(ask, "/suppression/add/confirm").says(http.StatusSeeOther, "contoso.example was suppressed before.")
	b.get("/contacts/1").says(http.StatusOK, "Suppressed since", "by console", "contoso.example (by hand)")
	b.get("/activity?on=suppression").says(http.StatusOK, "added the suppression of contoso.example")

	require.Equal(t, http.StatusNotFound, b.get("/suppression/remove?target=fabrikam.example").status)
	b.get("/suppression/remove?target=jo@contoso.example").says(http.StatusNotFound, "There is no suppression of jo@contoso.example")
	b.exec(`UPDATE suppressions SET reason = 'unsubscribed', by = 'recipient'`)
	remove := b.get("/suppression/remove?target=contoso.example")
	remove.says(http.StatusOK, "Write to contoso.example again?", "by recipient", "has unsubscribed", "That was the recipient’s own wish")
	b.exec(`UPDATE suppressions SET at = at + interval '1 second', reason = 'complained'`)
	stale := b.send(remove, "/suppression/remove/confirm")
	stale.says(http.StatusConflict, "Contoso.example has been suppressed anew (complained)", "by recipient")
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM suppressions`))
	b.send(stale, "/suppression/remove/confirm").says(http.StatusSeeOther, "contoso.example may be written to again. Enrollments that were ended stay so.", "Nothing is suppressed")
	require.Equal(t, 3, one[int](b, `SELECT count(*) FROM enrollments WHERE ended_by = 'suppressed'`))
	require.Equal(t, "console", one[string](b, `SELECT by FROM activity WHERE kind = 'removed' AND thing = 'suppression'`))
	again := b.ask(http.MethodPost, "/suppression/remove/confirm", url.Values{"from": {"/suppression"}, "target": {"contoso.example"}, "since": {"1"}})
	again.says(http.StatusNotFound, "There is no suppression of contoso.example")
}

func TestSuppressionsAreListedSearchedAndTakenAsAFile(t *testing.T) {
	t.Parallel()
	b := setup(t, 2, "Claes")
	b.exec(`INSERT INTO suppressions (target, reason, note, by, at) SELECT 'p' || i || '@contoso.example', 'imported', '=1+' || i, 'tom', now() - i / 3 * interval '1 minute' FROM generate_series(1, 250) i`)
	seen, pages := map[string]bool{}, 0
	for address := "/suppression"; address != ""; pages++ {
		shown := b.get(address)
		address = ""
		walk(shown.tree, func(n *html.Node) {
			if n.Data == "th" && attr(n, "scope") == "row" {
				require.False(t, seen[textOf(n)], "%s twice", textOf(n))
				seen[textOf(n)] = true
			}
			if attr(n, "rel") == "next" {
				address = attr(n, "href")
			}
		})
	}
	require.Equal(t, 3, pages)
	require.Len(t, seen, 250)
	found := b.get("/suppression?q=P25")
	found.says(http.StatusOK, "p25@contoso.example", "p250@contoso.example")
	require.NotContains(t, found.text(), "p24@")
	b.get("/suppression?q=nix&after=x").says(http.StatusOK, "Nothing with nix in it is suppressed")

	file := b.get("/suppression.csv")
	require.Equal(t, "text/csv; charset=utf-8", file.header.Get("Content-Type"))
	require.Equal(t, 251, strings.Count(file.body, "\n"))
	require.Contains(t, file.body, "p7@contoso.example,imported,'=1+7,tom,", "no cell is a formula")

	b.exec(`DELETE FROM suppressions`)
	asked := b.uploadTo("/suppression/file", file.body)
	asked.says(http.StatusOK, "250 to suppress, 0 that are suppressed already", "0 enrollments end", "and 230 more")
	require.Zero(t, one[int](b, `SELECT count(*) FROM suppressions`), "nothing is kept yet")
	b.send(asked, "/suppression/file/keep").says(http.StatusSeeOther, "Suppressed: 250. Suppressed before: 0.")
	require.Equal(t, "=1+7", one[string](b, `SELECT note FROM suppressions WHERE target = 'p7@contoso.example'`), "what went out comes back")

	bad := b.uploadTo("/suppression/file", "c1@contoso.example\nnothing at all\n")
	bad.says(http.StatusOK, "Line 2: ", "is neither an address nor a domain", "Nothing was changed")
	require.NotContains(t, bad.body, "/suppression/file/keep")
	b.uploadTo("/suppression/file", "").says(http.StatusOK, "No file was chosen")
	mixed := b.uploadTo("/suppression/file", "c1@contoso.example\r\nc1@contoso.example\r\np7@contoso.example\r\n", "note", "from the old system")
	mixed.says(http.StatusOK, "1 to suppress, 1 that is suppressed already. 1 contact has one of them; 1 enrollment ends at once")
	b.send(mixed, "/suppression/file/keep").says(http.StatusSeeOther, "Suppressed: 1. Suppressed before: 1. 1 enrollment has ended.", "from the old system")
	require.Equal(t, []string{"imported 0", "imported 1"}, one[[]string](b, `SELECT array_agg(kind || ' ' || count ORDER BY id) FROM activity WHERE thing = 'suppression' AND by = 'console'`))
}

func TestBouncedAddresses(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	b.get("/bounces").says(http.StatusOK, "No address has bounced")
	b.send(b.get("/bounces"), "/bounces/add", "address", "nothing").says(http.StatusUnprocessableEntity, "nothing")
	done := b.send(b.get("/bounces"), "/bounces/add", "address", "C2@Contoso.example", "reason", "550 5.1.1 no such user")
	done.says(http.StatusSeeOther, "Nothing is sent to c2@contoso.example any more")
	require.Contains(t, done.row("c2@contoso.example"), "550 5.1.1 no such user")
	b.send(b.get("/bounces"), "/bounces/add", "address", "c2@contoso.example").says(http.StatusSeeOther, "was recorded as bounced before")
	b.park(2, bounced(2))
	b.get("/bounces?q=CONTOSO").says(http.StatusOK, "c2@contoso.example")
	b.get("/bounces?q=nix").says(http.StatusOK, "No address with nix in it has bounced")
	require.Equal(t, http.StatusNotFound, b.get("/bounces/remove?address=c1@contoso.example").status)
	ask := b.get("/bounces/remove?address=c2@contoso.example")
	ask.says(http.StatusOK, "Send to c2@contoso.example again?", "550 5.1.1 no such user", "1 contact in error because of it goes on at once")
	b.send(ask, "/bounces/remove/confirm").says(http.StatusSeeOther, "c2@contoso.example may be sent to again. 1 contact goes on.")
	require.Equal(t, "console", one[string](b, `SELECT by FROM outbox WHERE cause = 'contact:2/email'`))
	require.Equal(t, []string{"added 2", "removed 2"}, one[[]string](b, `SELECT array_agg(kind || ' ' || subject ORDER BY id) FROM activity WHERE thing = 'bounce' AND by = 'console'`))
	b.send(ask, "/bounces/remove/confirm").says(http.StatusNotFound, "There is no")

	b.exec(`INSERT INTO bounces (address, reason, bounced_at) SELECT 'x' || i || '@fabrikam.example', '', now() FROM generate_series(1, 101) i`)
	more := b.get("/bounces")
	require.Equal(t, 100, strings.Count(more.body, `<th scope="row"`))
	last := b.get(more.link("Next"))
	require.Equal(t, 1, strings.Count(last.body, `<th scope="row"`), fmt.Sprint(last.text()))
}
