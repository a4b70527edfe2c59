package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const slowServer = `
users:
  - {key: sam, name: Sam, email: sam@slow.example}
email_accounts:
  - {address: sam@slow.example, name: Sam, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: sam, password: inbox}}
campaigns:
  - {key: g-stop, name: Stop, owner: sam, sender: sam@slow.example, steps: [{id: only, email: {subject: S, body: B}}]}
`

// A worker that receives SIGTERM waits for the answer to a dot that it has
// sent: a restart makes no delivery uncertain.
func TestAStopWaitsForTheAnswer(t *testing.T) {
	s := start(t)
	s.apply(slowServer)
	id := s.contact("Sloane", "slow+sloane@slow.example")
	s.run("enroll", "g-stop", "--contacts", fmt.Sprint(id))
	s.awaitRow("the dot is sent", `SELECT EXISTS (SELECT FROM deliveries WHERE state = 'wire' AND recipient = 'slow+sloane@slow.example')`)
	s.StopWorker()
	t.Cleanup(func() { require.NoError(t, s.StartWorker()) })
	require.Equal(t, 1, s.status("g-stop").Completed, "the stop has waited for the answer, and it was written down")
	require.Equal(t, 1, s.inboxTo("slow+sloane@slow.example"))
}
