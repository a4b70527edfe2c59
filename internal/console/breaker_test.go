package console

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
)

// wholeDatabase is a digest of all tables. Sessions are another test's, and no page here has one.
const wholeDatabase = `SELECT md5(string_agg(md5(query_to_xml('SELECT t::text AS row FROM ' || quote_ident(table_name) || ' t ORDER BY 1', true, false, '')::text), ',' ORDER BY table_name))
	FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`

func TestNoPageChangesAnything(t *testing.T) {
	t.Parallel()
	b := everything(t, "Claes")
	before, facts := one[string](b, wholeDatabase), one[int64](b, `SELECT last_value FROM fact_seq`)
	paths := []string{"/missing/ContactHasNoEmail/contact", "/missing/MessageCannotBeRendered/contact", "/activity.csv", "/healthz", "/contacts?q=c1@contoso.example"}
	for _, route := range routes {
		path := filled(route.path)
		paths = append(paths, path, path+"?contact=1&campaign=q4", path+"?which=all&code=SendingFailed&cause=operator&q=C&step=intro&state=InError&after=1&before=1")
	}
	for _, path := range paths {
		require.Less(t, b.get(path).status, 500, path)
		require.Less(t, b.ask(http.MethodHead, path, nil).status, 500, path)
	}
	require.Equal(t, before, one[string](b, wholeDatabase))
	require.Equal(t, facts, one[int64](b, `SELECT last_value FROM fact_seq`))
}

// What no text can be is not the database's trouble: the page says so, and the log nothing.
func TestWhatIsNoTextLeadsNowhere(t *testing.T) {
	t.Parallel()
	b := everything(t, "Claes")
	before := one[string](b, wholeDatabase)
	for _, route := range routes {
		for _, bytes := range []string{"a%00b", "%ff%fe", "%00"} {
			path := strings.NewReplacer("{$}", "", "{code}", "SendingFailed", "{cause...}", bytes, "{id}", bytes, "{address}", bytes, "{key}", bytes).Replace(route.path)
			if route.page != nil {
				require.Less(t, b.get(path).status, 500, path)
				require.Less(t, b.get(filled(route.path)+"?"+strings.Join([]string{"q", "after", "before", "by", "on", "campaign", "step", "state", "contact", "code", "cause", "which", "park"}, "="+bytes+"&")+"="+bytes).status, 500, path)
			} else if strings.Contains(route.path, "{") {
				require.Less(t, b.ask(http.MethodPost, path, url.Values{"from": {"/"}, "version": {"1"}, "seen": {"1"}, "parks": {"1"}}).status, 500, path)
			}
		}
		if route.page != nil {
			continue
		}
		form := url.Values{
			"from": {"/"}, "seen": {"99999999"}, "version": {"1"}, "parks": {"9"}, "count": {"1"}, "which": {"all"}, "code": {"SendingFailed"}, "cause": {"operator"}, "campaign": {"q4"},
			"contact": {"8"}, "answer": {"sent"}, "field": {"email"}, "value": {"x@contoso.example"}, "credits": {"5"}, "sender": {"tom@northwind.example"}, "phone": {"+32475000001"},
			"address": {"new@northwind.example"}, "host": {"smtp.contoso.example"}, "username": {"u"}, "password": {"x"}, "note": {"n"}, "reason": {"r"}, "words": {"w"}, "first_name": {"F"}, "was first_name": {""},
		}
		for field, was := range form {
			for _, bytes := range []string{"a\x00\xffb"} {
				form[field] = []string{bytes}
				answer := b.ask(http.MethodPost, filled(route.path), form)
				require.Less(t, answer.status, 500, "%s %s", route.path, field)
				require.NotEqual(t, http.StatusSeeOther, answer.status, "%s %s", route.path, field)
			}
			form[field] = was
		}
		require.Less(t, b.ask(http.MethodPost, filled(route.path), url.Values{"value 5 ci\x00ty": {"x"}, "seen 5 ci\x00ty": {"9"}, "from": {"/"}}).status, 500, route.path)
	}
	for _, path := range []string{"/activity.csv?by=%00", "/activity.csv?by=%ff", "/activity.csv?on=contact:%00", "/activity.csv?on=email_account:%ff", "/activity?on=contact:%00"} {
		require.Less(t, b.get(path).status, 500, path)
	}
	require.Equal(t, before, one[string](b, wholeDatabase))
	require.Empty(t, b.log.String())
}

// Of two names that look the same, one with a character that nobody sees is not the other.
func TestAProxysNameIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.serve(proxied(""))
	for _, name := range []string{"lea@northwind.example\u200b", "\u200blea@northwind.example", "lea@northwind.example\u202e", "lea@northwind.example\xff", "\ufefflea@northwind.example"} {
		answer := b.ask(http.MethodPost, "/plan/credits", url.Values{"from": {"/"}, "credits": {"1"}}, "X-Auth-Email", name)
		answer.says(http.StatusForbidden, "You have not signed in", "X-Auth-Email")
	}
	require.NotEqual(t, http.StatusForbidden, b.ask(http.MethodPost, "/plan/credits", url.Values{"from": {"/"}}, "X-Auth-Email", " LEA@northwind.example ").status)
}

func TestNoWayBackLeadsOutOfThePrefix(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"/../other/sign-out", "/contacts/../../other", "/%2e%2e/other", "/..", "/a/..", "/.%2e/"} {
		require.Equal(t, "/", returnTo(text).String(), text)
	}
	require.Equal(t, "/contacts?q=..", returnTo("/contacts?q=..").String())
	require.Equal(t, "/cause/SendingFailed/a..b", returnTo("/cause/SendingFailed/a..b").String())
}

func TestTheActivitysFileHasNoFormulas(t *testing.T) {
	t.Parallel()
	b := setup(t, 0, "Claes")
	for _, words := range []string{"=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(1)", "@SUM(1)", "\t=1", "\u200b=1", "'=1"} {
		b.exec(`INSERT INTO activity (by, kind, thing, subject, fields) VALUES ($1, 'changed', 'contact', $1, ARRAY[$1])`, words)
	}
	rows, err := csv.NewReader(strings.NewReader(b.get("/activity.csv").body)).ReadAll()
	require.NoError(t, err)
	for _, row := range rows {
		for _, cell := range row {
			require.False(t, strings.IndexAny(cell, "=@+-\t\r\n＝＋－＠\u200b") == 0, "%q", cell)
		}
	}
}

// A database that is there and does not answer keeps nobody waiting, and no session is lost.
func TestADatabaseThatHangsIsSaid(t *testing.T) {
	t.Parallel()
	w, _, _ := asking(t, "")
	require.Equal(t, "/", w.signIn("").leadsTo())
	w.console.patience = 300 * time.Millisecond
	hang := func(table string) (release func()) {
		tx, err := w.pool.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), `LOCK TABLE `+table+` IN ACCESS EXCLUSIVE MODE`)
		require.NoError(t, err)
		return func() { require.NoError(t, tx.Rollback(t.Context())) }
	}
	for _, table := range []string{"outbox", "console_sessions"} {
		release := hang(table)
		for range 3 {
			shown := w.get("/")
			shown.says(http.StatusServiceUnavailable, "The database does not answer, or not as it should")
			require.Equal(t, "10", shown.header.Get("Retry-After"))
		}
		release()
		w.console.patience = pageTime // however busy the machine is
		w.get("/").says(http.StatusOK, "lea@northwind.example : operator")
		w.console.patience = 300 * time.Millisecond
	}
	require.Contains(t, w.console.refusal(context.DeadlineExceeded).Problem, "There was no answer within a minute.")
}

// A commit of which the answer is lost may have been made: nobody says that it was not.
func TestWhatIsNotKnownIsNotDenied(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.park(1, failure.Problem{Code: failure.NoCreditsLeft, Causes: []failure.Cause{failure.Plan}})
	shown := b.get("/")
	b.exec(`CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`)
	b.exec(`CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON plan DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()`)
	lost := b.send(shown, "/plan/credits", "credits", "5")
	lost.says(http.StatusServiceUnavailable, "look whether it was done")
	require.NotContains(t, lost.text(), "Nothing was changed")
	b.exec(`DROP TRIGGER die ON plan`)
	require.Equal(t, http.StatusSeeOther, b.send(b.get("/"), "/plan/credits", "credits", "5").status, "it comes back by itself")
	require.Equal(t, int64(5), one[int64](b, `SELECT credits FROM plan`))
}
