package e2e

import (
	"fmt"
	"testing"
)

// A wait is put first while contacts are enrolled and not started: they are started into it. The next edit takes it away
// again, and reaches them as it reaches everybody who waits (law 3).
func TestAWaitIsPutFirstBeforeTheStart(t *testing.T) {
	t.Parallel()
	s := start(t)
	file := func(wait string) string {
		return `
users:
  - {key: wim, name: Wim, email: wim@first.example, phone: "+32475000003"}
email_accounts:
  - {address: wim@first.example, name: Wim, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: wim, password: inbox}}
campaigns:
  - key: e-first
    name: First
    owner: wim
    sender: wim@first.example
    steps:` + wait + `
      - {id: hello, email: {subject: Hello, body: B}}
`
	}
	s.apply(file(""))
	s.run("enroll", "e-first", "--contacts", joined(s.crowd(3, "first.test")), "--rate", "1/h", "--wait=false")
	s.eventually("e-first", "one is through", func(c counts) bool { return c.Completed == 1 })
	s.apply(file("\n      - {id: pause, wait: 2h}"))
	s.run("enroll", "e-first", "--contacts", fmt.Sprint(s.contact("Wil", "wil@first.test")), "--rate", "none")
	s.eventually("e-first", "the others wait", func(c counts) bool { return c.Waiting == 3 })
	s.apply(file(""))
	s.eventually("e-first", "all are through", func(c counts) bool { return c.Completed == 4 })
}
