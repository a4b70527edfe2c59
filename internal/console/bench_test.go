package console

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
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
	require.NoError(b.t, b.db.FoldTally(b.t.Context())) // as workers do
	b.exec(`VACUUM ANALYZE`)
}

// BenchmarkPages shows the pages with very few and with very many contacts in error:
// what is to be compared is one page at the three sizes.
func BenchmarkPages(b *testing.B) {
	for _, n := range []int{10, 2_000, 50_000} {
		on := setup(b, n, "Claes")
		on.parkAll(n)
		for _, path := range []string{"/", "/cause/EmailAccountInError/email_account:" + mayas, "/cause/ContactHasNoEmail/contact"} {
			b.Run(fmt.Sprintf("%s/%d", path, n), func(b *testing.B) {
				for b.Loop() {
					recorder := httptest.NewRecorder()
					request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://localhost"+path, nil)
					on.handler.ServeHTTP(recorder, request)
					require.Equal(b, http.StatusOK, recorder.Code)
				}
			})
		}
	}
}
