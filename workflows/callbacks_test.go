package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
)

// onFirst runs do when an activity has ended, before the workflow hears of it.
func onFirst(do func()) func(*activity.Info, converter.EncodedValue, error) {
	return func(*activity.Info, converter.EncodedValue, error) { do() }
}

type updateCallbacks struct {
	t                 *testing.T
	accepted, refused string
}

// callbacks expects an update to be accepted, or to be refused with these words.
func callbacks(t *testing.T, accepted, refused string) *updateCallbacks {
	t.Helper()
	return &updateCallbacks{t: t, accepted: accepted, refused: refused}
}

func (c *updateCallbacks) Accept() { require.NotEmpty(c.t, c.accepted, "the update must be refused") }

func (c *updateCallbacks) Reject(err error) { require.ErrorContains(c.t, err, c.refused) }

func (c *updateCallbacks) Complete(any, error) {}
