package failure

import (
	"fmt"
	"strings"
	"unicode"
)

// NextCommand is the `starter` line to type next for a contact that is parked
// with this problem: the fix where a command can be the fix, else the resume. A campaign of several
// senders keeps them.
func NextCommand(problem Problem, campaignKey string, contactID int64, several bool) string {
	switch problem.Code {
	case EmailAccountDisconnected:
		if several {
			return disconnected(problem, campaignKey)
		}
		return fmt.Sprintf("starter campaign set-sender %s ADDRESS", campaignKey)
	case OwnerHasNoSendingAddress:
		return fmt.Sprintf("starter campaign set-sender %s ADDRESS", campaignKey)
	case EmailAccountInError, MailboxUnreadable:
		return "starter email-account reconnect " + named(problem, Cause.Account, "ADDRESS")
	case ContactHasNoEmail, EmailAlreadyBounced:
		return fmt.Sprintf("starter contacts set %d --email ADDRESS", contactID)
	case NoCreditsLeft:
		return "starter credits add N"
	case OwnerHasNoPhone:
		return fmt.Sprintf("starter user set %s --phone NUMBER", named(problem, Cause.User, "KEY"))
	case DeliveryUncertain:
		return fmt.Sprintf("starter resume %d --campaign %s --assume sent     # or: --assume not-sent", contactID, campaignKey)
	case MessageCannotBeRendered:
		return fillIn(problem, contactID)
	case NoCommonSendingTime:
		return "starter apply -f workspace.yaml     # with another window, or other hours of the account"
	case WorkflowEnded:
		return ReconcileCommand(campaignKey, contactID)
	case SendingFailed:
	}
	return fmt.Sprintf("starter resume %d --campaign %s", contactID, campaignKey)
}

// disconnected has another sender take on those of the one that is gone; when all are, one is added again.
func disconnected(problem Problem, campaignKey string) string {
	var gone []string
	for _, cause := range problem.Causes {
		if address, ok := cause.Account(); ok {
			gone = append(gone, address)
		}
	}
	if len(gone) == 1 {
		return fmt.Sprintf("starter campaign move-sender %s --from %s --to ADDRESS", campaignKey, gone[0])
	}
	return "starter email-account add " + named(problem, Cause.Account, "ADDRESS")
}

// fillIn gives the contact the value that a template misses, or repairs the
// template when that is what is wrong.
func fillIn(problem Problem, contactID int64) string {
	switch {
	case problem.Variable == "" && problem.Detail != "":
		return "starter apply -f workspace.yaml     # with the template corrected"
	case strings.ContainsFunc(problem.Variable, notInAName) || problem.Variable == "":
		return fmt.Sprintf("starter contacts set %d --field NAME=VALUE", contactID)
	}
	switch name := problem.Variable; name {
	case "first_name", "last_name", "company", "phone", "email":
		return fmt.Sprintf("starter contacts set %d --%s VALUE", contactID, strings.ReplaceAll(name, "_", "-"))
	case "full_name", "name":
		return fmt.Sprintf("starter contacts set %d --first-name VALUE --last-name VALUE", contactID)
	default:
		return fmt.Sprintf("starter contacts set %d --field %s=VALUE", contactID, name)
	}
}

// notInAName is true for what would have to be quoted in a shell.
func notInAName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("_.-", r)
}

// named is what the problem's causes name, or a placeholder.
func named(problem Problem, name func(Cause) (string, bool), otherwise string) string {
	for _, cause := range problem.Causes {
		if name, ok := name(cause); ok {
			return name
		}
	}
	return otherwise
}
