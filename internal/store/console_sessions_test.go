package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestASessionOfTheConsoleEnds(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 0)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	is := func(after time.Duration, want bool) {
		t.Helper()
		data, found, err := b.ConsoleSession(b.ctx, "hash", now.Add(after), time.Hour)
		require.NoError(t, err)
		require.Equal(t, want, found, after)
		if want {
			require.JSONEq(t, `{"account": {"email": "lea@northwind.example"}}`, string(data))
		}
	}
	is(0, false)
	require.NoError(t, b.AddConsoleSession(b.ctx, "hash", []byte(`{"account": {"email": "lea@northwind.example"}}`), now.Add(90*time.Minute), now, time.Hour))
	is(59*time.Minute, true)
	is(time.Hour, false)
	require.NoError(t, b.SeeConsoleSession(b.ctx, "hash", now.Add(59*time.Second)))
	require.Equal(t, now, one[time.Time](b, `SELECT seen_at FROM console_sessions`).UTC(), "to within a minute: no write for each page")
	require.NoError(t, b.SeeConsoleSession(b.ctx, "hash", now.Add(59*time.Minute)))
	is(89*time.Minute, true)
	is(90*time.Minute, false)

	require.NoError(t, b.EndConsoleSession(b.ctx, "hash"))
	require.NoError(t, b.SeeConsoleSession(b.ctx, "hash", now.Add(80*time.Minute)))
	is(80*time.Minute, false)
	require.NoError(t, b.EndConsoleSession(b.ctx, "hash"), "it may have ended before")

	for hash, expires := range map[string]time.Duration{"long ago": time.Minute, "idle": 12 * time.Hour} {
		require.NoError(t, b.AddConsoleSession(b.ctx, hash, []byte(`{}`), now.Add(expires), now, time.Hour))
	}
	require.NoError(t, b.AddConsoleSession(b.ctx, "new", []byte(`{}`), now.Add(24*time.Hour), now.Add(2*time.Hour), time.Hour))
	require.Equal(t, []string{"new"}, one[[]string](b, `SELECT array_agg(token) FROM console_sessions`), "what has expired is removed")
}
