package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What PostgreSQL cannot keep as a text is the program's fault and not the database's:
// one clear sentence, and nothing in the log.
func TestWhatIsNoTextIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{http.MethodPost, "/campaigns/q%004/enrollments", `{"contacts":[{"email":"a@contoso.example"}]}`, http.StatusNotFound},
		{http.MethodPost, "/campaigns/%ff%fe/enrollments", `{"contacts":[{"email":"a@contoso.example"}]}`, http.StatusNotFound},
		{http.MethodPost, "/accounts/a%00b@northwind.example/reconnect", `{}`, http.StatusNotFound},
		{http.MethodGet, "/contacts/1%00", "", http.StatusNotFound},
		{http.MethodPost, "/campaigns/q4/enrollments", `{"contacts":[{"email":"a@contoso.example","firstName":"A\u0000"}]}`, http.StatusBadRequest},
		{http.MethodPost, "/campaigns/q4/enrollments", `{"source":"crm\u0000","contacts":[{"recordId":"1\u0000"}]}`, http.StatusBadRequest},
		{http.MethodPost, "/campaigns/q4/enrollments", `{"contacts":[{"email":"a@contoso.example","fields":{"ci\u0000ty":"Gent"}}]}`, http.StatusBadRequest},
		{http.MethodPost, "/campaigns/q4/enrollments", `{"contacts":[{"email":"a@contoso.example","fields":{"city":"\u0000"}}]}`, http.StatusBadRequest},
		{http.MethodPost, "/accounts/" + mayas + "/reconnect", `{"host":"a\u0000b","password":"x\u0000"}`, http.StatusBadRequest},
		{http.MethodPost, "/resume", `{"contacts":["a\u0000@contoso.example"]}`, http.StatusBadRequest},
		{http.MethodPost, "/resume", `{"all":true,"campaign":"q\u0000","note":"\u0000"}`, http.StatusBadRequest},
		{http.MethodPost, "/disenroll", `{"contacts":[1],"reason":"\u0000"}`, http.StatusBadRequest},
		{http.MethodPatch, "/requests/1", `{"rate":"1\u0000"}`, http.StatusBadRequest},
		{http.MethodPost, "/resume", "{\"contacts\":[\"\xff\"]}", http.StatusBadRequest},
	} {
		request, err := http.NewRequestWithContext(t.Context(), test.method, b.server.URL+Root+test.path, strings.NewReader(test.body))
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+b.token)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, test.status, response.StatusCode, "%s %s %s", test.method, test.path, test.body)
	}
	require.Empty(t, b.log.String())
}
