package cli

import "testing"

func TestTestSend(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(2)
	h.exec(`UPDATE email_accounts SET port = 1`)
	call := []string{"test-send", "q4", "ana@contoso.example", "--to", "me@northwind.example"}
	h.fails(exitFailed, []string{"maya@northwind.example could not send the test message: ", "connection refused"}, call...)
	h.fails(exitRefused, []string{"the owner of q4 has no address: say to which one the test goes"}, "test-send", "q4", "1")
	h.fails(exitRefused, []string{"ben@contoso.example is contact 2: a test goes to an address that is no contact's"}, "test-send", "q4", "1", "--to", "Ben@Contoso.example")
	h.fails(exitNotFound, []string{"there is no email of q4 wait-2"}, append(call, "--step", "wait-2")...)
	step := []string{"test-send", "q4", "wait-2", "1", "--to", "me@northwind.example"}
	h.fails(exitNotFound, []string{"there is no email of q4 wait-2"}, step...)
	h.fails(exitUsage, []string{"give the step wait-2 or --step intro, not both"}, append(step, "--step", "intro")...)
	h.fails(exitNotFound, []string{"there is no contact 9"}, "test-send", "q4", "9", "--to", "me@northwind.example")
	h.fails(exitUsage, []string{"the call is starter test-send CAMPAIGN [STEP] CONTACT"}, "test-send", "q4")
	h.exec(`UPDATE email_accounts SET pace = '{"perDay": 2}'`)
	h.exec(`INSERT INTO test_sends (account, by) SELECT 'maya@northwind.example', 'tess' FROM generate_series(1, 2)`)
	h.fails(exitRefused, []string{"maya@northwind.example has reached its limit of the day (2 sent); it may send again at "}, call...)
}
