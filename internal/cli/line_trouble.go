package cli

import (
	"fmt"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// sayLineTroubles says what is the matter with lines, each once, and what to do.
func (s *session) sayLineTroubles(statuses []operator.Status) {
	type about struct {
		what operator.LineProblem
		line string
	}
	said := map[about]bool{}
	for _, status := range statuses {
		for _, trouble := range status.LineTroubles {
			if which := (about{trouble.What, lineOwner(trouble)}); !said[which] {
				said[which] = true
				s.sayf("\n%s", lineTroubleText(trouble))
			}
		}
	}
}

// lineOwner is whose line it is: an account's, or of several senders a campaign's.
func lineOwner(trouble operator.LineTrouble) string {
	if trouble.Account == "" && len(trouble.Campaigns) == 1 {
		return trouble.Campaigns[0]
	}
	return trouble.Account
}

func lineTroubleText(trouble operator.LineTrouble) string {
	contacts := print.Plural(trouble.Contacts, "contact")
	wait := either(trouble.Contacts == 1, "waits", "wait")
	switch trouble.What {
	case operator.NoGiver:
		last := "never since the database was made"
		if trouble.Since != nil {
			last = "last at " + print.Moment(*trouble.Since)
		}
		return fmt.Sprintf("Nobody gives turns (%s), and %s %s for one. Start a worker, and unpause the schedule give-turns if it is paused.", last, contacts, wait)
	case operator.Stalled:
		return fmt.Sprintf("%s: nothing has left since %s, although %s %s, the window is open and the day has budget left. starter errors and the worker's log say what fails.",
			trouble.Account, print.Moment(*trouble.Since), contacts, wait)
	case operator.PutAside:
		return fmt.Sprintf("%s: %s did not use several turns and %s aside; each is given another within an hour. starter reconcile finds workflows that are gone.",
			lineOwner(trouble), contacts, either(trouble.Contacts == 1, "rests", "rest"))
	case operator.TooLong:
		long := "which it can never serve"
		if trouble.Days > 0 {
			long = fmt.Sprintf("which takes about %d days", trouble.Days)
		}
		raise := "Raise its pace (starter email-account pace), or disenroll some."
		if trouble.Account == "" {
			raise = "Raise the pace of its senders (starter email-account pace), or disenroll some."
		}
		return fmt.Sprintf("%s: %s %s in line, %s. %s", lineOwner(trouble), contacts, wait, long, raise)
	}
	return string(trouble.What)
}
