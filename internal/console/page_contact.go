package console

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/operator"
)

// contactView is a contact, where it stands, what was sent to it and all that has
// happened to it.
type contactView struct {
	operator.ContactDetails
	// Version and Seen are for its forms: what was there to be seen.
	Version, Seen int64
	// Edit is the form with all its fields.
	Edit   Form
	Fields []contactField
	// Places are its enrollments.
	Places   []placeView
	Messages []operator.Message
	// Heard is what keeps emails from it, Replies are the last messages that were heard of it.
	Heard   operator.ContactHeard
	Replies operator.InboundPage
	// Events are the timeline, newest first.
	Events []operator.Event
}

// contactField is one value of a contact in its form. Value is what was typed, where
// that was something else than what the form has shown.
type contactField struct {
	Key, Label, Value, Now string
	// Long is true for a value of several lines.
	Long bool
}

// placeView is where the contact stands in one campaign.
type placeView struct {
	operator.Enrollment
	ContactID int64
	// Web is the page of its workflow in the Temporal Web UI.
	Web string
	// Error is set while it is in error; Card is the repair, Missing the value to fill in.
	Error   *operator.InError
	Card    *card
	Missing valueOf
	// Why is set while it waits: why its next email has not left yet, and when it will.
	Why *operator.Why
}

// Zone is that of its account, in which its card says when; empty where none is known.
func (p placeView) Zone() string {
	if p.Why == nil {
		return ""
	}
	return p.Why.AccountZone
}

// Open is true until the enrollment has ended.
func (p placeView) Open() bool { return !p.Status.Ended() }

// Waits is true while nothing is wrong, and something is still to come.
func (p placeView) Waits() bool {
	return p.Open() && p.Status != campaign.InError && p.Enrollment.Ended == nil
}

// Resumes is true where a person has it try again, and need not say whether it was sent.
func (p placeView) Resumes() bool {
	return p.Error != nil && p.Error.Ended == nil && p.Error.Code.Entry().ByHand && !p.Error.Code.Entry().NeedsAnswer
}

func pageContact(c *Console, r *http.Request, f *frame) (view, error) {
	ctx := r.Context()
	id, err := contactID(r)
	if err != nil {
		return view{}, err
	}
	shown := contactView{Edit: f.Form("edit", id)}
	if shown.Seen, err = c.Operator.SeenUntil(ctx); err != nil { // before the rest: what is fixed meanwhile was not seen
		return view{}, err
	}
	if shown.Version, err = c.Operator.ContactVersion(ctx, id); err != nil {
		return view{}, err
	}
	errors, _, err := c.Operator.ContactErrors(ctx, id)
	if err != nil {
		return view{}, err
	}
	if shown.ContactDetails, err = c.Operator.Contact(ctx, id); err != nil {
		return view{}, err
	}
	shown.Fields = contactFields(shown.Contact, shown.Edit)
	if shown.Places, err = c.places(r, f, shown.ContactDetails, errors); err != nil {
		return view{}, err
	}
	if shown.Messages, err = c.Operator.Messages(ctx, id); err != nil {
		return view{}, err
	}
	if shown.Heard, err = c.Operator.Heard(ctx, shown.Contact); err != nil {
		return view{}, err
	}
	if shown.Replies, err = c.Operator.Inbound(ctx, operator.InboundFilter{Contact: id}, 0, contactReplies); err != nil {
		return view{}, err
	}
	shown.Events, err = c.Operator.Timeline(ctx, id, "")
	slices.Reverse(shown.Events)
	return view{"contact", shown.Name(), shown}, err
}

// contactReplies is how many of the last messages that were heard of a contact its page has.
const contactReplies = 20

// customKey is the field of the form that has a custom field's value.
const customKey = "field:"

// contactFields are the fields of the form, the custom ones by name.
func contactFields(contact operator.Contact, form Form) []contactField {
	fields := []contactField{
		{Key: "first_name", Now: contact.FirstName}, {Key: "last_name", Now: contact.LastName}, {Key: "email", Now: contact.Email},
		{Key: "phone", Now: contact.Phone}, {Key: "company", Now: contact.Company},
	}
	for i := range fields {
		fields[i].Label = fieldLabel(fields[i].Key)
	}
	for _, name := range slices.Sorted(maps.Keys(contact.Fields)) {
		now := contact.Fields[name]
		fields = append(fields, contactField{Key: customKey + name, Label: fieldLabel(name), Now: now, Long: strings.Contains(now, "\n")})
	}
	for i := range fields {
		field := &fields[i]
		field.Value = field.Now
		if was, typed := form.Value("was "+field.Key, ""), form.Value(field.Key, field.Now); form.Typed("was "+field.Key, field.Key) && typedText(typed) != typedText(was) {
			field.Value = typed
		}
	}
	return fields
}

// typedText is a text of a form with the line ends that values have.
func typedText(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// places are the enrollments, each with its repair; one repair is shown once.
func (c *Console) places(r *http.Request, f *frame, contact operator.ContactDetails, errors []operator.InError) ([]placeView, error) {
	whys, err := c.Operator.Why(r.Context(), contact.ID, "")
	if err != nil {
		return nil, err
	}
	places, repaired := make([]placeView, len(contact.Enrollments)), map[string]bool{}
	for i, enrollment := range contact.Enrollments {
		place := &places[i]
		*place = placeView{Enrollment: enrollment, ContactID: contact.ID}
		if of := slices.IndexFunc(whys, func(why operator.Why) bool { return why.Campaign == enrollment.Campaign }); of >= 0 && place.Waits() {
			place.Why = &whys[of]
		}
		if place.Web, err = c.Operator.WorkflowPage(enrollment.Campaign, contact.ID); err != nil {
			return nil, err
		}
		at := slices.IndexFunc(errors, func(one operator.InError) bool { return one.Campaign == enrollment.Campaign })
		if at < 0 {
			continue
		}
		place.Error = &errors[at]
		place.Missing = valueOf{InError: errors[at], Field: fieldOf(errors[at])}
		key := string(errors[at].Code) + " " + string(causeOf(errors[at]))
		if place.Missing.Field != "" {
			key = "value " + place.Missing.Field
		}
		if repaired[key] {
			place.Missing.Field = ""
			continue
		}
		repaired[key] = true
		if place.Card, err = c.cardOf(r, f, errors[at]); err != nil {
			return nil, err
		}
	}
	return places, nil
}

// cardOf is the repair of what keeps a contact, where it is not the contact's own.
func (c *Console) cardOf(r *http.Request, f *frame, item operator.InError) (*card, error) {
	switch item.Code {
	case failure.EmailAccountDisconnected, failure.EmailAccountInError, failure.OwnerHasNoSendingAddress, failure.NoCreditsLeft, failure.OwnerHasNoPhone, failure.NoCommonSendingTime, failure.MailboxUnreadable:
	case failure.ContactHasNoEmail, failure.SendingFailed, failure.EmailAlreadyBounced, failure.DeliveryUncertain, failure.MessageCannotBeRendered, failure.WorkflowEnded:
		return nil, nil //nolint:nilnil // it has no card
	}
	repair, err := c.Operator.Repair(r.Context(), item.Code, causeOf(item))
	if err != nil || repair.Count == 0 {
		return nil, err
	}
	cards, err := c.cards(r, f, []operator.Repair{repair})
	if err != nil {
		return nil, err
	}
	return &cards[0], nil
}

// stepText names a step by its place and its id.
func stepText(index int, id string) string {
	return strconv.Itoa(index+1) + " (" + id + ")"
}

// State is the status as people read it.
func (p placeView) State() string {
	switch p.Status {
	case campaign.InError:
		return "in error"
	case campaign.Active:
		return "on its way"
	case campaign.Waiting, campaign.Paused, campaign.Completed, campaign.Disenrolled:
	}
	return strings.ToLower(string(p.Status))
}
