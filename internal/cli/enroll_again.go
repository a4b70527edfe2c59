package cli

import (
	"context"
	"fmt"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// confirmAgain asks before contacts get a campaign once more; nobody to take is no question.
func (s *session) confirmAgain(ctx context.Context, key string, ids []int64, how operator.How) error {
	how.DryRun = true
	would, _, err := s.operator.EnrollAgain(ctx, key, ids, how)
	if err != nil || would.Enrolled.Enrolled == 0 {
		return err
	}
	return s.confirm(ctx, fmt.Sprintf("this takes %s through %s once more, from its first step: what they have had of it is sent to them again", print.Plural(would.Enrolled.Enrolled, "contact"), key),
		"say --yes", "the same command with --dry-run, which counts them and says who would be in error")
}

// sayAgain says who begins the campaign once more, and who does not, and why.
func (s *session) sayAgain(key string, out operator.Enrolled, not operator.NotAgain, flags enrollFlags) {
	would := "Enrolled"
	if flags.dryRun {
		would = "Dry run: would enroll"
	}
	s.sayf("%s %s in %s again%s, from its first step.", would, print.Plural(out.Enrolled.Enrolled, "contact"), key, atRate(flags.rate.limit(), out.Enrolled.Enrolled))
	for _, left := range []struct {
		count int
		why   string
	}{
		{out.Already, "under way in it"},
		{not.Never, "never enrolled in it: enroll without --again takes those"},
		{not.Heard, "ended by a reply or the like: --contacts takes those that it names all the same"},
		{not.InDoubt, "with a message of which nobody knows whether it was sent: --contacts takes those that it names all the same"},
		{not.Ending, "about to be ended: the same command takes those in a minute"},
	} {
		if left.count > 0 {
			s.sayf("%s left out: %s.", print.Plural(left.count, "contact"), left.why)
		}
	}
}
