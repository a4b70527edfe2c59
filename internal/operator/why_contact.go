package operator

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"relance/internal/campaign"
	"relance/internal/pace"
	"relance/internal/store"
)

// Why says of each enrollment of a contact why its next mail has not left yet, and when it
// will; of one campaign when key is not empty. The latest enrollment comes first. An
// ErrNotFound when there is no such contact, a NotFound when there is no such campaign.
func (o *Operator) Why(ctx context.Context, contactID int64, key string) ([]Why, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return nil, err
	}
	view, err := db.LineView(ctx, store.LineQuery{Contact: contactID, OfCampaign: key})
	if err != nil {
		return nil, err
	}
	line, err := lineUpOf(view)
	if err != nil {
		return nil, err
	}
	var likely, latest pace.Forecast
	if len(line.apart) > 0 {
		line.line.Asked = slices.Sorted(maps.Values(line.apart))
		likely, latest = pace.Range(line.Now, line.line, line.senders...)
	}
	all := []Why{}
	for _, enrollment := range view.Enrollments {
		why, err := line.why(enrollment, likely, latest)
		if err != nil {
			return nil, err
		}
		why.answer()
		all = append(all, why)
	}
	return all, nil
}

// why is the answer for one enrollment, from two walks of the line.
func (l *lineUp) why(e store.LineEnrollment, likely, latest pace.Forecast) (Why, error) {
	of := l.campaign(e.Campaign)
	why := Why{ContactID: l.Contact.ID, Contact: l.Contact.Name(), Campaign: e.Campaign, Status: e.Status, Account: e.Sender}
	mail, after := mailAfter(of, e.Had)
	why.name(of, mail)
	facts := pace.Facts{
		Ended: e.Status.Ended(), InError: e.Status == campaign.InError, CampaignPaused: of.Paused,
	}
	details := map[pace.Limit]string{pace.InError: strings.TrimSuffix(e.Code+": "+e.Detail, ": "), pace.Retried: e.RetryWhy}
	recipient := pace.Recipient{}
	if of.Window.InRecipientZone() {
		recipient = pace.RecipientOf(l.Contact.Fields, l.Contact.Phone, l.Contact.Email, l.Now)
	}
	var err error
	if facts.Window, err = of.Window.Hours(l.Calendar, recipient.Zone); err != nil {
		return why, err
	}
	if of.Window.InRecipientZone() {
		why.Zone, why.ZoneBy = facts.Window.Zone.String(), string(recipient.By)
	}
	if facts.Ended || mail < 0 {
		return l.done(why, facts, details, mail, e.WorkflowEnded), nil
	}
	if e.RetryAt != nil {
		facts.RetryAt = *e.RetryAt
	}
	if e.HeldUntil != nil {
		facts.Held, facts.HeldUntil, details[pace.Held] = true, *e.HeldUntil, e.HeldWords
	}
	busyUntil := busyUntil(of, e, why.StepID)
	if e.NextAt != nil && e.Status == campaign.Waiting && busyUntil.IsZero() {
		facts.Due = e.NextAt.Add(after)
	}
	why.Due = known(facts.Due)
	if e.Since != nil && e.LineState != "held" {
		why.Due = known(*e.Since)
	}
	facts.HasTurn = !e.WorkflowEnded && (e.LineState == "granted" || e.LineState == "claimed" ||
		e.Status == campaign.Active && e.Started && e.RetryAt == nil && e.LineState != "waiting" && e.LineState != "asleep")
	if len(of.Senders) > 0 && e.Sender == "" {
		why.AnyOf, why.Likely = of.Senders, l.likely(of, e.ID, latest)
	}
	cannotSend := l.sending(&why, &facts, details)
	isLooking := e.Status == campaign.Waiting && e.NextAt == nil && e.LineState == "held" // see store.LineView
	if at, stands := l.apart[e.ID]; stands {
		why.Before = l.line.Before(l.Now, at, latest.By[at], l.senders...)
		if of := l.sender(cmp.Or(why.Account, why.Likely)); of >= 0 && !facts.HasTurn && l.line.Waiting[at].HasPlace() && !l.Senders[of].Pace.Free() {
			why.Before += l.leaving[of] // it has the turn, and a slow server may hold it for minutes
		}
		why.Earliest, why.Latest = known(likely.Leaves[at]), known(latest.Leaves[at])
		why.Exact = l.line.Waiting[at].HasPlace() && !isLooking
		facts.Before, facts.Expected = why.Before, latest.Leaves[at]
	}
	if e.AsideUntil != nil { // it waits for nobody
		facts.Before = 0
	}
	why.Reasons = WhyReasons(l.Now, facts, details)
	for i, reason := range why.Reasons {
		if reason.Reason == pace.AccountInError {
			why.Reasons[i].Reason = cannotSend
		}
	}
	if !e.WorkflowEnded && busyUntil.After(l.Now) && (facts.Sender == nil || busyUntil.After(facts.Sender.Rests)) { // else that says it
		why.Reasons = append(why.Reasons, WhyReason{Reason: Busy, Until: known(busyUntil)})
	}
	if e.AsideUntil != nil {
		why.Reasons = append(why.Reasons, WhyReason{Reason: LetLapse, Until: known(*e.AsideUntil)})
	}
	if e.AwaitsLook != nil && e.LineState == "asleep" {
		why.Reasons = append(why.Reasons, WhyReason{Reason: AwaitsLook, Detail: e.LooksAt})
	}
	if !e.WorkflowEnded && !e.Started && e.StartsAt == nil && !facts.InError && !facts.CampaignPaused {
		why.Reasons = append([]WhyReason{{Reason: NotStarted}}, why.Reasons...)
	}
	if !e.WorkflowEnded && isLooking && !of.Paused {
		why.Reasons = append([]WhyReason{{Reason: Looks}}, why.Reasons...)
	}
	if !e.WorkflowEnded && e.Status == campaign.Paused && !of.Paused {
		why.Reasons = append([]WhyReason{{Reason: GoesOn}}, why.Reasons...)
	}
	if e.WorkflowEnded {
		why.Reasons = append([]WhyReason{{Reason: NoWorkflow}}, why.Reasons...)
	}
	return why, nil
}

// busyUntil is until when an email waits that is due: its account rests, or is busy with others. Zero for who waits
// before it, or is still to begin.
func busyUntil(of *campaign.Campaign, e store.LineEnrollment, mail string) time.Time {
	stands := slices.ContainsFunc(of.Path(), func(step campaign.PathStep) bool { return step.ID == mail && step.Is(e.StepID) })
	if e.NextAt == nil || e.Status != campaign.Waiting || !e.Started || !stands {
		return time.Time{}
	}
	return *e.NextAt
}

// name says which mail it is.
func (w *Why) name(of *campaign.Campaign, mail int) {
	for _, step := range of.Steps {
		if step.Kind != campaign.Email {
			continue
		}
		if w.Mails == mail {
			w.StepID, w.Mail = step.ID, mail+1
		}
		w.Mails++
	}
}

// done is the answer where no mail comes.
func (l *lineUp) done(why Why, facts pace.Facts, details map[pace.Limit]string, mail int, workflowEnded bool) Why {
	facts.Window = pace.Hours{Zone: time.UTC}
	why.Reasons, why.Account = WhyReasons(l.Now, facts, details), ""
	if !facts.Ended && workflowEnded {
		why.Reasons = append([]WhyReason{{Reason: NoWorkflow}}, why.Reasons...)
	}
	if !facts.Ended && mail < 0 {
		why.Reasons = append([]WhyReason{{Reason: NoMailLeft}}, why.Reasons...)
	}
	return why
}

// likely is the sender that takes an unbound enrollment, as the walk has it; the first that
// can send where it does not say, and the first of all when none can.
func (l *lineUp) likely(of *campaign.Campaign, enrollment int64, walked pace.Forecast) string {
	if at, stands := l.apart[enrollment]; stands && walked.By[at] != pace.Unbound {
		return l.Senders[walked.By[at]].Address
	}
	for _, address := range of.Senders {
		if at := l.sender(address); at >= 0 && !l.senders[at].InError {
			return address
		}
	}
	return of.Senders[0]
}

// sending adds what is known of the account that a mail leaves from, and says what it is when it cannot send.
func (l *lineUp) sending(why *Why, facts *pace.Facts, details map[pace.Limit]string) (cannotSend Limit) {
	at := l.sender(cmp.Or(why.Account, why.Likely))
	if at < 0 {
		facts.Sender = &pace.Sender{InError: true, Account: pace.Account{Hours: pace.Hours{Zone: time.UTC}}}
		return NoSender
	}
	facts.Sender = &l.senders[at]
	sender := l.Senders[at]
	details[pace.AccountRests] = sender.RestReason
	today := waterfallOf(facts.Sender.Today(l.Now, facts.Window))
	why.Today, why.AccountZone = &today, facts.Sender.Account.Hours.Zone.String()
	if sender.Status == campaign.AccountRemoved {
		return AccountRemoved
	}
	details[pace.AccountInError] = sender.Reason
	return pace.AccountInError
}
