package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
)

// Law 7: a server that takes longer before the dot than a first try has patience is sent to all the same, with the turn that
// the first try has claimed. The gap is so long that there is no other.
func TestASlowServerIsSentToWithTheTurnOfTheFirstTry(t *testing.T) {
	t.Parallel()
	s := start(t)
	dir := filepath.Join(t.TempDir(), "inbox")
	server, err := inbox.Start(t.Context(), inbox.Options{Dir: dir, OnRcpt: func(string) *inbox.Reply { return &inbox.Reply{Accept: true, Delay: 6 * time.Second} }})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	s.apply(strings.Replace(paced("p-slow", "{gap: 5h}"), "PORT", fmt.Sprint(server.Port()), 1))
	s.run("enroll", "p-slow", "--contacts", joined(s.crowd(2, "slow.test")))
	s.eventually("p-slow", "one has left, and the other stands in line", func(c counts) bool { return c.Completed == 1 && c.Waiting == 1 })
	require.Len(t, s.mailsKept(dir, "@slow.test"), 1)
}
