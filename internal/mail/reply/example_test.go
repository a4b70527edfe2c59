package reply_test

import (
	"fmt"

	"relance/internal/mail/reply"
)

// The same code at the same place in the dialogue, about four sides: words come before
// codes, and what is said of the sender is never held against the recipient.
func ExampleClassify() {
	for _, line := range []string{
		"550 5.1.1 The email account that you tried to reach does not exist",
		"550 5.1.1 <maya@northwind.example>: Sender address rejected: User unknown",
		"550 You have exceeded your daily sending limit, try again in 6 hours",
		"550 5.7.1 Service unavailable; client host [192.0.2.1] blocked using bl.example",
		"450 4.2.0 Greylisted for 300 seconds",
	} {
		answer, err := reply.Parse(line)
		if err != nil {
			fmt.Println(err)
			return
		}
		answer.Phase = reply.Rcpt
		judged := reply.Classify(answer)
		fmt.Println(judged.Verdict, judged.RetryAfter)
		fmt.Println("-", judged.Reason)
	}
	// Output:
	// hard_bounce 0s
	// - the server says that this mailbox does not exist (RFC 3463 X.1.1)
	// account_error 0s
	// - the server says that the fault is with the sender's account, address or login, not with the recipient (RFC 3463 X.7.1)
	// account_limit 6h0m0s
	// - the server says that this account has sent as much as it may for now (RFC 3463 X.7.1)
	// policy_block 0s
	// - the server says that it blocks the sending server or domain by a block list (RFC 5782, RFC 3463 X.7.1)
	// soft_bounce 5m0s
	// - the server wants to see a second try after some minutes before it takes the message (greylisting, RFC 6647)
}
