package console

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"relance/internal/failure"
)

func noEmail(id int64) failure.Problem {
	return failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(id)}}
}

// withoutEmail takes the addresses of the first n contacts, and parks them for it.
func (b *bundle) withoutEmail(n int64) {
	b.t.Helper()
	b.exec(`UPDATE contacts SET email = '' WHERE id <= $1`, n)
	for id := range n {
		b.park(id+1, noEmail(id+1))
	}
}

func TestContactsAreSearchedFromEveryPage(t *testing.T) {
	t.Parallel()
	b := setup(t, 120, "Claes")
	b.exec(`UPDATE contacts SET record_id = '9001' WHERE id = 7`)
	home := b.get("/")
	require.Equal(t, url.Values{"q": {""}}, home.fill("/contacts"))
	for asked, to := range map[string]string{"c7@contoso.example": "/contacts/7", "9001": "/contacts/7", "12": "/contacts/12", "C13 claes": "/contacts/13", "claes c14": "/contacts/14"} {
		one := b.get("/contacts?q=" + url.QueryEscape(asked))
		require.Equal(t, http.StatusSeeOther, one.status, asked)
		require.Equal(t, to, one.header.Get("Location"), asked)
	}
	first := b.get("/contacts?q=claes")
	first.says(http.StatusOK, "Contacts that begin with claes", "C1 Claes", "C100 Claes", "Next")
	require.NotContains(t, first.text(), "C101 Claes")
	next := first.find(func(n *html.Node) bool { return attr(n, "rel") == "next" })
	last := b.get(attr(next, "href"))
	last.says(http.StatusOK, "C101 Claes", "C120 Claes", "To the first ones")
	require.NotContains(t, last.text(), "C100 Claes")
	b.get("/contacts?q=nobody").says(http.StatusOK, "Nobody is found")
	b.get("/contacts").says(http.StatusOK, "C1 Claes")
	b.get("/contacts?after=x&q=%00").says(http.StatusOK, "C1 Claes")
	b.get("/contacts/99999999999999999999").says(http.StatusNotFound)
	b.serve(proxied("/relance"))
	require.Equal(t, "/relance/contacts/7", b.get("/relance/contacts?q=9001", "X-Auth-Email", "vic@northwind.example").header.Get("Location"))
}

func TestAContactIsEditedInPlace(t *testing.T) {
	t.Parallel()
	const action = "/contacts/1/edit"
	b := setup(t, 2, "Claes")
	b.exec(`UPDATE contacts SET fields = '{"city":"Ghent","about":"two\nlines"}' WHERE id = 1`)
	shown := b.get("/contacts/1")
	same := b.ask(http.MethodPost, action, shown.edit(action))
	require.Equal(t, http.StatusSeeOther, same.status)
	require.JSONEq(t, `{"city":"Ghent","about":"two\nlines"}`, one[string](b, `SELECT fields::text FROM contacts WHERE id = 1`), "what was not changed stays as it is")

	wrong := b.ask(http.MethodPost, action, shown.edit(action, "email", "edsger@", "phone", "tomorrow", "company", "Path"))
	wrong.says(http.StatusUnprocessableEntity, "Nothing was kept: 2 values cannot be.", "edsger@", "tomorrow")
	require.Equal(t, "Path", wrong.edit(action).Get("company"), "what was typed is kept")
	linked := 0
	walk(wrong.tree, func(n *html.Node) {
		if id, ok := strings.CutPrefix(attr(n, "href"), "#f"); ok {
			linked++
			field := wrong.find(func(n *html.Node) bool { return attr(n, "id") == "f"+id })
			require.NotNil(t, field, "the summary links to the field")
			require.Equal(t, "true", attr(field, "aria-invalid"))
		}
	})
	require.Equal(t, 2, linked)
	b.ask(http.MethodPost, action, shown.edit(action, "email", "C2@contoso.example")).says(http.StatusUnprocessableEntity, "Contact 2 (C2 Claes) has the address c2@contoso.example already.")

	kept := b.ask(http.MethodPost, action, shown.edit(action, "company", "Path", "field:city", "", "new_name", "nick", "new_value", "Ed"))
	require.Equal(t, http.StatusSeeOther, kept.status, kept.text())
	require.JSONEq(t, `{"about":"two\nlines","nick":"Ed"}`, one[string](b, `SELECT fields::text FROM contacts WHERE id = 1`))

	stale := b.ask(http.MethodPost, action, shown.edit(action, "first_name", "Edsger"))
	stale.says(http.StatusConflict, "has been changed meanwhile")
	typed := stale.edit(action)
	require.Equal(t, "Edsger", typed.Get("first_name"), "what was typed is kept")
	require.Equal(t, "Path", typed.Get("company"), "what was not typed is as it is now")
	require.Contains(t, stale.text(), "It is C1 now.")
	again := b.ask(http.MethodPost, action, typed)
	require.Equal(t, http.StatusSeeOther, again.status)
	require.Equal(t, "Edsger Path", one[string](b, `SELECT first_name || ' ' || company FROM contacts WHERE id = 1`))
	require.Equal(t, http.StatusSeeOther, b.ask(http.MethodPost, action, typed).status, "a second click changes nothing, and says so")
}

// edit is fill with the texts of several lines, and with line ends as browsers send them.
func (p page) edit(action string, typed ...string) url.Values {
	form := p.fill(action, typed...)
	walk(p.find(func(n *html.Node) bool { return attr(n, "action") == action }), func(n *html.Node) {
		if n.Data == "textarea" && n.FirstChild != nil {
			form.Set(attr(n, "name"), strings.ReplaceAll(n.FirstChild.Data, "\n", "\r\n"))
		}
	})
	return form
}

func TestAContactShowsWhereItStands(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	b.accountFailed(1, "535 5.7.8 no")
	b.park(2, failure.Problem{Code: failure.SendingFailed, Detail: "451 later"})
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_id, message_date, settled_at)
		VALUES (3, 'intro', 1, 'email', 'sent', $1, 'c3@contoso.example', 'Quick question', '<m3@northwind.example>', now(), now())`, mayas)
	b.get("/contacts/1").says(http.StatusOK, "In error in q4", "In error in step 1 (intro) since", "535 5.7.8 no", "Reconnect and let 1 go on", "Its workflow in Temporal", "Disenroll …")
	failed := b.get("/contacts/2")
	failed.says(http.StatusOK, "451 later", "Resume")
	web := failed.find(func(n *html.Node) bool { return n.Data == "a" && strings.Contains(attr(n, "href"), "/workflows/") })
	require.NotNil(t, web)
	require.Contains(t, attr(web, "href"), "enrollment%2Fq4%2F2")
	b.send(failed, "/resume/part", "note", "try").says(http.StatusSeeOther, "They try again. 1 contact goes on.")
	b.send(failed, "/resume/part").says(http.StatusConflict, "This has been asked for meanwhile (by console,")
	sent := b.get("/contacts/3")
	sent.says(http.StatusOK, "Quick question", "<m3@northwind.example>", "c3@contoso.example", "maya@northwind.example")
	require.NotContains(t, sent.text(), "Hello", "never a body")

	b.exec(`INSERT INTO retries (enrollment_id, step_id, step_index, visit, attempt, attempts, why, failed_at, next_at) VALUES (3, 'intro', 0, 1, 3, 50, '421 busy', now(), now() + interval '5 min')`)
	b.exec(`UPDATE deliveries SET state = 'reserved'`)
	b.get("/contacts/3").says(http.StatusOK, "try 3 of 50 failed at", "421 busy", "The next try is at")
}

func TestWhoIsMissingAnAddressIsFilledInOnOnePage(t *testing.T) {
	t.Parallel()
	const path = "/cause/ContactHasNoEmail/contact"
	b := setup(t, 6, "Claes")
	b.withoutEmail(5)
	shown := b.get(path)
	shown.says(http.StatusOK, "5 contacts without an email address", "5 contacts, the oldest first", "Save and go on")
	b.send(shown, "/contacts/values").says(http.StatusUnprocessableEntity, "Nothing was typed.")
	woken := b.woken

	typed := []string{"value 1 email", "one@contoso.example", "value 2 email", "two@", "value 3 email", "c6@contoso.example", "value 4 email", "ONE@contoso.example"}
	answer := b.ask(http.MethodPost, "/contacts/values", shown.fill("/contacts/values", typed...))
	answer.says(http.StatusUnprocessableEntity, "3 of 4 values could not be kept.", "1 contact is corrected. 1 contact goes on.", "Contact 2, Email address “two@”", "Contact 6 (C6 Claes) has the address", "Contact 1 (C1 Claes) has the address")
	again := answer.fill("/contacts/values")
	require.Equal(t, "two@", again.Get("value 2 email"), "what was typed is kept")
	require.Equal(t, woken+1, b.woken, "Temporal is asked once")
	b.goOn(1)
	answer = b.ask(http.MethodPost, "/contacts/values", shown.fill("/contacts/values", typed...))
	require.False(t, answer.fill("/contacts/values").Has("value 1 email"), "the right one is gone")
	answer.says(http.StatusUnprocessableEntity, "This has been fixed meanwhile.")
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'fix' AND cause = 'contact:1/email'`), "a second click makes no second fix")

	fixed := b.send(answer, "/contacts/values", "value 2 email", "two@contoso.example", "value 3 email", "", "value 4 email", "")
	fixed.says(http.StatusSeeOther, "1 contact is corrected. 1 contact goes on.")
	require.Equal(t, "two@contoso.example", one[string](b, `SELECT email FROM contacts WHERE id = 2`))
}

func TestWhatATextMissesIsFilledIn(t *testing.T) {
	t.Parallel()
	b := setup(t, 2, "Claes")
	b.park(1, failure.Problem{Code: failure.MessageCannotBeRendered, Variable: "city", Detail: "{{ city }}", Causes: []failure.Cause{failure.ContactFields(1)}})
	b.park(2, failure.Problem{Code: failure.MessageCannotBeRendered, Detail: "the template is not valid", Causes: []failure.Cause{failure.CampaignSteps("q4")}})
	shown := b.get("/cause/MessageCannotBeRendered/contact")
	shown.says(http.StatusOK, "C1 Claes", "city")
	b.send(shown, "/contacts/values", "value 1 city", "Ghent").says(http.StatusSeeOther, "1 contact is corrected. 1 contact goes on.")
	require.Equal(t, "Ghent", one[string](b, `SELECT fields->>'city' FROM contacts WHERE id = 1`))
}

// upload sends a file from the page with the form for it.
func (b *bundle) upload(from page, content []byte) page {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, values := range from.fill("/contacts/file") {
		if name != "file" {
			require.NoError(b.t, form.WriteField(name, values[0]))
		}
	}
	part, err := form.CreateFormFile("file", "filled.csv")
	require.NoError(b.t, err)
	_, err = part.Write(content)
	require.NoError(b.t, err)
	require.NoError(b.t, form.Close())
	return b.raw(http.MethodPost, "/contacts/file", body.String(), "Content-Type", form.FormDataContentType())
}

func TestAFileIsFilledInAndComesBack(t *testing.T) {
	t.Parallel()
	const path = "/cause/ContactHasNoEmail/contact"
	b := setup(t, 6, "Claes")
	b.withoutEmail(5)
	b.exec(`UPDATE contacts SET first_name = '=HYPERLINK("http://evil.example")', company = '+1-2' WHERE id = 1`)
	file := b.get("/missing/ContactHasNoEmail/contact")
	require.Equal(t, http.StatusOK, file.status)
	require.Equal(t, `attachment; filename="to-fill-in-ContactHasNoEmail.csv"`, file.header.Get("Content-Disposition"))
	lines := strings.Split(file.body, "\r\n")
	require.Equal(t, "\ufeffRelance ID,First name,Last name,Company,Email", lines[0])
	require.Equal(t, `1,"'=HYPERLINK(""http://evil.example"")",Claes,'+1-2,`, lines[1])
	require.Len(t, lines, 7)

	shown := b.get(path)
	lines[1] += "one@contoso.example"
	lines[2] += "two@"
	lines[3] += "c6@contoso.example"
	lines[5] += "five@contoso.example"
	b.exec(`UPDATE contacts SET email = 'tom@contoso.example' WHERE id = 5`)
	b.goOn(5)
	preview := b.upload(shown, []byte(strings.Join(lines, "\r\n")))
	preview.says(http.StatusOK, "5 contacts in the file: 2 values to keep, 2 with nothing filled in, 1 that miss nothing (any more)", "this cannot be an email address", "Keep 2 values")
	require.Empty(t, one[string](b, `SELECT email FROM contacts WHERE id = 1`), "nothing is kept yet")

	const keep = "/contacts/file/keep"
	partly := b.ask(http.MethodPost, keep, preview.fill(keep))
	partly.says(http.StatusUnprocessableEntity, "1 of 2 values could not be kept.", "1 contact is corrected. 1 contact goes on.", "Contact 3, Email address “c6@contoso.example”")
	require.Equal(t, "one@contoso.example", one[string](b, `SELECT email FROM contacts WHERE id = 1`))
	require.Equal(t, `=HYPERLINK("http://evil.example")`, one[string](b, `SELECT first_name FROM contacts WHERE id = 1`), "what is not missing is left alone")
	b.ask(http.MethodPost, keep, preview.fill(keep)).says(http.StatusUnprocessableEntity, "2 of 2 values could not be kept.", "This has been fixed meanwhile")
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'fix' AND cause = 'contact:1/email'`), "a second click makes no second fix")

	b.upload(shown, []byte("Email\nada@contoso.example\n")).says(http.StatusOK, "Relance ID", "Nothing was changed")
	b.upload(shown, []byte("PK\x03\x04")).says(http.StatusOK, "Nothing was changed")
	b.upload(shown, nil).says(http.StatusOK, "Nothing was changed")
	b.upload(shown, bytes.Repeat([]byte("x"), maxFile+1)).says(http.StatusRequestEntityTooLarge, "Nothing was changed")
	b.ask(http.MethodPost, keep, url.Values{"from": {path}, "seen": {"1"}, "values": {"{"}}).says(http.StatusUnprocessableEntity, "upload it again")
	b.get("/missing/SendingFailed/operator").says(http.StatusNotFound)
	b.serve(proxied(""))
	b.get("/missing/ContactHasNoEmail/contact", "X-Auth-Email", "vic@northwind.example").says(http.StatusNotFound)
}

func TestEndingIsConfirmedWithItsNumber(t *testing.T) {
	t.Parallel()
	const confirm = "/disenroll/confirm"
	b := setup(t, 9, "Claes")
	b.withoutEmail(7)
	all := "/disenroll?which=all&code=ContactHasNoEmail&cause=contact"
	shown := b.get(all)
	shown.says(http.StatusOK, "Disenroll 7 contacts", "C1 Claes", "C5 Claes", "and 2 more", "Nothing more is sent to them in that campaign")
	require.NotContains(t, shown.text(), "C6 Claes")
	b.exec(`UPDATE contacts SET email = '' WHERE id = 8`)
	b.park(8, noEmail(8))
	grown := b.ask(http.MethodPost, confirm, shown.fill(confirm, "reason", "left"))
	grown.says(http.StatusConflict, "Nothing was done: there are 8 now, 1 more than you confirmed.", "Disenroll 8 contacts")
	require.Equal(t, "left", grown.fill(confirm).Get("reason"))
	require.Zero(t, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'disenroll'`))

	var wg sync.WaitGroup
	statuses := make([]int, 4)
	form := grown.fill(confirm)
	for i := range statuses { // two operators, each with a double click
		wg.Go(func() { statuses[i] = b.ask(http.MethodPost, confirm, form).status })
	}
	wg.Wait()
	counts := map[int]int{}
	for _, status := range statuses {
		counts[status]++
	}
	require.Equal(t, map[int]int{http.StatusSeeOther: 1, http.StatusConflict: 3}, counts)
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'disenroll'`), "one request is made")
	require.Equal(t, []int64{1, 2, 3, 4, 5, 6, 7, 8}, one[[]int64](b, `SELECT contacts FROM outbox WHERE kind = 'disenroll'`))

	one1 := b.get("/disenroll?campaign=q4&contact=9")
	one1.says(http.StatusOK, "Disenroll C9 Claes", "From the campaign q4")
	b.send(one1, confirm).says(http.StatusSeeOther, "1 is disenrolled.")
	b.ask(http.MethodPost, confirm, one1.fill(confirm)).says(http.StatusConflict, "This has been asked for meanwhile (by console,")
	b.get("/disenroll?campaign=q4&contact=x").says(http.StatusNotFound)
	b.get("/disenroll").says(http.StatusOK, "The form does not say whether it means these or all")
	b.get("/disenroll?which=these&code=ContactHasNoEmail&cause=contact").says(http.StatusOK, "Nobody is selected")
	seqs := one[[]int64](b, `SELECT array_agg(park_seq ORDER BY id) FROM enrollments WHERE id IN (2, 4)`)
	b.get(fmt.Sprintf("/disenroll?which=these&code=ContactHasNoEmail&cause=contact&park=%d&park=%d", seqs[0], seqs[1])).says(http.StatusOK, "Disenroll 2 contacts", "C2 Claes", "C4 Claes")
}

func TestThoseWhoWereChosenTryAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, 4, "Claes")
	for id := range int64(4) {
		b.park(id+1, failure.Problem{Code: failure.SendingFailed, Detail: "451 later"})
	}
	shown := b.get("/cause/SendingFailed/operator?campaign=q4&step=intro")
	shown.says(http.StatusOK, "4 contacts in q4 at step intro", "Resume all 4 that match", "Disenroll all 4 that match")
	b.get("/cause/SendingFailed/operator?step=wait-2").says(http.StatusOK, "0 contacts at step wait-2", "Nobody is left on this page")
	form := url.Values{"from": {"/cause/SendingFailed/operator"}, "form": {"choose SendingFailed"}}
	for _, name := range []string{"seen", "code", "cause", "campaign", "step"} {
		field := shown.find(func(n *html.Node) bool {
			return n.Data == "input" && attr(n, "name") == name && attr(n, "type") == "hidden"
		})
		form.Set(name, attr(field, "value"))
	}
	form.Set("seen", strconv.FormatInt(one[int64](b, `SELECT last_value FROM fact_seq`), 10))
	form.Set("which", "these")
	b.ask(http.MethodPost, "/resume/part", form).says(http.StatusUnprocessableEntity, "Nobody is selected")
	for _, seq := range one[[]int64](b, `SELECT array_agg(park_seq ORDER BY id) FROM enrollments WHERE id IN (1, 3)`) {
		form.Add("park", strconv.FormatInt(seq, 10))
	}
	require.Equal(t, http.StatusSeeOther, b.ask(http.MethodPost, "/resume/part", form).status)
	require.Equal(t, []int64{1, 3}, one[[]int64](b, `SELECT contacts FROM outbox WHERE kind = 'resume'`))
	b.ask(http.MethodPost, "/resume/part", form).says(http.StatusConflict, "This has been asked for meanwhile")
	form.Set("seen", strconv.FormatInt(one[int64](b, `SELECT last_value FROM fact_seq`), 10))
	form.Set("which", "all")
	require.Equal(t, http.StatusSeeOther, b.ask(http.MethodPost, "/resume/part", form).status)
	form.Set("code", "ContactHasNoEmail")
	b.ask(http.MethodPost, "/resume/part", form).says(http.StatusUnprocessableEntity, "ends with its repair, not by resuming")
}

func TestHostileFilesChangeNoPagesShape(t *testing.T) {
	t.Parallel()
	b := setup(t, 2, "Claes")
	b.park(1, failure.Problem{Code: failure.MessageCannotBeRendered, Variable: "city", Detail: "{{ city }}", Causes: []failure.Cause{failure.ContactFields(1)}})
	from := b.get("/cause/MessageCannotBeRendered/contact")
	preview := func(words string) page {
		var file bytes.Buffer
		require.NoError(t, csv.NewWriter(&file).WriteAll([][]string{{"Relance ID", "Company", "city"}, {"1", words, words}, {words, words, words}}))
		shown := b.upload(from, file.Bytes())
		shown.says(http.StatusOK, "1 value to keep", "this is no id of a contact")
		return shown
	}
	harmless := shape(preview("Claes"))
	for _, words := range hostile {
		shown := preview(words)
		require.Equal(t, harmless, shape(shown), words)
		require.NotContains(t, shown.text(), "\x1b")
	}
}
