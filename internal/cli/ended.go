package cli

import (
	"fmt"
	"strings"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/failure"
	"relance/internal/operator"
)

// sayEnded says that some contacts cannot go on, and which command repairs that;
// nothing when there are none.
func (s *session) sayEnded(count int) {
	if count > 0 {
		s.sayf("%s", endedText(count))
	}
}

func endedText(count int) string {
	return fmt.Sprintf("%s cannot go on: %s workflow was ended from outside; %s repairs that.",
		print.Plural(count, "contact"), either(count == 1, "its", "their"), failure.ReconcileEndedCommand)
}

// howEnded is how a workflow was ended, as the end of a sentence.
func howEnded(ended operator.Ended) string {
	if ended.ClosedAt == nil {
		return fmt.Sprintf("was %s; noticed at %s", ended.How, print.Moment(ended.NoticedAt))
	}
	return fmt.Sprintf("was %s at %s", ended.How, print.Moment(*ended.ClosedAt))
}

// retryText says which try has failed, why, and when the next is due.
func retryText(retry campaign.RetryState) string {
	which := fmt.Sprintf("try %d failed", retry.Attempt)
	if retry.Of > 0 {
		which = fmt.Sprintf("try %d of %d failed", retry.Attempt, retry.Of)
	}
	return fmt.Sprintf("%s: %s; the next at %s", which, strings.Join(strings.Fields(retry.Why), " "), print.Moment(retry.NextAt))
}
