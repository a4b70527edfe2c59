package api

import (
	"bytes"
	"encoding/json"

	"relance/internal/campaign"
	"relance/internal/operator"
	"relance/internal/plaintext"
)

// contactRef names a contact by its id or its address.
type contactRef string

// UnmarshalJSON takes a number or a text.
func (c *contactRef) UnmarshalJSON(raw []byte) error {
	if !bytes.HasPrefix(raw, []byte(`"`)) {
		*c = contactRef(raw)
		return nil
	}
	return json.Unmarshal(raw, (*string)(c))
}

// selection is the contacts that a program means, as a command names them.
type selection struct {
	Contacts []contactRef `json:"contacts"`
	All      bool         `json:"all"`
	Campaign string       `json:"campaign"`
	Code     string       `json:"code"`
	Rate     string       `json:"rate"`
	DryRun   bool         `json:"dryRun"`
}

func (s selection) resolve(c *call) (operator.Selection, operator.How, error) {
	selected, how := operator.Selection{Campaign: s.Campaign}, operator.How{DryRun: s.DryRun}
	switch {
	case s.All && len(s.Contacts) > 0:
		return selected, how, &operator.Invalid{Field: "contacts", Problem: "are given beside all; expected one of the two"}
	case !s.All && len(s.Contacts) == 0:
		return selected, how, &operator.Invalid{Field: "contacts", Problem: `is missing; expected ids or addresses, or "all": true`}
	case len(s.Contacts) > operator.MaxContacts:
		return selected, how, &wrong{kind: tooLarge, text: "the body names more than 1,000 contacts"}
	}
	var err error
	if selected.Code, err = codeOf(s.Code); err != nil {
		return selected, how, err
	}
	if s.Rate != "" {
		rate, err := readRate(s.Rate)
		if err != nil {
			return selected, how, err
		}
		how.Rate = &rate
	}
	if s.All {
		return selected, how, nil
	}
	names := make([]string, len(s.Contacts))
	for i, one := range s.Contacts {
		names[i] = string(one)
	}
	selected.Contacts, err = c.by.ContactIDs(c.Context(), names...)
	if err == nil && len(selected.Contacts) == 0 { // nil would mean all
		err = &operator.Invalid{Field: "contacts", Problem: "names nobody; expected ids or addresses"}
	}
	return selected, how, err
}

func readRate(text string) (campaign.Rate, error) {
	rate, err := campaign.ParseRate(text)
	if err != nil {
		return 0, &operator.Invalid{Field: "rate", Text: err.Error()}
	}
	return rate, nil
}

// resume is the body of postResume.
type resume struct {
	selection
	Assume string `json:"assume"`
	Note   string `json:"note"`
}

// postResume has contacts in error try their step again.
func postResume(c *call) (reply, error) {
	var body resume
	if _, err := c.body(&body); err != nil {
		return reply{}, err
	}
	selected, how, err := body.resolve(c)
	if err != nil {
		return reply{}, err
	}
	done, err := c.by.Resume(c.Context(), selected, operator.Resume{Note: plaintext.Text(body.Note, plaintext.Note), Assume: campaign.Assume(body.Assume)}, how)
	return accepted(done, done.RequestID, done.Delayed), err
}

// disenroll is the body of postDisenroll.
type disenroll struct {
	selection
	Reason string `json:"reason"`
}

// postDisenroll takes contacts out of a campaign, or of all.
func postDisenroll(c *call) (reply, error) {
	var body disenroll
	if _, err := c.body(&body); err != nil {
		return reply{}, err
	}
	selected, how, err := body.resolve(c)
	if err != nil {
		return reply{}, err
	}
	done, err := c.by.Disenroll(c.Context(), selected, plaintext.Text(body.Reason, plaintext.Note), how)
	return accepted(done, done.RequestID, done.Delayed), err
}
