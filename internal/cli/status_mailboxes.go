package cli

import (
	"fmt"
	"strings"
	"time"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// sayMailboxesOf says of the senders' mailboxes, each once: which cannot be read, or have somebody
// wait for a look, and of the others in one line how far they have been read.
func (s *session) sayMailboxesOf(statuses []operator.Status) {
	said := map[string]bool{}
	var quiet []operator.CampaignMailbox
	for _, status := range statuses {
		for _, mailbox := range status.Mailboxes {
			if said[mailbox.Account] {
				continue
			}
			said[mailbox.Account] = true
			if mailbox.Status == operator.MailboxReading && mailbox.Waiting == 0 && mailbox.LookedAt != nil {
				quiet = append(quiet, mailbox)
				continue
			}
			s.sayf("\nMailbox of %s: %s", mailbox.Account, mailboxText(mailbox.AccountMailbox))
		}
	}
	switch len(quiet) {
	case 0:
	case 1:
		s.sayf("\nMailbox of %s: %s", quiet[0].Account, mailboxText(quiet[0].AccountMailbox))
	default:
		oldest := time.Time{}
		for _, one := range quiet {
			if oldest.IsZero() || one.LookedAt.Before(oldest) {
				oldest = *one.LookedAt
			}
		}
		s.sayf("\n%d mailboxes are read, each to its end at %s or later.", len(quiet), print.Moment(oldest))
	}
}

// heardText says what was heard about a step, in the order of operator.HeardAll: 3 replied, 1 left.
func heardText(counts map[operator.HeardAs]int) string {
	var parts []string
	for _, as := range operator.HeardAll() {
		if counts[as] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[as], as))
		}
	}
	return strings.Join(parts, ", ")
}
