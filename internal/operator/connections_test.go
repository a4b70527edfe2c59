package operator

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/settings"
)

func TestAServerThatDoesNotAnswerIsNamed(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATABASE_URL": "postgres://maya:secret@127.0.0.1:1/outreach"}
	o := New(Options{LookupEnv: func(name string) (string, bool) { value, ok := env[name]; return value, ok }})
	_, err := o.database(t.Context())
	require.ErrorContains(t, err, "PostgreSQL at 127.0.0.1:1/outreach does not answer")
	require.NotContains(t, err.Error(), "secret")
	require.NotContains(t, err.Error(), "dev stack", "DATABASE_URL is set: the dev stack is not meant")

	away := errors.New("Temporal\n\tat x")
	o = New(Options{
		LookupEnv:    func(string) (string, bool) { return "", false },
		DialTemporal: func(context.Context, settings.Lookup) (Temporal, error) { return nil, away },
	})
	_, err = o.workflows(t.Context())
	require.EqualError(t, err, "Temporal at x; start the dev stack with `go run ./worker/dev`, or set TEMPORAL_ADDRESS")
	require.ErrorIs(t, err, away)
}
