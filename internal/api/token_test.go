package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/operator"
)

// A route that is added is walked here.
func TestEveryRouteNeedsAToken(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	viewer, expired, removed := b.newToken("vic", operator.RoleViewer), b.newToken("old", operator.RoleOperator), b.newToken("gone", operator.RoleOperator)
	b.exec(`UPDATE api_tokens SET expires_at = now() - interval '1 second' WHERE name = 'old'`)
	_, err := b.op.RemoveToken(t.Context(), "gone")
	require.NoError(t, err)
	const digest = `SELECT md5(concat((SELECT json_agg(a) FROM email_accounts a), (SELECT json_agg(c) FROM contacts c), (SELECT json_agg(o) FROM outbox o),
		(SELECT json_agg(e) FROM enrollments e), (SELECT json_agg(n) FROM notes n), (SELECT json_agg(k) FROM idempotency_keys k)))`
	before, walked := one[string](b, digest), 0
	for _, route := range routes {
		if route.role == anybody {
			continue
		}
		walked++
		path := strings.NewReplacer("{key}", "q4", "{id}", "1", "{address}", mayas).Replace(route.path)
		body, header := "", []string{"Content-Type", "application/json", "Cookie", "relance_session=" + b.token, "X-Auth-Email", "lea@northwind.example"}
		if route.method != http.MethodGet {
			body = `{"all": true, "contacts": [{"id": 1}], "rate": "1/s"}`
		}
		ask := func(authorization string, more ...string) answer {
			return b.ask(route.method, path, body, authorization, append(more, header...)...)
		}
		got := ask("-").is(http.StatusUnauthorized, "Unauthenticated", "has no token")
		require.Equal(t, `Bearer realm="relance"`, got.header.Get("WWW-Authenticate"))
		for _, wrong := range []string{"Basic " + b.token, "Bearer", "Bearer ", "Bearer rel_x", b.token, "Bearer " + b.token[:len(b.token)-1] + "!", "Bearer " + strings.ToUpper(b.token), "Bearer rel_" + strings.Repeat("A", 43)} {
			ask(wrong).is(http.StatusUnauthorized, "Unauthenticated")
		}
		ask("Bearer "+b.token, "Authorization", "Bearer "+viewer).is(http.StatusUnauthorized, "Unauthenticated", "not one bearer token")
		ask("Bearer "+expired).is(http.StatusUnauthorized, "Unauthenticated", "has expired on ", "starter token add")
		ask("Bearer "+removed).is(http.StatusUnauthorized, "Unauthenticated", "was removed on ")
		if route.role == operator.RoleOperator {
			ask("Bearer "+viewer).is(http.StatusForbidden, "Forbidden", "--role operator")
		} else {
			require.NotEqual(t, http.StatusForbidden, ask("bearer "+viewer).status, path)
		}
		other := http.MethodDelete
		b.ask(other, path, "", "-").is(http.StatusMethodNotAllowed, "MethodNotAllowed")
		require.Contains(t, b.ask(other, path, "", "-").header.Get("Allow"), route.method)
	}
	require.Equal(t, len(routes)-1, walked)
	require.Equal(t, before, one[string](b, digest), "nothing of this has changed anything")
	b.get("/nowhere").is(http.StatusNotFound, "NotFound")
	b.get("/contacts?token="+b.token+"&address=c1@contoso.example").is(http.StatusBadRequest, "BadParameter", "token")
}

// The token itself is nowhere: not in the database, not in the log, not in an answer.
func TestATokenIsNotKept(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	secret := strings.TrimPrefix(b.token, "rel_")
	require.Len(t, secret, 43, "32 random bytes")
	require.NotEqual(t, b.token, b.newToken("second", operator.RoleViewer))
	b.exec(`ALTER TABLE contacts RENAME TO away`)
	failed := b.get("/contacts/1").is(http.StatusServiceUnavailable, "Unavailable")
	require.NotContains(t, failed.raw, "relation", "what the database says is for the log")
	require.Equal(t, "10", failed.header.Get("Retry-After"))
	require.Contains(t, b.log.String(), "relation")
	b.exec(`ALTER TABLE away RENAME TO contacts`)
	b.post("/resume", `{"note": "x"`).is(http.StatusBadRequest, "BadBody")
	b.post("/accounts/"+mayas+"/reconnect", `{"password": "canary-password"}`).is(http.StatusUnprocessableEntity, "EmailAccountInError", "535")
	b.post("/campaigns/q4/enrollments", `{"contacts": [{"email": "zoe@contoso.example"}]}`, "Idempotency-Key", "k1").is(http.StatusAccepted)
	for _, canary := range []string{secret, "canary-password", "zoe@contoso.example"} {
		require.NotContains(t, b.log.String(), canary)
	}
	dump := one[string](b, `SELECT string_agg(query_to_xml('SELECT to_jsonb(t) FROM ' || quote_ident(tablename) || ' t', true, false, '')::text, '') FROM pg_tables WHERE schemaname = 'public'`)
	require.Contains(t, dump, "zoe@contoso.example", "the dump is whole")
	for _, canary := range []string{secret, "canary-password", b.token} {
		require.NotContains(t, dump, canary)
	}
}

func TestTokensAreListedAndEnd(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	ctx := t.Context()
	for name, wrong := range map[string]func() error{
		"the name": func() error { _, err := b.op.AddToken(ctx, "Not A Name", operator.RoleViewer, time.Hour); return err },
		"the role": func() error { _, err := b.op.AddToken(ctx, "x", "admin", time.Hour); return err },
		"for ever": func() error { _, err := b.op.AddToken(ctx, "x", operator.RoleViewer, 400*24*time.Hour); return err },
		"no time":  func() error { _, err := b.op.AddToken(ctx, "x", operator.RoleViewer, 0); return err },
		"a life":   func() error { _, err := operator.ParseLife("never"); return err },
	} {
		var invalid *operator.Invalid
		require.ErrorAs(t, wrong(), &invalid, name)
	}
	_, err := b.op.AddToken(ctx, "crm", operator.RoleViewer, time.Hour)
	require.ErrorIs(t, err, operator.ErrRefused, "the name is taken")
	used := func() *time.Time {
		all, err := b.op.Tokens(ctx)
		require.NoError(t, err)
		return all[0].UsedAt
	}
	require.Nil(t, used())
	b.get("/errors").is(http.StatusOK)
	first := used()
	require.NotNil(t, first)
	b.get("/errors").is(http.StatusOK)
	require.Equal(t, first, used(), "written once a minute")
	b.exec(`UPDATE api_tokens SET used_at = used_at - interval '61 seconds'`)
	b.get("/errors").is(http.StatusOK)
	require.True(t, used().After(*first) || used().Equal(*first))
	_, err = b.op.RemoveToken(ctx, "crm")
	require.NoError(t, err)
	b.get("/errors").is(http.StatusUnauthorized, "Unauthenticated")
	_, err = b.op.RemoveToken(ctx, "crm")
	var missing *operator.NotFound
	require.ErrorAs(t, err, &missing)
	again := b.newToken("crm", operator.RoleViewer)
	b.ask(http.MethodGet, "/errors", "", "Bearer "+again).is(http.StatusOK)
	require.Equal(t, 2, one[int](b, `SELECT count(*) FROM api_tokens`), "a removed one stays for what was done with it")
}
