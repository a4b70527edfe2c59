package console

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

// The API is beside the pages, under the same prefix: a sign-in does not count there, and
// a token does not count here.
func TestTheAPIIsForTokensAndThePagesForPeople(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.serve(proxied("/relance"))
	token, err := b.op.AddToken(t.Context(), "crm", operator.RoleOperator, time.Hour)
	require.NoError(t, err)
	ask := func(method, path, body string, header ...string) (int, http.Header, string) {
		request, err := http.NewRequestWithContext(t.Context(), method, b.server.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		response, err := http.DefaultTransport.RoundTrip(request)
		require.NoError(t, err)
		defer func() { _ = response.Body.Close() }()
		got, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, response.Header, string(got)
	}
	bearer := []string{"Authorization", "Bearer " + token.Text}
	const enroll = "/api/v1/campaigns/q4/enrollments"
	body := `{"contacts": [{"email": "zoe@contoso.example", "fields": {"long": "` + strings.Repeat("x", maxForm) + `"}}]}`
	status, header, got := ask(http.MethodPost, "/relance"+enroll, body, bearer...)
	require.Equal(t, http.StatusAccepted, status, got)
	require.True(t, strings.HasPrefix(header.Get("Location"), "/relance/api/v1/requests/"), header.Get("Location"))
	status, _, _ = ask(http.MethodGet, header.Get("Location"), "", bearer...)
	require.Equal(t, http.StatusOK, status)
	status, _, _ = ask(http.MethodGet, "/api/v1/openapi.yaml", "")
	require.Equal(t, http.StatusOK, status, "also where a proxy takes the prefix away")

	for _, path := range []string{"/relance" + enroll, enroll, "/relance/api/v1/resume", "/relance/api/v2/x"} {
		status, header, got = ask(http.MethodPost, path, `{"all": true, "contacts": [{"id": 1}]}`, "X-Auth-Email", "lea@northwind.example", "Cookie", "relance_session=x")
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusNotFound}, status, got)
		require.Equal(t, "application/problem+json", header.Get("Content-Type"))
		require.Equal(t, "no-store", header.Get("Cache-Control"))
	}
	for _, path := range []string{"/relance/", "/relance/contacts/1"} {
		status, _, got = ask(http.MethodGet, path, "", bearer...)
		require.Equal(t, http.StatusForbidden, status)
		require.Contains(t, got, "You have not signed in")
	}
	status, _, _ = ask(http.MethodPost, "/relance/resume", "seen=1", append(bearer, "Content-Type", "application/x-www-form-urlencoded")...)
	require.Equal(t, http.StatusForbidden, status)
}
