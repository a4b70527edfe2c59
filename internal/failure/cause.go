package failure

import (
	"strconv"
	"strings"
)

// Cause names what has to change for a parked contact to go on. A park waits
// for one or more causes; a fix names the causes it has changed.
//
// A cause may carry the part that matters after a slash
// (`contact:17/email`), so that a fix wakes exactly those it concerns: a new
// phone number of a contact does not wake one that waits for an address.
type Cause string

// Plan is the cause of contacts that wait for credits or another plan.
const Plan Cause = "plan"

// Operator is shown for parks that only a person can end (codes 6 and 9).
const Operator Cause = "operator"

// EmailAccount is the cause of contacts that wait for an email account.
func EmailAccount(address string) Cause { return Cause("email_account:" + address) }

// CampaignSender is the cause of contacts that wait for another sender in the campaign.
func CampaignSender(key string) Cause { return Cause("campaign:" + key + "/sender") }

// CampaignSteps is the cause of contacts that wait for an edit of the campaign's texts.
func CampaignSteps(key string) Cause { return Cause("campaign:" + key + "/steps") }

// CampaignWindow is the cause of contacts that wait for other sending times of the campaign.
func CampaignWindow(key string) Cause { return Cause("campaign:" + key + "/window") }

// AccountPace is the cause of contacts that wait for other hours of an email account.
func AccountPace(address string) Cause { return Cause("pace:" + address) }

// Mailbox is the cause of contacts whose sender's mailbox has to be read before they are written to again.
func Mailbox(address string) Cause { return Cause("mailbox:" + address) }

// Calendar is the cause of contacts that wait for other holidays or another zone of the workspace.
const Calendar Cause = "calendar"

// CampaignActive is the cause of contacts that are paused with their campaign.
func CampaignActive(key string) Cause { return Cause("campaign:" + key + "/active") }

// ContactEmail is the cause of contacts that wait for (another) address.
func ContactEmail(id int64) Cause { return Cause("contact:" + strconv.FormatInt(id, 10) + "/email") }

// ContactFields is the cause of contacts that wait for a value of any of their fields.
func ContactFields(id int64) Cause { return Cause("contact:" + strconv.FormatInt(id, 10) + "/fields") }

// OwnerPhone is the cause of contacts that wait for the owner's phone number.
func OwnerPhone(userKey string) Cause { return Cause("user:" + userKey + "/phone") }

// Account is the email account that the cause names, if it names one.
func (c Cause) Account() (address string, ok bool) {
	return strings.CutPrefix(string(c), string(EmailAccount("")))
}

// User is the user that the cause names, if it names one.
func (c Cause) User() (key string, ok bool) {
	return strings.CutPrefix(c.Thing(), OwnerPhone("").Thing())
}

// Thing is the cause without its part: the search attribute ErrorCause and the
// `cause` that the CLI shows, for example `contact:17`.
func (c Cause) Thing() string {
	if _, ok := c.Account(); ok { // an address may have a slash
		return string(c)
	}
	thing, _, _ := strings.Cut(string(c), "/")
	return thing
}

// Group is the cause as repairs are listed: the contacts' own causes are one.
func (c Cause) Group() Cause {
	if strings.HasPrefix(string(c), "contact:") {
		return "contact"
	}
	if c == "" {
		return Operator
	}
	return Cause(c.Thing())
}
