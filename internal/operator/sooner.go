package operator

import (
	"fmt"
	"time"

	"relance/internal/failure"
	"relance/internal/pace"
)

// Sooner is what would let a mail leave sooner: for the first of its reasons, as a line to
// type where there is one. Empty when nothing would, or nothing holds it back.
func Sooner(why Why) string {
	if len(why.Reasons) == 0 {
		return ""
	}
	if why.Account == "" { // any of several senders: the one that takes the contact as it looks now
		why.Account = why.Likely
	}
	account, key := why.Account, why.Campaign
	reasons := why.Reasons
	if len(reasons) > 1 && reasons[0].Reason == NoMailLeft { // what comes is an SMS, or the end
		reasons = reasons[1:]
	}
	switch reasons[0].Reason {
	case NoWorkflow:
		return failure.ReconcileCommand(key, why.ContactID)
	case pace.InError:
		return fmt.Sprintf("starter errors --contact %d says how to fix it", why.ContactID)
	case pace.CampaignPaused:
		return "starter campaign unpause " + key
	case pace.CampaignWindow:
		return "another window for the campaign, in workspace.yaml"
	case pace.Holiday:
		if why.Reasons[0].Detail == "" { // an own day
			return "holidays: none in the campaign's window, or take the day out of `add` under the workspace's holidays"
		}
		return "holidays: none in the campaign's window, or put the day into `remove` under the workspace's holidays"
	case NoSender:
		return fmt.Sprintf("starter campaign set-sender %s ADDRESS", key)
	case pace.AccountInError, AccountRemoved:
		if len(why.AnyOf) > 0 {
			return "starter email-account list: reconnect one of its senders, or add it again"
		}
		if why.Reasons[0].Reason == AccountRemoved {
			return "starter email-account add " + account
		}
		return "starter email-account reconnect " + account
	case pace.AccountRests:
		return fmt.Sprintf("it sends again when its rest is over; starter email-account test %s shows what its server says now", account)
	case pace.AccountHours:
		return fmt.Sprintf("starter email-account pace %s --hours WINDOWS", account)
	case pace.DayLimit:
		if bottleneck(why) == pace.RampLimit {
			return fmt.Sprintf("starter email-account pace %s --ramp START+ADD", account)
		}
		return fmt.Sprintf("starter email-account pace %s --per-day COUNT", account)
	case pace.Gap, pace.InLine:
		return soonerInLine(why)
	case NotStarted, GoesOn, Looks:
		return "starter background shows how far it is; a worker has to run"
	case pace.Held:
		return fmt.Sprintf("starter contacts release %d", why.ContactID)
	case LetLapse:
		return fmt.Sprintf("starter reconcile --campaign %s --contact %d says whether its workflow is gone; else it has another turn then", key, why.ContactID)
	case AwaitsLook:
		return fmt.Sprintf("starter email-account test %s says whether its mailbox can be read; a worker has to run", why.Reasons[0].Detail)
	case pace.Ended, pace.NotDue, pace.HasTurn, pace.Retried, Busy, NoMailLeft,
		pace.RampLimit, pace.OpenTime, pace.Sent, pace.TimeLeft: // the last four hold nothing back by themselves
	}
	return ""
}

// soonerInLine is what moves the line.
func soonerInLine(why Why) string {
	set := "starter email-account pace " + why.Account
	if limit := bottleneck(why); limit == pace.DayLimit {
		return set + " --per-day COUNT"
	} else if limit == pace.RampLimit {
		return set + " --ramp START+ADD"
	}
	if why.Reasons[0].Reason == pace.Gap || bottleneck(why) != "" {
		return set + " --gap TIME"
	}
	return "" // the account limits nothing
}

func bottleneck(why Why) Limit {
	if why.Today == nil {
		return ""
	}
	return why.Today.Bottleneck
}

// ClockOf is an instant on the clock of a zone, in this layout and with the zone's name; in the hour that
// a night has twice, with the offset too. The error is that of an unknown name.
func ClockOf(t time.Time, zone, layout string) (string, error) {
	in, err := TimeIn(t, zone)
	if err != nil {
		return "", err
	}
	if pace.Twice(in) {
		return in.Format(layout+" ") + zone + in.Format(" (UTC-07:00)"), nil
	}
	return in.Format(layout+" ") + zone, nil
}

// TimeIn is an instant on the clock of a zone; the error is that of an unknown name.
func TimeIn(t time.Time, zone string) (time.Time, error) {
	location, err := pace.Zone(zone)
	if err != nil {
		return t, err
	}
	return t.In(location), nil
}
