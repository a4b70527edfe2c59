package workspace

import (
	"fmt"
	"slices"
	"strings"

	"relance/internal/campaign"
	"relance/internal/pace"
)

func (r *reader) campaign(n *node, path string) campaign.Campaign {
	got := r.mapping(n, path, "key", "name", "owner", "sender", "senders", "window", "on_reply", "unsubscribe", "steps")
	if got == nil {
		return campaign.Campaign{}
	}
	c := campaign.Campaign{
		Key:    r.key(got["key"], n, path+".key"),
		Name:   strings.TrimSpace(r.need(got["name"], n, path+".name", "the name of the campaign")),
		Owner:  r.need(got["owner"], n, path+".owner", "the key of a user"),
		Sender: r.sender(got["sender"], path+".sender"),
		Window: r.window(got["window"], path+".window"),
	}
	c.OnReply, c.NoUnsubscribe = r.onReply(got["on_reply"], path+".on_reply"), !r.flag(got["unsubscribe"], path+".unsubscribe", true)
	r.senders(got, path, &c)
	if c.Owner != "" && !r.wrong("users") && !slices.Contains(r.users, c.Owner) {
		r.add(got["owner"].line, path+".owner", "there is no user %q%s; %s", c.Owner, meant(c.Owner, r.users), oneOf(r.users, "users"))
	}
	steps := got["steps"]
	if steps == nil {
		r.add(n.line, path+".steps", "missing; expected a list of email, wait and sms steps")
		return c
	}
	if steps.kind == aList && len(steps.items) == 0 {
		r.add(steps.line, path+".steps", "empty; expected at least one email or sms step")
		return c
	}
	before := len(r.problems)
	var templates [][]Template
	c.Steps = list(r, steps, path+".steps", func(n *node, path string) campaign.Step {
		r.ofStep = nil
		step := r.step(n, path)
		templates = append(templates, r.ofStep)
		return step
	})
	if len(r.problems) == before && !slices.ContainsFunc(c.Steps, func(s campaign.Step) bool { return s.Kind.Sends() }) {
		r.add(steps.line, path+".steps", "only waits; expected at least one email or sms step")
	}
	r.ids(steps, c.Steps, path+".steps")
	for i, ofStep := range templates {
		for _, t := range ofStep {
			t.Campaign, t.StepID = c.Key, c.Steps[i].ID
			r.templates = append(r.templates, t)
		}
	}
	return c
}

// sender reads the campaign's sender, which may be missing, in the spelling of the account.
func (r *reader) sender(n *node, path string) string {
	s := strings.TrimSpace(r.text(n, path))
	if s == "" {
		return ""
	}
	for _, address := range r.accounts {
		if campaign.Spellings(address)[0] == campaign.Spellings(s)[0] {
			return address
		}
	}
	if r.wrong("email_accounts") {
		return ""
	}
	r.add(n.line, path, "there is no email account %q%s; %s", s, meant(s, r.accounts), oneOf(r.accounts, "email accounts"))
	return ""
}

// senders reads a list of senders: any of them takes a contact that nobody has mailed.
func (r *reader) senders(got map[string]*node, path string, c *campaign.Campaign) {
	n := got["senders"]
	if n == nil {
		return
	}
	path += ".senders"
	if got["sender"] != nil {
		r.add(n.line, path, "the campaign has a sender in line %d already; expected sender, for one that is everybody's, or senders, for a list of which any takes a contact, not both", got["sender"].line)
		return
	}
	if n.kind == aList && len(n.items) == 0 {
		r.add(n.line, path, "empty; expected at least one email account")
		return
	}
	named := map[string]bool{}
	c.Senders = list(r, n, path, func(n *node, path string) string {
		address := r.sender(n, path)
		switch {
		case n.kind == aText && strings.TrimSpace(n.text) == "" || n.kind == aNull:
			r.add(n.line, path, "empty; expected the address of an email account")
		case address != "" && named[address]:
			r.add(n.line, path, "%q is named twice", address)
		}
		named[address] = true
		return address
	})
	if len(c.Senders) > 0 {
		c.Sender = c.Senders[0]
	}
}

// step reads one step. Its id is given, or the kind and the position from 1: wait-2.
func (r *reader) step(n *node, path string) campaign.Step {
	got := r.mapping(n, path, "id", "renamed_from", "email", "wait", "sms")
	if got == nil {
		return campaign.Step{}
	}
	var s campaign.Step
	if got["id"] != nil {
		s.ID = r.key(got["id"], n, path+".id")
	}
	if from := got["renamed_from"]; from != nil {
		switch s.RenamedFrom = r.key(from, n, path+".renamed_from"); {
		case got["wait"] != nil:
			r.add(from.line, path+".renamed_from", "a wait keeps no place; leave it out")
		case got["id"] == nil:
			r.add(from.line, path+".renamed_from", "the step has no id; expected the id that it has now")
		case s.RenamedFrom == s.ID:
			r.add(from.line, path+".renamed_from", "that is the id that it has; leave it out")
		}
	}
	var given []string
	for _, kind := range campaign.Kinds() {
		if got[string(kind)] != nil {
			given = append(given, string(kind))
			s.Kind = kind
		}
	}
	switch {
	case len(given) == 0:
		r.add(n.line, path, "the step does nothing; expected email, wait or sms")
	case len(given) > 1:
		r.add(n.line, path, "the step has %s; expected one of them: make a step of each", strings.Join(given, " and "))
	default:
		r.part(got[string(s.Kind)], path+"."+string(s.Kind), &s)
	}
	return s
}

// part reads what the step's kind asks for.
func (r *reader) part(n *node, path string, s *campaign.Step) {
	switch s.Kind {
	case campaign.Wait:
		s.SetWait(r.wait(n, path))
	case campaign.Email:
		r.email(n, path, s)
	case campaign.SMS:
		if sms := r.mapping(n, path, "text"); sms != nil {
			s.Text = r.template(sms["text"], n, path, "text")
		}
	}
}

func (r *reader) wait(n *node, path string) pace.Wait {
	if n.kind == aMap || n.kind == aList {
		r.add(n.line, path, "this is %s; %s", n.kind, pace.WaitExamples)
		return pace.Wait{}
	}
	wait, err := pace.ParseWait(strings.TrimSpace(n.text))
	if err != nil {
		r.add(n.line, path, "%s %v", value(n), err)
	}
	return wait
}

func (r *reader) email(n *node, path string, s *campaign.Step) {
	got := r.mapping(n, path, "subject", "body", "reply_to")
	if got == nil {
		return
	}
	s.ReplyTo = r.text(got["reply_to"], path+".reply_to")
	switch {
	case got["reply_to"] == nil:
		s.Subject = r.template(got["subject"], n, path, "subject")
		if strings.ContainsAny(strings.TrimSpace(s.Subject), "\r\n") {
			r.add(got["subject"].line, path+".subject", "the subject has a line break; expected one line")
		}
		s.Subject = strings.TrimSpace(s.Subject)
	case s.ReplyTo == "":
		r.add(got["reply_to"].line, path+".reply_to", "is empty; expected the id of an earlier email step, or a subject and no reply_to")
	case got["subject"] != nil:
		r.add(got["subject"].line, path+".subject", "a reply has the subject of the email it replies to; expected subject or reply_to, not both")
	}
	s.Body = r.template(got["body"], n, path, "body")
}

// template reads a Liquid template that must be there.
func (r *reader) template(n, within *node, path, part string) string {
	path += "." + part
	s := r.need(n, within, path, "a text, which may be a Liquid template")
	if strings.TrimSpace(s) == "" {
		return s
	}
	of := Template{Part: part, Text: s, line: n.line, first: n.first}
	r.ofStep = append(r.ofStep, of)
	if r.ValidateTemplate == nil {
		return s
	}
	r.ValidateTemplate(s, func(line int, text string) {
		if n.first == 0 && strings.Contains(strings.TrimSpace(s), "\n") {
			r.add(of.Line(line), path, "line %d of the %s %s", line, part, text)
			return
		}
		r.add(of.Line(line), path, "the %s %s", part, text)
	})
	return s
}

// ids gives the steps that have none their ids, and checks that each id is
// used once and that every reply_to names an earlier email.
func (r *reader) ids(n *node, steps []campaign.Step, path string) {
	lines := map[string]int{}
	var emails []string
	for i := range steps {
		s, at := &steps[i], n.items[i]
		for _, e := range at.entries {
			if e.key == "id" {
				at = e.value
			}
		}
		if s.ID == "" && s.Kind != "" {
			s.ID = fmt.Sprintf("%s-%d", s.Kind, i+1)
		}
		if first, twice := lines[s.ID]; twice && s.ID != "" {
			r.add(at.line, fmt.Sprintf("%s[%d].id", path, i), "%q is used twice, first in line %d", s.ID, first)
		} else {
			lines[s.ID] = at.line
		}
		if s.ReplyTo != "" && !slices.Contains(emails, s.ReplyTo) {
			r.add(replyLine(n.items[i]), fmt.Sprintf("%s[%d].email.reply_to", path, i), "%q is not an earlier email step%s; %s", s.ReplyTo, meant(s.ReplyTo, emails), oneOf(emails, "email steps before it"))
		}
		if s.Kind == campaign.Email {
			emails = append(emails, s.ID)
		}
	}
}

func replyLine(step *node) int {
	for _, e := range step.entries {
		if e.key != "email" {
			continue
		}
		for _, part := range e.value.entries {
			if part.key == "reply_to" {
				return part.line
			}
		}
	}
	return step.line
}

func oneOf(values []string, what string) string {
	if len(values) == 0 {
		return "there are no " + what
	}
	return "expected " + listed(values)
}
