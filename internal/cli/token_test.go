package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	require.Contains(t, h.run("token", "list").stdout, "There is no token yet")
	added := h.run("token", "add", "crm-sync", "--role", "operator", "--expires", "12h")
	require.Equal(t, exitDone, added.code)
	text := strings.TrimSpace(added.stdout)
	require.Regexp(t, `^rel_[A-Za-z0-9_-]{43}$`, text, "standard output is the token and nothing else")
	require.Contains(t, added.err, "it is not shown again")
	hash := sha256.Sum256([]byte(text))
	require.Equal(t, hex.EncodeToString(hash[:]), one[string](h, `SELECT encode(hash, 'hex') FROM api_tokens WHERE name = 'crm-sync' AND role = 'operator'`))
	listed := h.run("token", "list")
	require.Contains(t, listed.stdout, "valid")
	require.NotContains(t, listed.stdout, "rel_")
	require.Equal(t, exitRefused, h.run("token", "add", "crm-sync").code)
	for _, wrong := range [][]string{{"x", "--role", "admin"}, {"x", "--expires", "never"}, {"x", "--expires", "367d"}, {"X Y"}, {"x", "--expires", "0d"}} {
		got := h.run(append([]string{"token", "add"}, wrong...)...)
		require.Equal(t, exitUsage, got.code, "%v: %s", wrong, got.err)
	}
	missing := h.run("token", "remove", "crm-synk")
	require.Equal(t, exitNotFound, missing.code)
	require.Contains(t, missing.err, "crm-sync")
	require.Equal(t, exitDone, h.run("token", "remove", "crm-sync").code)
	require.Contains(t, h.run("token", "list").stdout, "removed")
}

func TestSchemaIsADocument(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, call := range [][]string{{"schema"}, {"schema", "-o", "json"}} {
		got := h.run(call...)
		require.Equal(t, exitDone, got.code)
		var schema map[string]any
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &schema))
		require.Equal(t, "https://json-schema.org/draft/2020-12/schema", schema["$schema"])
	}
}
