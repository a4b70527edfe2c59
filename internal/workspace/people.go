package workspace

import (
	"fmt"
	"strconv"
	"strings"

	"relance/internal/campaign"
)

func (r *reader) plan(n *node) *campaign.Billing {
	const expected = "expected unlimited or {credits: 500}"
	switch {
	case n == nil:
		return nil
	case n.kind == aText && n.text == "unlimited":
		return &campaign.Billing{Unlimited: true}
	case n.kind != aMap:
		r.add(n.line, "plan", "this is %s; %s", shown(n), expected)
		return nil
	}
	credits := r.mapping(n, "plan", "credits")["credits"]
	if credits == nil {
		r.add(n.line, "plan.credits", "missing; %s", expected)
		return nil
	}
	count, err := strconv.ParseInt(credits.text, 10, 64)
	if credits.kind != aNumber || err != nil || count < 0 {
		r.add(credits.line, "plan.credits", "%s is not a number of credits; expected a whole number from 0", value(credits))
		return nil
	}
	return &campaign.Billing{Credits: count}
}

func (r *reader) user(n *node, path string) campaign.User {
	got := r.mapping(n, path, "key", "name", "email", "phone")
	if got == nil {
		return campaign.User{}
	}
	return campaign.User{
		Key:   r.key(got["key"], n, path+".key"),
		Name:  strings.TrimSpace(r.need(got["name"], n, path+".name", "the person's name")),
		Email: r.address(got["email"], path+".email"),
		Phone: r.phone(got["phone"], path+".phone"),
	}
}

// address reads an email address that may be missing.
func (r *reader) address(n *node, path string) string {
	s := strings.TrimSpace(r.text(n, path))
	if s == "" {
		return ""
	}
	clean, err := campaign.ParseAddress(s)
	if err != nil {
		r.add(n.line, path, "%v; expected for example maya@northwind.example", err)
	}
	return clean
}

// phone reads a number that may be missing.
func (r *reader) phone(n *node, path string) string {
	s := r.text(n, path)
	if strings.TrimSpace(s) == "" {
		return ""
	}
	number, err := campaign.ParsePhone(s)
	if err != nil {
		r.add(n.line, path, "%v", err)
	}
	return number
}

// value shows a scalar as it stands in the file, anything else by its kind.
func value(n *node) string {
	switch n.kind {
	case aText:
		return fmt.Sprintf("%q", n.text)
	case aNumber, aBool:
		return n.text
	case aNull, aList, aMap:
	}
	return string(n.kind)
}
