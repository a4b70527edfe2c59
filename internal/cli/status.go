package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/failure"
	"relance/internal/operator"
)

func newStatus(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "status [CAMPAIGN]", Short: "Count the contacts of each campaign by status", GroupID: groupCore,
		ValidArgsFunction: s.completes(campaigns),
		Long: `Counts the enrolled contacts of each campaign by status, and those in error by
code. Every enrolled contact is counted exactly once: active (a step is being done
or is due), waiting (for a time), in error (starter errors says why), paused (with
the campaign), completed or disenrolled. Of the disenrolled, those are named below who
have replied, unsubscribed, complained or left, or whose address is suppressed.

Sent counts emails that a mail server has accepted; SMS to owners are not counted.

When contacts wait in an email account's line who need not, the reason and what to do
stand below: nobody gives turns; nothing has left for three gaps although the window
is open and budget is left; contacts were put aside; more wait than the account can
send in 90 days.

What the background still has to start or to signal is listed below; with -o json
it is starter background that lists it.`,
		Example: "  starter status\n  starter status q4-outreach -o json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			key := ""
			if len(args) > 0 {
				key = args[0]
			}
			statuses, err := s.operator.Statuses(command.Context(), key)
			if err != nil {
				return err
			}
			if err := s.showStatuses(statuses); err != nil || s.format != formatTable {
				return err
			}
			return s.sayUnderWay(command.Context(), key)
		},
	}
}

func (s *session) showStatuses(statuses []operator.Status) error {
	if len(statuses) == 0 {
		s.sayf("There is no campaign yet; starter apply -f workspace.yaml makes one.")
	}
	t := print.NewTable("Campaign", ">Enrolled", ">Active", ">Waiting", ">In error", ">Paused", ">Completed", ">Disenrolled", ">Sent")
	t.Gap = 1
	byCode := print.NewTable("In error", "Code", ">Contacts")
	for _, c := range statuses {
		t.Add(c.Campaign, c.Enrolled, c.Active, c.Waiting, c.InError, c.Paused, c.Completed, c.Disenrolled, c.Sent)
		for _, code := range byNumber(c.ByCode) {
			byCode.Add(c.Campaign, code, c.ByCode[code])
		}
	}
	if len(statuses) == 0 && s.format == formatTable {
		return nil
	}
	if err := s.show(statuses, t); err != nil {
		return err
	}
	if byCode.Len() > 0 {
		s.sayf("\n%s\n\nstarter errors lists them and says why.", byCode.Render(s.Width))
	}
	for _, c := range statuses {
		if c.Retrying > 0 {
			s.sayf("\n%s: %s at a step that has failed and is tried again; starter contacts show says why.", c.Campaign, print.Plural(c.Retrying, "contact"))
		}
		if c.Ended > 0 {
			s.sayf("\n%s: %s", c.Campaign, endedText(c.Ended))
		}
	}
	for _, c := range statuses {
		if text := endedByText(c.EndedBy); text != "" {
			s.sayf("\n%s: of the disenrolled, %s.", c.Campaign, text)
		}
		if c.Bounced > 0 {
			s.sayf("\n%s: %d bounced after the message was accepted (starter inbound list --state settled --kind bounce:hard).", c.Campaign, c.Bounced)
		}
	}
	for _, status := range statuses {
		for _, later := range status.StartsLater {
			s.sayf("\n%s of %s %s at %s (starter background %d).", print.Plural(later.Contacts, "contact"), status.Campaign,
				either(later.Contacts == 1, "begins", "begin"), print.Moment(later.At), later.Request)
		}
	}
	s.sayLineTroubles(statuses)
	s.sayMailboxesOf(statuses)
	return nil
}

// endedByText says how many were taken out by what they have said: 3 replied, 1 unsubscribed.
func endedByText(counts map[campaign.EndedBy]int) string {
	var parts []string
	for _, by := range campaign.EndedByAll() {
		if counts[by] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[by], by))
		}
	}
	return strings.Join(parts, ", ")
}

// sayUnderWay lists what the background still has to do, of any campaign or of
// one; nothing when there is nothing.
func (s *session) sayUnderWay(ctx context.Context, key string) error {
	open, err := s.operator.UnderWay(ctx, key)
	if err != nil || len(open) == 0 {
		return err
	}
	s.sayf("\nUnder way in the background:\n%s", backgroundTable(open).Render(s.Width))
	return nil
}

// byNumber are the codes of a count in the catalogue's order.
func byNumber(counts map[failure.Code]int) []failure.Code {
	found := []failure.Code{}
	for code := range counts {
		found = append(found, code)
	}
	slices.SortFunc(found, func(a, b failure.Code) int { return a.Entry().Number - b.Entry().Number })
	return found
}
