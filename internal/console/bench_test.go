package console

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

// parkAll puts contacts in error as workers would, many at once: every second one for
// maya's account, the others for the want of an address.
func (b *bundle) parkAll(n int) {
	b.t.Helper()
	b.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 5.7.8 no' WHERE address = $1`, mayas)
	b.exec(`UPDATE contacts SET email = '' WHERE id % 2 = 0 AND id <= $1`, n)
	b.exec(`UPDATE enrollments SET status = 'InError', step_id = 'intro', park_id = 1, park_seq = nextval('fact_seq'), parked_at = now() + id * interval '1 ms', attempts = 1,
		code = CASE id % 2 WHEN 1 THEN 'EmailAccountInError' ELSE 'ContactHasNoEmail' END, detail = CASE id % 2 WHEN 1 THEN $2 || ': 535 5.7.8 no' ELSE '' END,
		cause = CASE id % 2 WHEN 1 THEN 'email_account:' || $2 ELSE 'contact:' || contact_id END WHERE id <= $1`, n, mayas)
	b.exec(`INSERT INTO parked_on (cause, seq, enrollment_id, park_id) SELECT CASE id % 2 WHEN 1 THEN cause ELSE cause || '/email' END, park_seq, id, 1 FROM enrollments WHERE id <= $1`, n)
}

// sendAll has every enrollment have had three emails of maya, over the last four weeks.
func (b *bundle) sendAll() {
	b.t.Helper()
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, reserved_at, settled_at)
		SELECT id, 'earlier-' || i, 1, 'email', 'sent', $1, 'c' || id || '@contoso.example', at, at, at + interval '1 second'
		  FROM generate_series(3, 1, -1) AS i, enrollments, LATERAL (SELECT now() - i * interval '9 days' + interval '9 days' * id / (SELECT max(id) FROM enrollments) AS at) AS t ORDER BY at`, mayas)
}

// settle is what happens within a minute: a worker folds, PostgreSQL vacuums.
func (b *bundle) settle() {
	b.t.Helper()
	require.NoError(b.t, b.db.FoldTally(b.t.Context()))
	b.exec(`VACUUM ANALYZE`)
}

// benched is what is looked at: a console, and a token for its API.
type benched struct {
	*bundle
	token string
}

func newBenched(b *testing.B, contacts int) benched {
	b.Helper()
	on := setup(b, contacts, "Claes")
	added, err := on.op.AddToken(b.Context(), "bench", operator.RoleViewer, time.Hour)
	require.NoError(b, err)
	on.sendAll()
	on.settle()
	return benched{on, added.Text}
}

// look asks for a page, or takes a look for those that are live, and returns how long
// that took.
func (b benched) look(t testing.TB, path string) time.Duration {
	t.Helper()
	if path == "live" {
		began := time.Now()
		_, err := b.console.picture(t.Context(), []int64{})
		took := time.Since(began)
		require.NoError(t, err)
		return took
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+path, nil)
	if strings.HasPrefix(path, "/api/") {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	recorder, began := httptest.NewRecorder(), time.Now()
	b.handler.ServeHTTP(recorder, request)
	took := time.Since(began)
	require.Equal(t, http.StatusOK, recorder.Code, recorder.Body)
	return took
}

// BenchmarkPages shows each page with ten contacts in error, and right after with 50,000
// of 100,000 who have had 300,000 emails, in turns: what a machine does meanwhile hits
// both. Between them comes a page that is as full as the large one, with a hundred in
// error: ratio-rows is without what more rows of a page cost. "late" is before anybody has folded the tally or vacuumed, "going" while a fix
// is half way.
func BenchmarkPages(b *testing.B) {
	few, full, many := newBenched(b, 10), newBenched(b, 100), newBenched(b, 100_000)
	few.parkAll(10)
	few.settle()
	full.parkAll(100)
	full.settle()
	many.parkAll(50_000)
	for _, when := range []string{"late", "settled", "going"} {
		switch when {
		case "settled":
			many.settle()
		case "going":
			for _, on := range []benched{few, full, many} {
				on.exec(`INSERT INTO outbox (kind, cause, by) VALUES ('fix', 'email_account:' || $1, 'bench')`, mayas)
				on.exec(`UPDATE outbox SET total = n, signalled = n / 2, cursor = seq FROM (SELECT count(*) AS n, percentile_disc(0.5) WITHIN GROUP (ORDER BY seq) AS seq FROM parked_on
					WHERE cause = 'email_account:' || $1) AS waiting WHERE done_at IS NULL`, mayas)
			}
		}
		for _, path := range benchPaths {
			b.Run(fmt.Sprintf("%s %s", when, path), func(b *testing.B) {
				var small, same, large []time.Duration
				for b.Loop() {
					small, same, large = append(small, few.look(b, path)), append(same, full.look(b, path)), append(large, many.look(b, path))
				}
				slices.Sort(small)
				slices.Sort(same)
				slices.Sort(large)
				ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
				middle := len(small) / 2
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(ms(small[0]), "few-min-ms")
				b.ReportMetric(ms(small[middle]), "few-med-ms")
				b.ReportMetric(ms(large[0]), "many-min-ms")
				b.ReportMetric(ms(large[middle]), "many-med-ms")
				b.ReportMetric(float64(large[0])/float64(small[0]), "ratio-min")
				b.ReportMetric(float64(large[0])/float64(same[0]), "ratio-rows-min")
				b.ReportMetric(float64(large[middle])/float64(same[middle]), "ratio-rows-med")
				b.ReportMetric(float64(large[middle])/float64(small[middle]), "ratio-med")
			})
		}
	}
}

var benchPaths = []string{
	"/", "/cause/EmailAccountInError/email_account:" + mayas, "/cause/ContactHasNoEmail/contact", "live",
	"/campaigns", "/campaigns/q4", "/campaigns/q4/contacts", "/campaigns/q4/contacts?state=InError&step=intro", "/accounts", "/accounts/" + mayas, "/activity",
	"/contacts", "/contacts?q=C", "/contacts?q=C1", "/contacts?q=c1@contoso.example,", "/contacts?after=5", "/contacts/1", "/requests", "/uncertain",
	"/replies", "/replies?kind=bounce:hard", "/replies?campaign=q4", "/suppression", "/bounces",
	"/api/v1/errors", "/api/v1/errors?group=cause",
}
