package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/operator"
)

// rateFlag is --rate; value is nil when it was not given.
type rateFlag struct{ value *campaign.Rate }

func (r *rateFlag) flag(command *cobra.Command, does string) {
	command.Flags().Var(r, "rate", does+" at most so many contacts a second, a minute or an hour: `10, 300/m or 1000/h`, or none")
}

// Set reads what was typed.
func (r *rateFlag) Set(text string) error {
	rate, err := campaign.ParseRate(text)
	if err == nil {
		r.value = &rate
	}
	return err
}

func (r *rateFlag) String() string { return "" }

// Type names the flag's kind for cobra.
func (*rateFlag) Type() string { return "rate" }

// limit is the rate, or 0.
func (r *rateFlag) limit() campaign.Rate {
	if r.value == nil {
		return 0
	}
	return *r.value
}

// paced is what a fix is done with, at the rate that was given, if any.
func (s *session) paced(wait waitFlag, rate rateFlag) *operator.Operator {
	if rate.value == nil {
		return s.operations(wait)
	}
	return s.operations(wait).Pacing(*rate.value)
}

// atRate is ` at 10/s, which takes about 3 h`; empty without a limit.
func atRate(rate campaign.Rate, contacts int) string {
	if rate == 0 || contacts == 0 {
		return ""
	}
	return fmt.Sprintf(" at %s, which takes about %s", rate, print.Age(time.Duration(float64(contacts)/float64(rate)*float64(time.Second))))
}
